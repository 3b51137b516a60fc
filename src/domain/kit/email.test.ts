import fc from "fast-check";
import { expect, test } from "vitest";
import { emailKey, parseEmail } from "./email.ts";

test.each([
  "jane@example.com",
  "Jane.Doe+crm@Mail.Example.co.uk",
  "o'brien!#$%&*/=?^_`{|}~-@example.com",
  "jörg@brückner.example",
  "用户@例子.测试",
  "иван@почта.рф",
  "jane@xn--brckner-o2a.de",
  '"jane doe"@example.com',
  '"a@b\\"c"@example.com',
  '""@example.com',
  "root@intranet",
  "jane@[192.0.2.1]",
  "jane@[IPv6:2001:db8::1]",
  `${"a".repeat(64)}@example.com`,
  `a@${"b".repeat(63)}.com`,
])("%s is an address and is kept as typed", (typed) => {
  expect(parseEmail(`  ${typed}\n`)).toEqual({ ok: true, value: typed });
});

test.each([
  "",
  "@",
  "jane",
  "jane@",
  "@example.com",
  "jane doe@example.com",
  ".jane@example.com",
  "jane.@example.com",
  "ja..ne@example.com",
  "jane@example..com",
  "jane@.example.com",
  "jane@example.com.",
  "jane@-example.com",
  "jane@example-.com",
  "jane@exa mple.com",
  "jane@exa_mple.com",
  "jane@doe@example.com",
  "Jane <jane@example.com>",
  "jane(work)@example.com",
  "jane@example.com,joe@example.com",
  "jane@[300.1.1.1]",
  "jane@[1.2.3]",
  "jane@[IPv6:zz]",
  "jane@[example.com]",
  '"jane"doe"@example.com',
  '"jane\n"@example.com',
  "ja\0ne@example.com",
  "jane@exam\0ple.com",
  "ja\ud800ne@example.com",
  "ja\u200bne@example.com",
  "jane@brü ckner.example",
  `a@${"b".repeat(64)}.com`,
  `a@${"ü".repeat(60)}.com`,
])("%j is no address", (typed) => {
  expect(parseEmail(typed)).toMatchObject({ ok: false, code: "EMAIL_INVALID" });
});

test("an address longer than mail can deliver is told apart", () => {
  const label = "b".repeat(60);
  expect(parseEmail(`${"a".repeat(65)}@example.com`)).toMatchObject({ ok: false, code: "EMAIL_TOO_LONG" });
  expect(parseEmail(`${"ü".repeat(33)}@example.com`)).toMatchObject({ ok: false, code: "EMAIL_TOO_LONG" });
  expect(parseEmail(`${"a".repeat(20)}@${label}.${label}.${label}.${label}`)).toMatchObject({ ok: false, code: "EMAIL_TOO_LONG" });
  expect(parseEmail(`${"a".repeat(10)}@${label}.${label}.${label}.${label}`).ok).toBe(true);
});

test("every ordinary address is read, and reading it again changes nothing", () => {
  fc.assert(
    fc.property(fc.emailAddress(), (address) => {
      expect(parseEmail(address)).toEqual({ ok: true, value: address });
    }),
    { numRuns: 1000 },
  );
});

test("no text makes the reader fail", () => {
  const parts = fc.constantFrom("a", "@", ".", '"', "\\", "[", "]", "ü", "-", " ", "\0", "\ud800", "1", ":");
  const typed = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(parts).map((list) => list.join("")),
  );
  fc.assert(
    fc.property(typed, (text) => {
      const email = parseEmail(text);
      if (email.ok) expect(parseEmail(email.value)).toEqual(email);
    }),
    { numRuns: 3000 },
  );
});

test("addresses are the same without regard to case, and different by their marks", () => {
  expect(emailKey("Jane@Example.COM")).toBe("jane@example.com");
  expect(emailKey("JÖRG@example.com")).toBe(emailKey("jo\u0308rg@example.com"));
  expect(emailKey("jörg@example.com")).not.toBe(emailKey("jorg@example.com"));
});

test("the key of a key is itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(emailKey(emailKey(text))).toBe(emailKey(text));
    }),
    { numRuns: 2000 },
  );
});
