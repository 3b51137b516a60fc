import { afterAll, beforeAll, expect, test } from "vitest";
import { anInstallation, type Installation, invite, join, PASSWORD, signUp } from "../../../test/support/identity.ts";
import { resetPasswordByCommand, setUpWorkspace } from "./setup.ts";

let at: Installation;
beforeAll(async () => {
  at = await anInstallation();
});
afterAll(() => at.close());

const now = () => new Date(at.clock.ms).toISOString();
const eventsOf = async (id: string) =>
  (await at.owner.query("select type from events where record_id = $1 order by id", [id])).rows.map(({ type }) => type);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no refusal",
    (error) => error.code,
  );

async function ownRole(tenant: string, key: string, role: { grants: object; rights?: string[]; denied?: object }): Promise<void> {
  await at.owner.query(
    "insert into roles (tenant_id, id, key, key_fold, name, name_fold, grants, rights, denied, version, created_at, updated_at) values ($1, gen_random_uuid(), $2, $2, $2, $2, $3, $4, $5, 1, now(), now())",
    [tenant, key, JSON.stringify(role.grants), JSON.stringify(role.rights ?? []), JSON.stringify(role.denied ?? {})],
  );
}

test("whoever is invited comes in with the role and the teams of the invitation, once", async () => {
  const anna = await signUp(at);
  const team = "00000000-0000-7000-8000-000000000001";
  await at.owner.query(
    "insert into teams (tenant_id, id, name, name_fold, version, created_at, updated_at) values ($1, $2, 'DACH', 'dach', 1, now(), now())",
    [anna.tenant, team],
  );
  const token = await invite(at, anna, { email: "jonas@join.example", role: "manager", teams: [{ id: team }] });
  expect(at.letters.at(-1)).toMatchObject({ kind: "invitation", to: "jonas@join.example", inviter: "Anna Berger" });
  expect(await at.call("invitations.look", { token })).toEqual({
    workspace: `Workspace of ${anna.email}`,
    email: "jonas@join.example",
    role: "manager",
    has_account: false,
  });
  await expect(at.call("invitations.accept", { token, name: "Jonas", password: "short" })).rejects.toMatchObject({
    code: "PASSWORD_TOO_SHORT",
  });
  const tries = await Promise.allSettled(
    Array.from({ length: 4 }, () => at.call("invitations.accept", { token, name: "Jonas", password: PASSWORD })),
  );
  const entered = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(entered).toHaveLength(1);
  const actor = await at.store.authenticate(entered[0].session_token);
  expect(actor).toMatchObject({ tenant_id: anna.tenant, role: { key: "manager" }, team: [actor?.member_id] });
  expect((await at.call("members.get", { id: actor?.member_id }, { as: anna.token })).teams).toEqual([{ id: team, role: null }]);
  const { data } = await at.call("invitations.list", {}, { as: anna.token });
  expect(await eventsOf(data[0].id)).toEqual(["invitation.created", "invitation.accepted"]);
  await expect(at.call("invitations.look", { token })).rejects.toMatchObject({ code: "INVITATION_NOT_FOUND" });
});

test("without a mail server the inviter gets the link, and with one nobody but the mailbox does", async () => {
  const quiet = await anInstallation({ mail: false });
  try {
    const anna = await signUp(quiet);
    const answer = await quiet.call("invitations.create", { email: "a@join.example" }, { as: anna.token });
    expect(answer).toMatchObject({
      is_mailed: false,
      role: "rep",
      link: expect.stringMatching(/^https:\/\/crm\.example\/join#token=rpo_/),
    });
    expect(quiet.letters).toEqual([]);
  } finally {
    await quiet.close();
  }
  const anna = await signUp(at);
  expect(await at.call("invitations.create", { email: "b@join.example" }, { as: anna.token })).toMatchObject({
    is_mailed: true,
    link: null,
  });
});

test("an invitation ends after seven days, when it is taken back, and when a new one takes its place", async () => {
  const anna = await signUp(at);
  const first = await invite(at, anna, { email: "c@join.example" });
  const second = await invite(at, anna, { email: "c@join.example" });
  await expect(at.call("invitations.look", { token: first })).rejects.toMatchObject({ code: "INVITATION_NOT_FOUND" });
  const pending = (await at.call("invitations.list", {}, { as: anna.token })).data.find(({ record }: any) => !record.revoked_at);
  await at.call("invitations.renew", { id: pending.id }, { as: anna.token });
  await expect(at.call("invitations.look", { token: second })).rejects.toMatchObject({ code: "INVITATION_NOT_FOUND" });
  const letter = at.letters.at(-1);
  const third = letter && "link" in letter ? letter.link.split("#token=")[1] : "";
  expect(await at.call("invitations.look", { token: third })).toMatchObject({ email: "c@join.example" });
  await at.call("invitations.revoke", { id: pending.id }, { as: anna.token });
  await expect(at.call("invitations.accept", { token: third, name: "C", password: PASSWORD })).rejects.toMatchObject({
    code: "INVITATION_NOT_FOUND",
  });
  expect(await codeOf(at.call("invitations.revoke", { id: pending.id }, { as: anna.token }))).toBe("INVITATION_REVOKED");
  const fourth = await invite(at, anna, { email: "d@join.example" });
  at.clock.ms += 7 * 86_400_000 + 1;
  await expect(at.call("invitations.accept", { token: fourth, name: "D", password: PASSWORD })).rejects.toMatchObject({
    code: "INVITATION_NOT_FOUND",
  });
});

test("whoever has an account joins a second workspace with it and goes to and fro", async () => {
  const [anna, ben] = [await signUp(at), await signUp(at)];
  const token = await invite(at, ben, { email: anna.email, role: "rep" });
  expect(await at.call("invitations.look", { token })).toMatchObject({ has_account: true });
  expect(await codeOf(at.call("invitations.accept", { token, name: "Not Anna", password: "somebody's password" }))).toBe("SIGN_IN_FAILED");
  expect(await codeOf(at.call("invitations.accept", { token }, { as: ben.token }))).toBe("SIGN_IN_FAILED");
  const entered = await at.call("invitations.accept", { token }, { as: anna.token });
  expect(entered.workspace.id).toBe(ben.tenant);
  expect(await at.store.authenticate(entered.session_token)).toMatchObject({ tenant_id: ben.tenant, role: { key: "rep" } });
  expect((await at.call("auth.me", {}, { as: entered.session_token })).workspaces).toHaveLength(2);
  at.clock.ms += 1_000;
  await at.call("auth.switch_workspace", { workspace_id: anna.tenant }, { as: entered.session_token });
  expect(await at.store.authenticate(entered.session_token)).toMatchObject({
    tenant_id: anna.tenant,
    member_id: anna.member,
    role: { key: "admin" },
  });
  expect((await at.call("auth.sign_in", { email: anna.email, password: PASSWORD })).workspace.id).toBe(anna.tenant);
  expect(await codeOf(at.call("invitations.create", { email: anna.email }, { as: ben.token }))).toBe("ALREADY_MEMBER");
});

test("nobody hands out more than they have: not by invitation, key, role or membership", async () => {
  const anna = await signUp(at);
  const everything = { view: "all", create: "all", edit: "all", delete: "all", export: "all", assign: "all" };
  await ownRole(anna.tenant, "office", { grants: { "*": { ...everything, delete: "none" } }, rights: ["members.manage", "keys.manage"] });
  const office = await join(at, anna, "office");
  const rep = await join(at, anna, "rep");
  const as = { as: office.token };
  expect(await codeOf(at.call("invitations.create", { email: "x@join.example", role: "admin" }, as))).toBe("ROLE_EXCEEDS_YOURS");
  expect(await codeOf(at.call("invitations.create", { email: "x@join.example", role: "nonsense" }, as))).toBe("REFERENCE_NOT_FOUND");
  expect(await codeOf(at.call("keys.create", { name: "k", role: "admin" }, as))).toBe("ROLE_EXCEEDS_YOURS");
  expect(await codeOf(at.call("members.update", { id: office.member, data: { role: "admin" } }, as))).toBe("ROLE_EXCEEDS_YOURS");
  expect(await codeOf(at.call("members.update", { id: anna.member, data: { role: "read_only" } }, as))).toBe("ROLE_EXCEEDS_YOURS");
  expect(await codeOf(at.call("members.suspend", { id: anna.member }, as))).toBe("ROLE_EXCEEDS_YOURS");
  expect(await codeOf(at.call("members.update", { id: rep.member, data: { role: "read_only" } }, { as: rep.token }))).toBe("FORBIDDEN");
  expect(await codeOf(at.call("invitations.create", { email: "x@join.example", role: "read_only" }, as))).toBe("no refusal");
});

test("the last active administrator stays, also when two demote each other at the same time", async () => {
  const anna = await signUp(at);
  expect(await codeOf(at.call("members.update", { id: anna.member, data: { role: "rep" } }, { as: anna.token }))).toBe("LAST_ADMIN");
  expect(await codeOf(at.call("members.suspend", { id: anna.member }, { as: anna.token }))).toBe("LAST_ADMIN");
  const ben = await join(at, anna, "admin");
  const { actor, other } = { actor: await at.store.authenticate(anna.token), other: await at.store.authenticate(ben.token) };
  if (!actor || !other) throw new Error("Both are signed in.");
  const both = await Promise.allSettled([
    at.store.changeMember({ actor, now: now(), via: "api" }, ben.member, { role: "rep" }),
    at.store.changeMember({ actor: other, now: now(), via: "api" }, anna.member, { role: "rep" }),
  ]);
  expect(both.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []))).toEqual(["LAST_ADMIN"]);
  const admins = await at.owner.query(
    "select count(*)::int as count from members where tenant_id = $1 and role = 'admin' and status = 'active'",
    [anna.tenant],
  );
  expect(admins.rows[0].count).toBe(1);
});

test("a changed role counts at once, on this node and soon on the other", async () => {
  const anna = await signUp(at);
  const ben = await join(at, anna, "rep");
  expect((await at.other.authenticate(ben.token))?.role.key).toBe("rep");
  const changed = await at.call(
    "members.update",
    { id: ben.member, data: { role: "manager", title: "Head of sales" } },
    { as: anna.token },
  );
  expect(changed).toMatchObject({ role: "manager", title: "Head of sales", version: 2 });
  expect((await at.store.authenticate(ben.token))?.role.key).toBe("manager");
  await expect.poll(async () => (await at.other.authenticate(ben.token))?.role.key).toBe("manager");
  expect(await eventsOf(ben.member)).toEqual(["member.created", "member.role_changed"]);
});

test("a suspended member is out at once, with sessions, keys and invitations, and can be let in again", async () => {
  const anna = await signUp(at);
  const ben = await join(at, anna, "admin");
  const { key } = await at.call("keys.create", { name: "Ben's script", role: "rep", acts_for: ben.member }, { as: anna.token });
  const offered = await invite(at, ben, { email: "friend@join.example" });
  expect(await at.store.authenticate(key)).toMatchObject({ member_id: ben.member });
  await at.call("members.suspend", { id: ben.member }, { as: anna.token });
  expect(await at.store.authenticate(ben.token)).toBeNull();
  expect(await at.store.authenticate(key)).toBeNull();
  await expect(at.call("invitations.look", { token: offered })).rejects.toMatchObject({ code: "INVITATION_NOT_FOUND" });
  expect(await codeOf(at.call("auth.sign_in", { email: ben.email, password: PASSWORD }))).toBe("NO_WORKSPACE");
  await at.call("members.reactivate", { id: ben.member }, { as: anna.token });
  expect((await at.call("auth.sign_in", { email: ben.email, password: PASSWORD })).workspace.id).toBe(anna.tenant);
  expect(await at.store.authenticate(key)).not.toBeNull();
  expect(await eventsOf(ben.member)).toEqual(["member.created", "member.suspended", "member.reactivated"]);
});

test("a team is my teams and all below them, and everybody in those", async () => {
  const anna = await signUp(at);
  const [boss, peer, below, outside] = [await join(at, anna), await join(at, anna), await join(at, anna), await join(at, anna)];
  const ids = ["a", "b", "c", "d"].map((letter) => `00000000-0000-7000-8000-00000000000${letter}`);
  const parents = [null, ids[0], ids[1], null];
  for (const [index, id] of ids.entries()) {
    await at.owner.query(
      "insert into teams (tenant_id, id, name, name_fold, parent_id, version, created_at, updated_at) values ($1, $2, $3, $3, $4, 1, now(), now())",
      [anna.tenant, id, `team ${index}`, parents[index]],
    );
  }
  const place = (member: string, team: string | undefined) =>
    at.call("members.update", { id: member, data: { teams: [{ id: team }] } }, { as: anna.token });
  await place(boss.member, ids[0]);
  await place(peer.member, ids[0]);
  await place(below.member, ids[2]);
  await place(outside.member, ids[3]);
  expect(new Set((await at.store.authenticate(boss.token))?.team)).toEqual(new Set([boss.member, peer.member, below.member]));
  expect((await at.store.authenticate(below.token))?.team).toEqual([below.member]);
  expect((await at.store.authenticate(anna.token))?.team).toEqual([anna.member]);
});

test("an API key is shown once, works until it is revoked or expires, and carries its prefix alone", async () => {
  const anna = await signUp(at);
  const made = await at.call(
    "keys.create",
    { name: "Website", role: "rep", expires_at: new Date(at.clock.ms + 3_600_000).toISOString() },
    { as: anna.token },
  );
  expect(made.key).toMatch(/^rpk_[\w-]{43}$/);
  expect(await at.store.authenticate(made.key)).toMatchObject({
    tenant_id: anna.tenant,
    member_id: null,
    user_id: null,
    key_id: made.id,
    team: [],
    role: { key: "rep", grants: { "*": { view: "all" } } },
  });
  const shown = await at.call("keys.get", { id: made.id }, { as: anna.token });
  expect(shown).toMatchObject({ name: "Website", prefix: made.key.slice(0, 10), version: 1, last_used_at: now().replace(".000", "") });
  expect(JSON.stringify(shown)).not.toContain(made.key);
  at.clock.ms += 3_600_001;
  expect(await at.store.authenticate(made.key)).toBeNull();
  const second = await at.call("keys.create", { name: "Second", role: "read_only" }, { as: anna.token });
  expect(await at.store.authenticate(second.key)).not.toBeNull();
  expect(await at.other.authenticate(second.key)).not.toBeNull();
  await at.call("keys.revoke", { id: second.id }, { as: anna.token });
  expect(await at.store.authenticate(second.key)).toBeNull();
  await expect.poll(() => at.other.authenticate(second.key)).toBeNull();
  expect(await eventsOf(second.id)).toEqual(["key.created", "key.revoked"]);
  expect(await codeOf(at.call("keys.create", { name: "Old", role: "rep", expires_at: "2020-01-01T00:00:00Z" }, { as: anna.token }))).toBe(
    "EXPIRES_IN_THE_PAST",
  );
});

test("a key that acts for a member may do what both may", async () => {
  const anna = await signUp(at);
  const ben = await join(at, anna, "rep");
  const { key } = await at.call("keys.create", { name: "Ben", role: "admin", acts_for: ben.member }, { as: anna.token });
  const actor = await at.store.authenticate(key);
  expect(actor).toMatchObject({
    member_id: ben.member,
    role: { key: "admin", grants: { companies: { delete: "none" }, "*": { view: "team" } }, rights: ["tags.create"] },
  });
  expect(
    await codeOf(
      at.call("keys.create", { name: "Nobody", role: "rep", acts_for: "00000000-0000-7000-8000-000000000000" }, { as: anna.token }),
    ),
  ).toBe("REFERENCE_NOT_FOUND");
});

test("a role of the workspace's own counts as far as it names what there is", async () => {
  const anna = await signUp(at);
  await ownRole(anna.tenant, "odd", {
    grants: { contacts: { view: "all", edit: "everything" }, deals: null },
    rights: ["tags.create"],
    denied: { contacts: ["email", 7] },
  });
  const ben = await join(at, anna, "odd");
  expect((await at.store.authenticate(ben.token))?.role).toEqual({
    key: "odd",
    grants: {
      contacts: { view: "all", create: "none", edit: "none", delete: "none", export: "none", assign: "none" },
      deals: { view: "none", create: "none", edit: "none", delete: "none", export: "none", assign: "none" },
    },
    rights: ["tags.create"],
    denied: { contacts: ["email"] },
  });
});

test("a role is written by those who have as much, names only what there is, and stays while it is in use", async () => {
  const anna = await signUp(at);
  const all = { view: "all", create: "all", edit: "all", delete: "all", export: "all", assign: "all" };
  const data = {
    key: "inside_sales",
    name: "Inside sales",
    grants: { contacts: { view: "all" }, "*": { view: "team" } },
    rights: ["tags.create"],
    denied: { contacts: ["phone"] },
  };
  const role = await at.call("roles.create", { data }, { as: anna.token });
  const ben = await join(at, anna, "inside_sales");
  expect((await at.store.authenticate(ben.token))?.role).toMatchObject({
    grants: { contacts: { view: "all", edit: "none" } },
    denied: { contacts: ["phone"] },
  });
  await at.call("roles.update", { id: role.id, data: { grants: { contacts: { view: "own" } } } }, { as: anna.token });
  expect((await at.store.authenticate(ben.token))?.role.grants).toMatchObject({ contacts: { view: "own" } });
  expect(await codeOf(at.call("roles.delete", { id: role.id }, { as: anna.token }))).toBe("IN_USE");
  await at.call("members.update", { id: ben.member, data: { role: "rep" } }, { as: anna.token });
  await at.call("roles.delete", { id: role.id }, { as: anna.token });

  await expect(
    at.call(
      "roles.create",
      {
        data: {
          ...data,
          key: "admin",
          grants: { nothing: {}, contacts: { look: "all", view: "some" } },
          rights: ["everything"],
          denied: { contacts: ["nothing"] },
        },
      },
      { as: anna.token },
    ),
  ).rejects.toMatchObject({
    faults: [
      { pointer: "/key" },
      { pointer: "/grants/nothing" },
      { pointer: "/grants/contacts/look" },
      { pointer: "/grants/contacts/view" },
      { pointer: "/rights/0" },
      { pointer: "/denied/contacts/0" },
    ],
  });

  const weak = await at.call(
    "roles.create",
    { data: { key: "role_maker", name: "Role maker", grants: { "*": { view: "own" } }, rights: ["roles.manage"] } },
    { as: anna.token },
  );
  const eve = await join(at, anna, "role_maker");
  expect(await codeOf(at.call("roles.update", { id: weak.id, data: { grants: { "*": all } } }, { as: eve.token }))).toBe(
    "ROLE_EXCEEDS_YOURS",
  );
  expect(await codeOf(at.call("roles.create", { data: { key: "mine", name: "Mine", grants: { contacts: all } } }, { as: eve.token }))).toBe(
    "ROLE_EXCEEDS_YOURS",
  );
  expect(
    await codeOf(
      at.call("roles.create", { data: { key: "mine", name: "Mine", grants: { contacts: { view: "own" } } } }, { as: eve.token }),
    ),
  ).toBe("no refusal");
});

test("a workspace never sees the people, keys and invitations of another", async () => {
  const [anna, eve] = [await signUp(at), await signUp(at)];
  const key = await at.call("keys.create", { name: "K", role: "rep" }, { as: anna.token });
  await invite(at, anna, { email: "z@join.example" });
  const [invitation] = (await at.call("invitations.list", {}, { as: anna.token })).data;
  for (const [verb, input] of [
    ["keys.get", { id: key.id }],
    ["keys.revoke", { id: key.id }],
    ["invitations.get", { id: invitation.id }],
    ["invitations.revoke", { id: invitation.id }],
    ["invitations.renew", { id: invitation.id }],
    ["members.get", { id: anna.member }],
    ["members.update", { id: anna.member, data: { name: "Mine" } }],
    ["members.suspend", { id: anna.member }],
  ] as const) {
    expect(await codeOf(at.call(verb, input, { as: eve.token })), verb).toBe("NOT_FOUND");
  }
  expect((await at.call("keys.list", {}, { as: eve.token })).data).toEqual([]);
  expect(await at.store.authenticate(key.key)).not.toBeNull();
});

test("one changes one's own name and language, and nothing else", async () => {
  const anna = await signUp(at);
  const ben = await join(at, anna, "read_only");
  await at.call("auth.update_me", { name: "Benedikt", language: "de", time_zone: "Europe/Berlin" }, { as: ben.token });
  expect(await at.call("auth.me", {}, { as: ben.token })).toMatchObject({
    user: { name: "Benedikt", language: "de" },
    member: { name: "Benedikt", language: "de", time_zone: "Europe/Berlin" },
    role: { key: "read_only" },
  });
  await expect(at.call("auth.update_me", { role: "admin" }, { as: ben.token })).rejects.toMatchObject({
    faults: [{ code: "UNKNOWN_FIELD" }],
  });
});

test("sign-up is closed once there is a workspace, also for two who come first together", async () => {
  const closed = await anInstallation({ sign_up: "closed" });
  try {
    expect(await closed.call("auth.options", {})).toEqual({ sign_up: "open", mail: "configured" });
    const both = await Promise.allSettled([signUp(closed), signUp(closed), signUp(closed)]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const one of both) if (one.status === "rejected") expect(one.reason).toMatchObject({ kind: "forbidden", code: "SIGN_UP_CLOSED" });
    expect(await closed.call("auth.options", {})).toEqual({ sign_up: "closed", mail: "configured" });
    const setUp = await setUpWorkspace(closed.kit, {
      workspace: "By command",
      email: "root@command.example",
      password: PASSWORD,
      now: now(),
    });
    expect(await closed.store.authenticate(setUp.key)).toMatchObject({ tenant_id: setUp.tenant_id, role: { key: "admin" } });
  } finally {
    await closed.close();
  }
});

test("the setup command makes a workspace with a key and refuses one that exists", async () => {
  const given = { workspace: "Setup", email: "setup@command.example", password: PASSWORD, now: now() };
  const made = await setUpWorkspace(at.kit, given);
  expect(await at.store.authenticate(made.key)).toMatchObject({ tenant_id: made.tenant_id, member_id: null, role: { key: "admin" } });
  expect((await at.call("auth.sign_in", { email: given.email, password: PASSWORD })).member_id).toBe(made.member_id);
  expect(await codeOf(setUpWorkspace(at.kit, { ...given, email: "other@command.example", workspace: " SETUP " }))).toBe("WORKSPACE_EXISTS");
  expect(await codeOf(setUpWorkspace(at.kit, { ...given, workspace: "Another" }))).toBe("EMAIL_TAKEN");
  await expect(setUpWorkspace(at.kit, { ...given, workspace: " ", email: "no", password: "short" })).rejects.toMatchObject({
    faults: [{ pointer: "/workspace" }, { pointer: "/email" }, { pointer: "/password" }],
  });
});

test("the command line lets somebody back in who lost everything", async () => {
  const anna = await signUp(at);
  await resetPasswordByCommand(at.kit, { email: anna.email, password: "a password by command", removeSecondFactor: true, now: now() });
  expect(await at.store.authenticate(anna.token)).toBeNull();
  expect((await at.call("auth.sign_in", { email: anna.email, password: "a password by command" })).session_token).toBeTruthy();
  expect(
    await codeOf(
      resetPasswordByCommand(at.kit, { email: "nobody@command.example", password: PASSWORD, removeSecondFactor: false, now: now() }),
    ),
  ).toBe("NOT_FOUND");
});

test("the first proof of the mailbox takes away what somebody else may have set up on the account", async () => {
  const eve = await signUp(at, "victim@squat.example");
  await at.owner.query(
    "insert into passkeys (id, user_id, name, public_key, counter, transports, created_at) values ('eve', $1, 'Eve', 'x', 0, '[]', now())",
    [eve.user],
  );
  const reset = async (password: string) => {
    await at.call("auth.request_password_reset", { email: "victim@squat.example" });
    const letter = at.letters.at(-1);
    await at.call("auth.reset_password", { token: letter && "link" in letter ? letter.link.split("#token=")[1] : "", password });
  };
  await reset("the owner's password");
  expect((await at.owner.query("select count(*)::int as count from passkeys where user_id = $1", [eve.user])).rows[0].count).toBe(0);
  await at.owner.query(
    "insert into passkeys (id, user_id, name, public_key, counter, transports, created_at) values ('owner', $1, 'Owner', 'x', 0, '[]', now())",
    [eve.user],
  );
  await reset("the owner's second password");
  expect((await at.owner.query("select count(*)::int as count from passkeys where user_id = $1", [eve.user])).rows[0].count).toBe(1);
});

test("what has expired is swept away, and what has not stays", async () => {
  const anna = await signUp(at);
  await at.call("auth.request_password_reset", { email: anna.email });
  at.clock.ms += 2 * 3_600_000;
  expect(await at.store.sweep(now())).toBeGreaterThan(0);
  expect((await at.owner.query("select count(*)::int as count from one_time_tokens where expires_at < $1", [now()])).rows[0].count).toBe(0);
  expect(await at.store.authenticate(anna.token)).not.toBeNull();
});
