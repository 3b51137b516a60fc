import { expect, test } from "vitest";
import { tellNodes } from "./tell-nodes.ts";

const tenant = "01900000-0000-7000-8000-000000000001";
const told = (...resources: string[]) =>
  tellNodes(
    tenant,
    resources.map((resource) => ({ resource })),
  ).map(([, [channel, payload]]) => [channel, payload]);

test("a changed team, member or role is told to whoever keeps actors, once for a batch", () => {
  for (const name of ["teams", "members", "roles"]) expect(told(name, name, "contacts")).toEqual([["rapport_identity", `t:${tenant}`]]);
});

test("a changed field or workspace is told to whoever keeps definitions", () => {
  for (const name of ["fields", "workspaces"]) expect(told(name, "contacts")).toEqual([["rapport_definitions", tenant]]);
});

test("records one works with all day are told to nobody", () => {
  expect(told("contacts", "companies", "tags")).toEqual([]);
});
