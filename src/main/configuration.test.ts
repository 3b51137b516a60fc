import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { ConfigurationFaults, readConfiguration, variables } from "./configuration.ts";

const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfiguration(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationFaults) return error.faults;
    throw error;
  }
};

test("nothing needs to be set", () => {
  expect(readConfiguration({})).toMatchObject({
    port: 3000,
    host: "127.0.0.1",
    data_dir: resolve("data"),
    database_url: null,
    public_url: "http://localhost:3000",
    sign_up: "closed",
    rate_limit: true,
    trust_proxy: false,
  });
  expect(readConfiguration({ PORT: "", DATABASE_URL: "  " })).toMatchObject({ port: 3000, database_url: null });
});

test("what is set is read", () => {
  expect(
    readConfiguration({
      PORT: "8080",
      HOST: "0.0.0.0",
      DATABASE_URL: "postgresql://owner@db/crm",
      PUBLIC_URL: "https://crm.example.com/",
      SMTP_URL: "smtps://host:465",
      MAIL_FROM: "Rapport <crm@example.com>",
      SIGN_UP: "open",
      RATE_LIMIT: "off",
      TRUST_PROXY: "loopback, 10.0.0.0/8",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x,x-tenant=a",
    }),
  ).toMatchObject({
    port: 8080,
    public_url: "https://crm.example.com",
    sign_up: "open",
    rate_limit: false,
    trust_proxy: "loopback,10.0.0.0/8",
    otel_endpoint: "http://collector:4318",
    otel_headers: { authorization: "Bearer x", "x-tenant": "a" },
  });
});

test("every fault is a sentence that begins with its variable, and all are told at once", () => {
  const wrong: Record<string, string> = {
    PORT: "70000",
    HOST: "my host",
    DATABASE_URL: "mysql://root:topsecret@host/db",
    LOG_LEVEL: "loud",
    PUBLIC_URL: "https://example.com/crm",
    SMTP_URL: "mail.example.com",
    MAIL_FROM: "somebody",
    RAPPORT_KEY: "short",
    RAPPORT_KEY_PREVIOUS: "a long enough passphrase,short",
    SIGN_UP: "maybe",
    RATE_LIMIT: "100",
    TRUST_PROXY: "2",
    METRICS_TOKEN: "short",
    OTEL_EXPORTER_OTLP_ENDPOINT: "collector",
    OTEL_EXPORTER_OTLP_HEADERS: "no equals",
  };
  const faults = faultsOf(wrong);
  expect(faults.map((fault) => fault.split(" ")[0])).toEqual(expect.arrayContaining(Object.keys(wrong)));
  expect(faults).toHaveLength(Object.keys(wrong).length);
  for (const fault of faults) expect(fault).toMatch(/^[A-Z_]+ is .+\.$/);
  expect(faults.join()).not.toContain("topsecret");
  expect(faultsOf({ MAIL_FROM: "crm@example.com" })).toEqual(["MAIL_FROM is set without SMTP_URL: name the mail server too."]);
});

test("the documentation lists exactly the variables there are, with their standard and their meaning", () => {
  const rows = [...readFileSync("docs/operations.md", "utf8").matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$/gm)];
  const documented = rows.map(([, name, standard, meaning]) => [name, standard, meaning]);
  expect(documented.length).toBeGreaterThan(10);
  expect(documented).toEqual(Object.entries(variables).map(([name, { standard, meaning }]) => [name, standard, meaning]));
});
