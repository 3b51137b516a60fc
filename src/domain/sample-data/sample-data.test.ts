import { expect, test } from "vitest";
import { parseDomain } from "../kit/domain-name.ts";
import { parseEmail } from "../kit/email.ts";
import { sampleCompanies, sampleContacts } from "./sample-data.ts";

test("there are 50 companies and 150 contacts, each with a domain and an e-mail of its own that no real one can have", () => {
  const companies = sampleCompanies();
  const contacts = sampleContacts();
  expect([companies.length, contacts.length]).toEqual([50, 150]);
  expect(new Set(companies.map(({ domain }) => domain)).size).toBe(50);
  expect(new Set(contacts.map(({ email }) => email)).size).toBe(150);
  for (const { domain } of companies) expect(parseDomain(String(domain))).toEqual({ ok: true, value: domain });
  for (const { email } of contacts) {
    expect(parseEmail(String(email))).toEqual({ ok: true, value: email });
    expect(email).toMatch(/\.example$/);
  }
});
