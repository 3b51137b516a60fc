import fc from "fast-check";
import { expect, test } from "vitest";
import { domainOfEmail, parseDomain, registrableDomain } from "./domain-name.ts";

test.each([
  ["https://www.Brückner.de/path", "xn--brckner-o2a.de"],
  ["WWW.example.com", "example.com"],
  ["example.com", "example.com"],
  [" example.com. ", "example.com"],
  ["example.com:8080/path?q=1#top", "example.com"],
  ["http://example.com:8080", "example.com"],
  ["//example.com/path", "example.com"],
  ["ftp://files.example.com", "files.example.com"],
  ["example.com?q=a@b", "example.com"],
  ["XN--BRCKNER-O2A.DE", "xn--brckner-o2a.de"],
  ["例子.测试", "xn--fsqu00a.xn--0zwm56d"],
  ["ｅｘａｍｐｌｅ。com", "example.com"],
  ["www.www.example.com", "example.com"],
  ["www.com", "www.com"],
  ["www.gov.uk", "gov.uk"],
  ["1und1.de", "1und1.de"],
  ["acme.local", "acme.local"],
])("%j is the domain %s", (typed, domain) => {
  expect(parseDomain(typed)).toEqual({ ok: true, value: domain });
});

test.each([
  "",
  "localhost",
  "com",
  ".",
  ".com",
  "example..com",
  "-example.com",
  "exa mple.com",
  "exa_mple.com",
  "exa%6dple.com",
  "exa\tmple.com",
  "exam\0ple.com",
  "jane@example.com",
  "https://jane:secret@example.com/",
  "mailto:jane@example.com",
  "192.0.2.1",
  "http://192.0.2.1/",
  "１９２.0.2.1",
  "0x7f.1",
  "[2001:db8::1]",
  "example.c",
  "example.123",
  "xn--a.de",
  `${"a".repeat(64)}.de`,
  `${"a.".repeat(130)}de`,
  "\ud800.de",
  "C:\\files\\example.com",
])("%j is no domain", (typed) => {
  expect(parseDomain(typed)).toMatchObject({ ok: false, code: "DOMAIN_INVALID" });
});

test("reading a domain again changes nothing, and no text makes the reader fail", () => {
  const parts = fc.constantFrom("a", "www", ".", "ü", "-", "de", "xn--", "1", ":", "/", "ß", "\u200d", "％", "。", "\0");
  const typed = fc.oneof(
    fc.domain(),
    fc.webUrl(),
    fc.string({ unit: "binary" }),
    fc.array(parts).map((list) => list.join("")),
  );
  let accepted = 0;
  fc.assert(
    fc.property(typed, (text) => {
      const domain = parseDomain(text);
      if (!domain.ok) return;
      accepted++;
      expect(domain.value).toMatch(/^[a-z0-9.-]+\.[a-z0-9-]+$/);
      expect(parseDomain(domain.value)).toEqual(domain);
      expect(parseDomain(`https://www.${domain.value}/x`)).toEqual(domain);
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(500);
});

test("the domain of an address is that of its host", () => {
  expect(domainOfEmail("jane@Mail.Brückner.de")).toBe("mail.xn--brckner-o2a.de");
  expect(domainOfEmail('"a@b"@example.com')).toBe("example.com");
  expect(domainOfEmail("root@intranet")).toBe(null);
  expect(domainOfEmail("jane@[192.0.2.1]")).toBe(null);
});

test("what was registered is found below its public suffix", () => {
  expect(registrableDomain("mail.acme.co.uk")).toBe("acme.co.uk");
  expect(registrableDomain("acme.de")).toBe("acme.de");
  expect(registrableDomain("co.uk")).toBe(null);
});
