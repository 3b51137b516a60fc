import fc from "fast-check";
import { expect, test } from "vitest";
import { digitsOf, formatPhone, parsePhone } from "./phone.ts";

test.each([
  ["+49 30 123456", null, "+4930123456"],
  ["+49 (0)30 123456", "US", "+4930123456"],
  ["+4930/123456-0", null, "+49301234560"],
  ["030 123456", "DE", "+4930123456"],
  ["0049 30 123456", "DE", "+4930123456"],
  ["(202) 555-0123", "US", "+12025550123"],
  ["+1 555 010 9999", null, "+15550109999"],
  ["tel:+49-30-123456", null, "+4930123456"],
  ["+39 06 1234567", "DE", "+39061234567"],
  ["+1 202 555 0123 ext. 5", null, "+12025550123"],
  ["٠٣٠١٢٣٤٥٦", "DE", "+4930123456"],
  ["  +44 20 7946 0958 ", "AQ", "+442079460958"],
])("%j typed in %s is %s", (typed, country, e164) => {
  expect(parsePhone(typed, country)).toEqual({ ok: true, value: { e164 } });
});

test.each([
  ["030 123456", null],
  ["(202) 555-0123", null],
  ["0049 30 123456", null],
  ["030 123456", "AQ"],
  ["030 123456", "nowhere"],
])("the national number %j needs a country (given: %s)", (typed, country) => {
  expect(parsePhone(typed, country)).toMatchObject({ ok: false, code: "PHONE_NEEDS_COUNTRY" });
});

test.each([
  ["", "DE"],
  ["abc", null],
  ["abc", "DE"],
  ["12", "DE"],
  ["110", "DE"],
  ["call me at +49 30 123456", "DE"],
  ["+999 1234567", "DE"],
  ["+49 30 12345678901234567", null],
  ["jane@acme.example", null],
  ["1".repeat(300), "DE"],
  ["+49 30 123456\0", "DE"],
])("%j is no phone number in %s", (typed, country) => {
  expect(parsePhone(typed, country)).toMatchObject({ ok: false, code: "PHONE_INVALID" });
});

test("no text makes the reader fail, and what it accepts is E.164 and reads back as itself", () => {
  const signs = fc.constantFrom("0", "1", "2", "5", "9", " ", "(", ")", "-", "/", ".", "x");
  const starts = fc.constantFrom("", "+", "+49", "+1 202", "030", "+39 06", "(202)", "00");
  const typed = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.tuple(starts, fc.array(signs, { maxLength: 18 })).map(([start, parts]) => start + parts.join("")),
  );
  let accepted = 0;
  fc.assert(
    fc.property(typed, fc.constantFrom(null, "DE", "US", "GB", "IT"), (text, country) => {
      const phone = parsePhone(text, country);
      if (!phone.ok) return;
      accepted++;
      expect(phone.value.e164).toMatch(/^\+[1-9]\d{2,16}$/);
      expect(parsePhone(phone.value.e164, null)).toEqual(phone);
      expect(parsePhone(formatPhone(phone.value.e164), null)).toEqual(phone);
    }),
    { numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(10);
});

test("a stored number is shown in groups, anything else as it stands", () => {
  expect(formatPhone("+4930123456")).toBe("+49 30 123456");
  expect(formatPhone("+12025550123")).toBe("+1 202 555 0123");
  expect(formatPhone("unknown")).toBe("unknown");
});

test("digits of any script are found between other signs", () => {
  expect(digitsOf("+49 (0)30 / 12-34")).toBe("490301234");
  expect(digitsOf("٠٣٠ ۱۲۳ ４５６")).toBe("030123456");
  expect(digitsOf("none")).toBe("");
});
