import { afterAll, beforeAll, expect, test } from "vitest";
import { anInstallation, type Installation, join, signUp } from "../../../../test/support/identity.ts";
import { tokens } from "../../secrets/tokens.ts";

let at: Installation;
beforeAll(async () => {
  at = await anInstallation();
});
afterAll(() => at.close());

test("what is no token of ours is nobody, without a question to the database", async () => {
  for (const text of ["", "rps_", "rps_short", `rpx_${"a".repeat(43)}`, `rps_${"a".repeat(42)}\0`, `rps_${"a".repeat(44)}`])
    expect(await at.store.authenticate(text), text).toBeNull();
  expect(await at.store.authenticate(tokens.make("session").token)).toBeNull();
  expect(await at.store.authenticate(tokens.make("key").token)).toBeNull();
});

test("what is known of a session is asked for again after a minute", async () => {
  const { token, user } = await signUp(at);
  expect(await at.store.authenticate(token)).not.toBeNull();
  await at.owner.query("delete from sessions where user_id = $1", [user]);
  expect(await at.store.authenticate(token)).not.toBeNull();
  at.clock.ms += 60_000;
  expect(await at.store.authenticate(token)).toBeNull();
});

test("a node whose listening connection was lost forgets what it knew as soon as it listens again", async () => {
  const { token, user } = await signUp(at);
  expect(await at.store.authenticate(token)).not.toBeNull();
  await at.owner.query("delete from sessions where user_id = $1", [user]);
  const lost = await at.owner.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rapport identity listen' and datname = current_database()",
  );
  expect(lost.rowCount).toBe(2);
  await expect.poll(() => at.store.authenticate(token), { timeout: 10_000 }).toBeNull();
  const again = await signUp(at);
  expect(await at.other.authenticate(again.token)).not.toBeNull();
  await at.call("auth.sign_out", {}, { as: again.token });
  await expect.poll(() => at.other.authenticate(again.token), { timeout: 10_000 }).toBeNull();
});

test("what was read before a change was told is not kept after it", async () => {
  const anna = await signUp(at);
  const ben = await join(at, anna, "rep");
  for (let round = 0; round < 10; round++) {
    const role = round % 2 ? "rep" : "manager";
    at.clock.ms += 60_001;
    const asking = Array.from({ length: 5 }, () => at.store.authenticate(ben.token));
    await Promise.all([...asking, at.call("members.update", { id: ben.member, data: { role } }, { as: anna.token })]);
    expect((await at.store.authenticate(ben.token))?.role.key).toBe(role);
  }
});

test("the tenant's own role cannot reach who people are, and identity cannot reach what they work on", async () => {
  const grants = await at.owner.query(
    "select table_name, grantee from information_schema.role_table_grants where grantee in ('rapport_tenant', 'rapport_identity')",
  );
  const tablesOf = (role: string) => new Set(grants.rows.filter(({ grantee }) => grantee === role).map(({ table_name }) => table_name));
  const secret = [
    "users",
    "memberships",
    "sessions",
    "tokens",
    "one_time_tokens",
    "passkeys",
    "sign_in_attempts",
    "first_workspace",
    "single_sign_on",
    "sign_on_subjects",
  ];
  expect(secret.filter((table) => tablesOf("rapport_tenant").has(table))).toEqual([]);
  expect(secret.filter((table) => !tablesOf("rapport_identity").has(table))).toEqual([]);
  expect(["contacts", "companies", "installation"].filter((table) => tablesOf("rapport_identity").has(table))).toEqual([]);
  const open = await at.owner.query("select relname from pg_class where relname = any($1) and not relrowsecurity", [
    [...secret, "keys", "invitations"],
  ]);
  expect(open.rows).toEqual([]);
});
