import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { anInstallation, type Installation, join, signUp } from "../../../test/support/identity.ts";
import { connectLive, type LiveClient } from "../../../test/support/live-client.ts";
import { aLiveNode, type LiveNode } from "../../../test/support/live-node.ts";
import { until } from "../../../test/support/nodes.ts";
import { perform } from "../../usecases/kit/perform.ts";
import { type Logins, runtimeLogins } from "../postgres/migrate.ts";
import { openConnection, type Socket } from "./connection.ts";
import { openHub } from "./hub.ts";
import { openPresence } from "./presence.ts";

let at: Installation;
let logins: Logins;
let one: LiveNode;
let two: LiveNode;
const clients: LiveClient[] = [];

beforeAll(async () => {
  at = await anInstallation();
  logins = await runtimeLogins(Object.assign(new URL(process.env.TEST_DATABASE_URL ?? ""), { pathname: `/${at.owner.database}` }).href);
  at.owner.on("error", () => {});
  // The clock of identity stands still here, that of the nodes does not.
  [one, two] = await Promise.all([aLiveNode(logins.tenant, at.store), aLiveNode(logins.tenant, at.other)]);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
});
afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await at.close();
});

const connect = async (node: LiveNode, session: string): Promise<LiveClient> => {
  const client = await connectLive(node.address, { session });
  clients.push(client);
  return client;
};
const actorOf = async (token: string) => (await at.store.authenticate(token))!;
const call = async (node: LiveNode, token: string, verb: string, input: unknown): Promise<any> => {
  const { answer } = await perform(node.app, await actorOf(token), verb, input, { via: "api" });
  return answer && typeof answer === "object" && "json" in answer ? JSON.parse((answer as { json(): string }).json()) : answer;
};
const follow = async (client: LiveClient, subject: object, from?: number): Promise<number> => {
  const before = client.heard.filter((message) => message.ready).length;
  client.say({ subscribe: subject, ...(from === undefined ? {} : { from }) });
  await until(
    () => client.heard.filter((message) => message.ready).length,
    (count) => count > before,
  );
  return client.heard.findLast((message) => message.ready).ready.position;
};
const quiet = () => new Promise((resolve) => setTimeout(resolve, 300));

test("a change on one node is seen on the other within a second, by id and version and never by value", async () => {
  const anna = await signUp(at);
  const client = await connect(two, anna.token);
  await follow(client, { resource: "companies" });
  const began = performance.now();
  const company = await call(one, anna.token, "companies.create", { data: { name: "Halden Pharma" } });
  const frame = await client.hear((message) => message.type === "company.created", 1_000);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(frame).toEqual({
    position: expect.any(Number),
    resource: "companies",
    id: company.id,
    version: 1,
    type: "company.created",
    at: expect.stringMatching(/Z$/),
    actor_id: anna.member,
  });
  await call(two, anna.token, "companies.update", { id: company.id, data: { name: "Halden" } });
  expect(await client.hear((message) => message.type === "company.updated", 1_000)).toMatchObject({
    id: company.id,
    version: 2,
    position: frame.position + 1,
  });
});

test("who follows one record hears of that one alone, and after unsubscribing of none", async () => {
  const anna = await signUp(at);
  const [mine, other] = [
    await call(one, anna.token, "companies.create", { data: { name: "Mine" } }),
    await call(one, anna.token, "companies.create", { data: { name: "Other" } }),
  ];
  const client = await connect(one, anna.token);
  await follow(client, { resource: "companies", id: mine.id });
  for (const { id } of [other, mine]) await call(one, anna.token, "companies.update", { id, data: { industry: "Pharma" } });
  await client.hear((message) => message.id === mine.id && message.version === 2);
  client.say({ unsubscribe: { resource: "companies", id: mine.id } });
  client.say({ ping: 7 });
  await client.hear((message) => message.pong === 7);
  await call(one, anna.token, "companies.update", { id: mine.id, data: { industry: "Food" } });
  await quiet();
  expect(new Set(client.frames().map(({ id }) => id))).toEqual(new Set([mine.id]));
  expect(client.frames().at(-1)).toMatchObject({ version: 2 });
});

test("one who follows a resource and a record of it hears of each change once", async () => {
  const anna = await signUp(at);
  const company = await call(one, anna.token, "companies.create", { data: { name: "Twice" } });
  const client = await connect(one, anna.token);
  await follow(client, { resource: "companies" });
  await follow(client, { resource: "companies", id: company.id });
  await call(one, anna.token, "companies.update", { id: company.id, data: { industry: "Food" } });
  await client.hear((message) => message.type === "company.updated");
  await quiet();
  expect(client.frames().filter(({ type }) => type === "company.updated")).toHaveLength(1);
});

test("each hears only of what they may see: the team's, what came to it and what left it, and nothing of another workspace", async () => {
  const anna = await signUp(at);
  const reader = await join(at, anna, "read_only"); // views what is the team's
  const stranger = await signUp(at);
  const [admins, readers, strangers] = await Promise.all([
    connect(one, anna.token),
    connect(two, reader.token),
    connect(two, stranger.token),
  ]);
  for (const client of [admins, readers, strangers]) await follow(client, { resource: "companies" });

  const hidden = await call(one, anna.token, "companies.create", { data: { name: "Anna's" } });
  const shown = await call(one, anna.token, "companies.create", { data: { name: "The reader's", owner_id: reader.member } });
  await call(one, anna.token, "companies.update", { id: hidden.id, data: { owner_id: reader.member } });
  await call(one, anna.token, "companies.update", { id: shown.id, data: { owner_id: anna.member } });
  await call(one, anna.token, "companies.update", { id: shown.id, data: { industry: "Food" } });

  await until(
    () => admins.frames().length,
    (count) => count === 5,
  );
  await quiet();
  expect(readers.frames().map(({ id, version }) => [id, version])).toEqual([
    [shown.id, 1],
    [hidden.id, 2],
    [shown.id, 2],
  ]);
  expect(strangers.frames()).toEqual([]);
});

test("a resource that the role may not view cannot be followed, and one that does not exist neither", async () => {
  const anna = await signUp(at);
  const none = { view: "none", create: "none", edit: "none", delete: "none", export: "none", assign: "none" };
  await call(one, anna.token, "roles.create", {
    data: { key: "blind", name: "Blind", grants: { companies: none, "*": { ...none, view: "all" } } },
  });
  const blind = await join(at, anna, "blind");
  const client = await connect(one, blind.token);
  client.say({ subscribe: { resource: "companies" } });
  expect(await client.hear((message) => message.refused?.subject?.resource === "companies")).toMatchObject({
    refused: { code: "FORBIDDEN" },
  });
  client.say({ subscribe: { resource: "spaceships" } });
  expect(await client.hear((message) => message.refused?.subject?.resource === "spaceships")).toMatchObject({
    refused: { code: "NOT_FOUND" },
  });
  await follow(client, { resource: "contacts" });
  await call(one, anna.token, "companies.create", { data: { name: "Unheard of" } });
  await call(one, anna.token, "contacts.create", { data: { last_name: "Heard" } });
  await client.hear((message) => message.type);
  expect(client.frames().map(({ resource }) => resource)).toEqual(["contacts"]);
});

test("after a reconnect exactly what was missed comes first, in order, and then what happens", async () => {
  const anna = await signUp(at);
  const client = await connect(one, anna.token);
  await follow(client, { resource: "companies" });
  const first = await call(one, anna.token, "companies.create", { data: { name: "Seen" } });
  const { position } = await client.hear((message) => message.id === first.id);
  client.terminate();
  const missed: string[] = [];
  for (let count = 0; count < 7; count++) {
    missed.push((await call(two, anna.token, "companies.create", { data: { name: `Missed ${count}` } })).id);
    await call(two, anna.token, "contacts.create", { data: { last_name: "Not followed" } });
  }
  const again = await connect(two, anna.token);
  again.say({ subscribe: { resource: "companies" }, from: position });
  const late = (await call(one, anna.token, "companies.create", { data: { name: "Meanwhile" } })).id;
  await again.hear((message) => message.id === late);
  expect(again.frames().map(({ id }) => id)).toEqual([...missed, late]);
  const positions = again.frames().map((frame) => frame.position);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
});

test("who is more than 500 behind, or ahead of what there is, is told to read everything anew", async () => {
  const anna = await signUp(at);
  const operations = Array.from({ length: 510 }, (_, index) => ({ op: "create", data: { name: `Company ${index}` } }));
  await call(one, anna.token, "companies.bulk", { mode: "atomic", operations });
  const head = await until(
    () => one.feed.head(anna.tenant),
    (position) => position >= 510,
  );
  const client = await connect(one, anna.token);
  expect(await follow(client, { resource: "companies" }, 0)).toBe(head);
  expect(client.heard).toContainEqual({ resync: true, position: head });
  expect(client.frames()).toEqual([]);
  await follow(client, { resource: "contacts" }, head + 1_000_000);
  expect(client.heard.filter((message) => message.resync)).toHaveLength(2);
  const some = await connect(one, anna.token);
  await follow(some, { resource: "companies" }, head - 490);
  expect(some.frames()).toHaveLength(490);
  expect(some.heard.filter((message) => message.resync)).toEqual([]);
});

test("a hint that is lost delays a frame until the next look, and loses nothing", async () => {
  const deaf = await aLiveNode(logins.tenant, at.store, { live: { lookEvery: 100 }, options: { drains: false } });
  deaf.feed.close(); // hears nothing of what others drained
  const anna = await signUp(at);
  const client = await connect(deaf, anna.token);
  await follow(client, { resource: "companies" });
  const company = await call(one, anna.token, "companies.create", { data: { name: "Found by looking" } });
  expect(await client.hear((message) => message.id === company.id)).toMatchObject({ type: "company.created" });
  client.terminate();
  await deaf.close();
});

test("people on two nodes see who else looks at a record, who types, and who left", async () => {
  const anna = await signUp(at);
  const jonas = await join(at, anna, "admin");
  const { id } = await call(one, anna.token, "companies.create", { data: { name: "Busy" } });
  const [annas, jonases] = await Promise.all([connect(one, anna.token), connect(two, jonas.token)]);
  const place = { resource: "companies", id };
  annas.say({ present: place });
  await annas.hear((message) => message.present?.members.length === 0);
  jonases.say({ present: place });
  expect(await jonases.hear((message) => message.present?.members.length === 1)).toEqual({
    present: { ...place, members: [{ member_id: anna.member, name: "Anna Berger", typing: false }] },
  });
  expect(await annas.hear((message) => message.present?.members.length === 1)).toEqual({
    present: { ...place, members: [{ member_id: jonas.member, name: "Jonas Weber", typing: false }] },
  });
  jonases.say({ typing: place });
  await annas.hear((message) => message.present?.members[0]?.typing === true);

  const second = await connect(two, jonas.token); // a second window of the same person is nobody new
  second.say({ present: place });
  await second.hear((message) => message.present);
  jonases.terminate();
  await quiet();
  expect(annas.heard.at(-1).present.members).toHaveLength(1);
  second.say({ absent: place });
  await until(
    () => annas.heard.at(-1),
    (message) => message.present?.members.length === 0,
  );
});

test("nobody is present at a record they may not see", async () => {
  const anna = await signUp(at);
  const reader = await join(at, anna, "read_only");
  const { id } = await call(one, anna.token, "companies.create", { data: { name: "Anna's alone" } });
  const client = await connect(one, reader.token);
  client.say({ present: { resource: "companies", id } });
  expect(await client.hear((message) => message.refused)).toMatchObject({ refused: { code: "NOT_FOUND" } });
});

test("those on a node that died are gone after a while", async () => {
  const beat = { live: { beatEvery: 200 } };
  const [living, dying] = await Promise.all([aLiveNode(logins.tenant, at.store, beat), aLiveNode(logins.tenant, at.other, beat)]);
  const anna = await signUp(at);
  const jonas = await join(at, anna, "admin");
  const { id } = await call(one, anna.token, "companies.create", { data: { name: "Left" } });
  const [annas, jonases] = await Promise.all([connect(living, anna.token), connect(dying, jonas.token)]);
  for (const client of [annas, jonases]) client.say({ present: { resource: "companies", id } });
  await annas.hear((message) => message.present?.members.length === 1);
  await dying.home.close(); // it can say nothing any more
  await until(
    () => annas.heard.findLast((message) => message.present),
    (message) => message.present.members.length === 0,
  );
  for (const client of [annas, jonases]) client.terminate();
  await Promise.all([living.close(), dying.close()]);
});

test("who is suspended or signs out is cut off at once, on every node", async () => {
  const anna = await signUp(at);
  const jonas = await join(at, anna, "rep");
  const [first, second] = await Promise.all([connect(one, jonas.token), connect(two, jonas.token)]);
  for (const client of [first, second]) await follow(client, { resource: "companies" });
  await at.call("members.suspend", { id: jonas.member }, { as: anna.token });
  expect(await Promise.all([first.closed, second.closed])).toEqual([4401, 4401]);

  const annas = await connect(two, anna.token);
  await follow(annas, { resource: "companies" });
  await at.call("auth.sign_out", {}, { as: anna.token });
  expect(await annas.closed).toBe(4401);
});

test("a role that is changed counts from the next frame on", async () => {
  const anna = await signUp(at);
  const jonas = await join(at, anna, "rep");
  const client = await connect(one, jonas.token);
  await follow(client, { resource: "companies" });
  await at.call("members.update", { id: jonas.member, data: { role: "read_only" } }, { as: anna.token });
  await call(one, anna.token, "companies.create", { data: { name: "No longer seen" } });
  const own = await call(one, anna.token, "companies.create", { data: { name: "Still seen", owner_id: jonas.member } });
  await client.hear((message) => message.id === own.id);
  expect(client.frames()).toHaveLength(1);
});

test("without credentials, with wrong ones or from a page of somebody else nobody connects", async () => {
  const anna = await signUp(at);
  await expect(connectLive(one.address, {})).rejects.toThrow("refused with 401");
  await expect(connectLive(one.address, { session: `rps_${"x".repeat(43)}` })).rejects.toThrow("refused with 401");
  await expect(connectLive(one.address, { session: anna.token, origin: "https://evil.example" })).rejects.toThrow("refused with 403");
  await expect(connectLive(one.address, { session: anna.token, origin: null })).rejects.toThrow("refused with 403");
  const { key } = await at.call("keys.create", { name: "Script", role: "admin" }, { as: anna.token });
  const client = await connectLive(one.address, { key, origin: null });
  await follow(client, { resource: "companies" });
  await call(one, anna.token, "companies.create", { data: { name: "Heard by a script" } });
  await client.hear((message) => message.type === "company.created");
  client.terminate();
});

test("what cannot be understood is refused in words, and the connection goes on", async () => {
  const anna = await signUp(at);
  const client = await connect(one, anna.token);
  const wrong: [unknown, string][] = [
    ["{", "UNREADABLE"],
    ["[]", "UNREADABLE"],
    [{ shout: 1 }, "UNKNOWN_WISH"],
    [{ subscribe: {} }, "SUBJECT_INVALID"],
    [{ subscribe: { resource: "companies", id: "7" } }, "SUBJECT_INVALID"],
    [{ subscribe: { resource: "companies" }, from: -1 }, "POSITION_INVALID"],
    [{ subscribe: { resource: "companies" }, from: "1" }, "POSITION_INVALID"],
    [{ present: { resource: "companies" } }, "ID_REQUIRED"],
    [{ subscribe: { resource: "__proto__" } }, "NOT_FOUND"],
  ];
  for (const [wish] of wrong) client.say(wish);
  await until(
    () => client.heard.length,
    (count) => count === wrong.length,
  );
  expect(client.heard.map(({ refused }) => refused.code).sort()).toEqual(wrong.map(([, code]) => code).sort());
  await follow(client, { resource: "companies" });
});

test("a socket that asks for too much, too often or at too great length is refused or closed", async () => {
  const small = await aLiveNode(logins.tenant, at.store, { live: { limits: { subscriptions: 2, sockets: 2, wishes: 20, message: 500 } } });
  const anna = await signUp(at);
  const [first, second] = [await connect(small, anna.token), await connect(small, anna.token)];
  expect(await (await connect(small, anna.token)).closed).toBe(4429);
  await follow(first, { resource: "companies" });
  await follow(first, { resource: "contacts" });
  first.say({ subscribe: { resource: "views" } });
  expect(await first.hear((message) => message.refused)).toMatchObject({ refused: { code: "TOO_MANY_SUBSCRIPTIONS" } });
  first.say({ ping: "x".repeat(600) });
  expect(await first.closed).toBe(1009);
  for (let count = 0; count < 30; count++) second.say({ ping: count });
  expect(await second.closed).toBe(1008);
  const third = await connect(small, anna.token); // those that closed make room
  await follow(third, { resource: "companies" });
  third.terminate();
  await small.close();
});

test("a node that closes tells its clients to connect again", async () => {
  const leaving = await aLiveNode(logins.tenant, at.store);
  const anna = await signUp(at);
  const client = await connect(leaving, anna.token);
  await follow(client, { resource: "companies" });
  await leaving.close();
  expect(await client.closed).toBe(1012);
});

test("a client that reads too slowly is spared the frames it cannot take, and reads everything anew once it has caught up", async () => {
  const anna = await signUp(at);
  const sent: any[] = [];
  const hears: Partial<Record<string, (data: Buffer, isBinary: boolean) => void>> = {};
  const socket = {
    readyState: 1,
    bufferedAmount: 0,
    send: (text: string) => void sent.push(JSON.parse(text)),
    ping: () => hears.pong?.(Buffer.of(), false),
    close: () => {},
    terminate: () => void sent.push("terminated"),
    on: (event: string, hear: () => void) => void (hears[event] = hear),
  };
  const hub = openHub({ feed: one.feed, onError: (error) => one.errors.push(error) });
  const connection = openConnection(
    socket as unknown as Socket,
    { token: anna.token, actor: await actorOf(anna.token) },
    {
      feed: one.feed,
      hub,
      presence: openPresence({ signals: one.home, ttl: 1_000 }),
      authenticate: at.store.authenticate,
      mayView: async () => true,
      nameOf: async () => "Anna",
      limits: { subscriptions: 10, places: 10, wishes: 100, replay: 500, waiting: 1_000 },
      onError: (error) => one.errors.push(error),
    },
  );
  hears.message?.(Buffer.from(JSON.stringify({ subscribe: { resource: "companies" } })), false);
  await until(
    () => sent.length,
    (count) => count === 1,
  );
  socket.bufferedAmount = 2_000;
  await call(one, anna.token, "companies.create", { data: { name: "Too much" } });
  await quiet();
  expect(sent.slice(1)).toEqual([]);
  socket.bufferedAmount = 0;
  const seen = await call(one, anna.token, "companies.create", { data: { name: "Seen again" } });
  await until(
    () => sent.length,
    (count) => count === 3,
  );
  expect(sent[1]).toEqual({ resync: true, position: expect.any(Number) });
  expect(sent[2]).toMatchObject({ id: seen.id });

  socket.bufferedAmount = 2_000;
  await call(one, anna.token, "companies.create", { data: { name: "Never read" } });
  await quiet();
  for (let beats = 0; beats < 3; beats++) connection.beat();
  await until(
    () => sent.at(-1),
    (last) => last === "terminated",
  );
  hub.close();
});
