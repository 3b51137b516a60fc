import fc from "fast-check";
import { expect, test } from "vitest";
import { actions, type Role, scopes } from "../access/access.ts";
import { readyRoles } from "../access/roles.ts";
import { attemptsPerMinute, forgottenBefore, networkOf, waitAfter } from "./brake.ts";
import { demandAnotherAdmin } from "./last-admin.ts";
import { isStale, later, lifetimes, sessionEnd } from "./lifetimes.ts";
import { passwordFault } from "./password.ts";
import { exceeds, meet, withoutMember } from "./rights.ts";
import { issuerFault, mayEnter } from "./single-sign-on.ts";

const noon = "2026-11-21T12:00:00Z";
const codeOf = (password: unknown, email = "anna@halden.example") => passwordFault(password, email)?.code ?? null;

test("a password has ten to two hundred characters, however many bytes they are", () => {
  expect(codeOf("a".repeat(4) + "bcdef")).toBe("PASSWORD_TOO_SHORT");
  expect(codeOf("grün blau!")).toBeNull();
  expect(codeOf("🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵")).toBeNull();
  expect(codeOf("ab ".repeat(66) + "ab")).toBeNull();
  expect(codeOf("ab ".repeat(66) + "abc")).toBe("PASSWORD_TOO_LONG");
  expect(codeOf(undefined)).toBe("TYPE");
  expect(codeOf("ten letters\0")).toBe("NUL");
});

test("what everybody tries first is no password", () => {
  for (const password of [
    "Password123",
    "QWERTYUIOP",
    "1234567890",
    "0987654321",
    "aaaaaaaaaaaa",
    "abababababab",
    "passwort123",
    "abcdefghijk",
    "zyxwvutsrqp",
    "Anna@Halden.example",
  ]) {
    expect(codeOf(password), password).not.toBeNull();
  }
  expect(codeOf("three unrelated words")).toBeNull();
});

test("ten attempts in a minute go through, the next one waits for its end and no longer", () => {
  expect(waitAfter({ count: attemptsPerMinute, since: noon }, noon)).toBe(0);
  expect(waitAfter({ count: attemptsPerMinute + 1, since: noon }, noon)).toBe(60);
  expect(waitAfter({ count: 99, since: noon }, later(noon, 59))).toBe(1);
  expect(waitAfter({ count: 99, since: noon }, later(noon, 60))).toBe(0);
  expect(forgottenBefore(later(noon, 60))).toBe(noon);
});

test("whoever owns an IPv6 network is one caller, and a mapped IPv4 address is itself", () => {
  expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe(networkOf("2001:DB8:1:2::99"));
  expect(networkOf("2001:0db8:1:2::1")).toBe(networkOf("2001:db8:1:2::2"));
  expect(networkOf("2001:db8:1:3::1")).not.toBe(networkOf("2001:db8:1:2::1"));
  expect(networkOf("::ffff:203.0.113.7")).toBe("203.0.113.7");
  expect(networkOf("203.0.113.7")).toBe("203.0.113.7");
  expect(networkOf("::1")).toBe("0:0:0:0::/64");
  expect(networkOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
});

test("a session never ends before its last use nor later than its longest life", () => {
  fc.assert(
    fc.property(fc.nat({ max: lifetimes.session_at_most }), (seconds) => {
      const end = sessionEnd(noon, later(noon, seconds));
      expect(Date.parse(end)).toBeGreaterThanOrEqual(Date.parse(later(noon, seconds)));
      expect(Date.parse(end)).toBeLessThanOrEqual(Date.parse(later(noon, lifetimes.session_at_most)));
    }),
  );
  expect(isStale(noon, later(noon, 599))).toBe(false);
  expect(isStale(noon, later(noon, 600))).toBe(true);
});

const scope = fc.constantFrom(...scopes);
const grants = fc.record({ view: scope, create: scope, edit: scope, delete: scope, export: scope, assign: scope });
const role: fc.Arbitrary<Role> = fc.record({
  key: fc.constantFrom("a", "b"),
  grants: fc.dictionary(fc.constantFrom("contacts", "deals", "*"), grants, { noNullPrototype: true }),
  rights: fc.subarray(["members.manage", "keys.manage", "*"]),
  denied: fc.dictionary(fc.constantFrom("contacts", "deals"), fc.subarray(["email", "phone"]), { noNullPrototype: true }),
});

test("no role exceeds itself, and what two roles have in common exceeds neither", () => {
  fc.assert(
    fc.property(role, role, (one, two) => {
      expect(exceeds(one, one)).toBe(false);
      expect(exceeds(meet(one, two), one)).toBe(false);
      expect(exceeds(meet(one, two), two)).toBe(false);
    }),
  );
});

test("of three roles, what does not exceed the second does not exceed the third if the second does not", () => {
  fc.assert(
    fc.property(role, role, role, (one, two, three) => {
      fc.pre(!exceeds(two, three));
      expect(exceeds(meet(one, two), three)).toBe(false);
    }),
  );
});

test("an administrator exceeds every other ready-made role, and none exceeds an administrator", () => {
  const admin = readyRoles.admin as Role;
  for (const [key, other] of Object.entries(readyRoles)) {
    expect(exceeds(other, admin), key).toBe(false);
    if (key !== "admin") expect(exceeds(admin, other), key).toBe(true);
  }
});

test("a role that shows a field hidden from mine exceeds mine", () => {
  const mine: Role = { ...(readyRoles.rep as Role), denied: { contacts: ["email"] } };
  expect(exceeds(readyRoles.rep as Role, mine)).toBe(true);
  expect(exceeds({ ...mine, denied: { contacts: ["email", "phone"] } }, mine)).toBe(false);
});

test("a key that acts for nobody sees all its role may see and changes no more than before", () => {
  const key = withoutMember(readyRoles.rep as Role);
  expect(key.grants["*"]).toMatchObject({ view: "all", edit: "own" });
  fc.assert(
    fc.property(role, (any) => {
      for (const [name, grant] of Object.entries(any.grants)) {
        for (const action of actions)
          expect(withoutMember(any).grants[name]?.[action]).toBe(action === "view" && grant.view !== "none" ? "all" : grant[action]);
      }
    }),
  );
});

test("the last active administrator neither leaves nor steps down", () => {
  const admin = { role: "admin", status: "active" };
  expect(() => demandAnotherAdmin(admin, { ...admin, role: "rep" }, 0)).toThrow(/only active administrator/);
  expect(() => demandAnotherAdmin(admin, { ...admin, status: "suspended" }, 0)).toThrow(/only active administrator/);
  demandAnotherAdmin(admin, { ...admin, role: "rep" }, 1);
  demandAnotherAdmin(admin, admin, 0);
  demandAnotherAdmin({ role: "rep", status: "active" }, { role: "rep", status: "suspended" }, 0);
});

test("a provider lets in only confirmed addresses of its domains", () => {
  const signOn = { allowed_domains: ["halden.example"] };
  const claims = { subject: "1", email: "anna@Halden.example", email_verified: true, name: null };
  expect(mayEnter(claims, signOn)).toBe(true);
  expect(mayEnter({ ...claims, email_verified: false }, signOn)).toBe(false);
  expect(mayEnter({ ...claims, email: null }, signOn)).toBe(false);
  expect(mayEnter({ ...claims, email: "anna@evil.halden.example" }, signOn)).toBe(false);
  expect(mayEnter({ ...claims, email: "anna@halden.example@evil.example" }, signOn)).toBe(false);
});

test("an issuer is an https address, or http on this machine", () => {
  for (const good of [
    "https://login.example.com",
    "https://login.example.com/tenant/v2.0",
    "http://127.0.0.1:3000",
    "http://localhost:3000/",
  ])
    expect(issuerFault(good), good).toBeNull();
  for (const bad of [
    "http://login.example.com",
    "https://a:b@login.example.com",
    "ftp://x",
    "login.example.com",
    "https://login.example.com/?x=1",
    "",
  ])
    expect(issuerFault(bad)?.code, bad).toBe("ISSUER_INVALID");
});
