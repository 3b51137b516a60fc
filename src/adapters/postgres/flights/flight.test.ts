import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { connect, createServer, type Socket } from "node:net";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayLiteral } from "./array-literal.ts";
import { type FlightOptions, type Flights, openFlights } from "./flight.ts";
import { MOST_PREPARED } from "./lane.ts";
import { LostConnection } from "./lost-connection.ts";
import { openPlainFlights } from "./plain.ts";
import { sessionConfig } from "./session.ts";
import { type Result, type Step, statement, type Value } from "./statement.ts";

const ways = {
  "one flight, implicit transaction": (options: FlightOptions) => openFlights({ ...options, spelling: "implicit" }),
  "one flight, as a cluster needs it": (options: FlightOptions) => openFlights({ ...options, spelling: "cluster" }),
  "plain, on a checked-out connection": (options: FlightOptions) => openPlainFlights(options),
};

const name = `flight_${randomBytes(6).toString("hex")}`;
let ownerUrl: string;
let admin: pg.Client;
let connection: pg.ClientConfig;

beforeAll(async () => {
  const server = serverUrl();
  const owner = new pg.Client(server.href);
  await owner.connect();
  await owner.query(`create database ${name}`);
  await owner.query(`create role ${name} login password 'flight' nosuperuser nobypassrls`);
  await owner.end();

  const database = new URL(server);
  database.pathname = `/${name}`;
  ownerUrl = database.href;
  admin = new pg.Client(ownerUrl);
  await admin.connect();
  await admin.query(`
    create table notes (tenant_id uuid not null, id int not null, body text, primary key (tenant_id, id),
      constraint notes_body_said check (body <> ''), constraint notes_body_once unique (tenant_id, body) deferrable initially deferred);
    alter table notes enable row level security;
    create policy own on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
    create sequence tries;
    create function flaky(successful bigint) returns bigint language plpgsql as $$
      begin
        if nextval('tries') < successful then raise exception 'try again' using errcode = '40001'; end if;
        return currval('tries');
      end $$;
    grant select, insert, update, delete on notes to ${name};
    grant usage on sequence tries to ${name};
    grant create on schema public to ${name};`);
  database.username = name;
  database.password = "flight";
  connection = { connectionString: database.href };
});

afterAll(async () => {
  await admin?.end();
  const owner = new pg.Client(serverUrl().href);
  await owner.connect();
  await owner.query(`drop database if exists ${name} with (force)`);
  await owner.query(`drop role if exists ${name}`);
  await owner.end();
});

describe.each(Object.entries(ways))("%s", (_way, open) => {
  let flights: Flights;
  beforeAll(async () => {
    flights = await open({ connection });
  });
  afterAll(() => flights?.close());

  /** Flights of the test's own, closed afterwards. */
  async function withFlights<T>(options: Partial<FlightOptions>, work: (own: Flights) => Promise<T>): Promise<T> {
    const own = await open({ connection, ...options });
    try {
      return await work(own);
    } finally {
      await own.close();
    }
  }

  describe("results", () => {
    test("come in the order of the steps, as text, with the count of their command", async () => {
      const tenant = aTenant();
      const results = await flights.run(
        tenant,
        [step(INSERT, tenant, 1, "one"), step(INSERT, tenant, 2, null), step(UPDATE, tenant, 9, "none"), step(BODIES, tenant)],
        "write",
      );
      expect(results).toEqual([
        { rows: [], count: 1 },
        { rows: [], count: 1 },
        { rows: [], count: 0 },
        {
          rows: [
            ["1", "one"],
            ["2", null],
          ],
          count: 2,
        },
      ]);
      expect(await flights.run(tenant, [step(BODIES, tenant)], "read")).toEqual(results.slice(3));
    });

    test("keep values of every kind as they are", async () => {
      const texts = [
        "",
        " ",
        "null",
        "Grüße",
        "日本",
        "👩‍💻 🇩🇪",
        "\\ \\\\ \\x41",
        "'; drop table notes; --",
        '"{}",',
        "a\tb\r\nc",
        "\u0001\uffff",
      ];
      for (const text of texts) expect(await echo(flights, "text", text)).toBe(text);
      expect(await echo(flights, "text", null)).toBeNull();
      expect(await echo(flights, "text", undefined)).toBeNull();
      expect(await echo(flights, "int", -42)).toBe("-42");
      expect(await echo(flights, "float8", 1e-7)).toBe("1e-07");
      expect(await echo(flights, "float8", Number.NaN)).toBe("NaN");
      expect(await echo(flights, "float8", Number.NEGATIVE_INFINITY)).toBe("-Infinity");
      expect(await echo(flights, "bigint", 9_223_372_036_854_775_807n)).toBe("9223372036854775807");
      expect(await echo(flights, "boolean", true)).toBe("t");
      expect(await echo(flights, "boolean", false)).toBe("f");
      expect(await echo(flights, "timestamptz", "2024-02-29T12:00:00+02:00")).toBe("2024-02-29 10:00:00+00");
    });

    test("carry any text, whatever stands around it", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 8 }), async (texts) => {
          const select = statement(`select ${texts.map((_, i) => `$${i + 1}::text`).join(", ")}`);
          const [result] = await flights.run(null, [[select, texts]], "read");
          expect(result?.rows).toEqual([texts]);
        }),
        { numRuns: 100 },
      );
    });

    test("carry a text of a megabyte, and small ones after it", async () => {
      const large = "€🙂a".repeat(150_000);
      expect(await echo(flights, "text", large)).toBe(large);
      expect(await echo(flights, "text", "small")).toBe("small");
    });

    test("put the replacement character where half a character was given, and nothing else shifts", async () => {
      const [result] = await flights.run(null, [step("select $1::text, $2::text, $3::text", "a\ud83d", "\udc00b", "c")], "read");
      expect(result?.rows).toEqual([["a\ufffd", "\ufffdb", "c"]]);
    });

    test("bring arrays back as they were given", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(anyText, fc.constantFrom(null, "", "NULL", "{", "}", ",", '"', "\\", " a ")), { maxLength: 12 }),
          async (list) => {
            const [result] = await flights.run(
              null,
              [step("select e from unnest($1::text[]) with ordinality as u(e, n) order by n", arrayLiteral(list))],
              "read",
            );
            expect(result?.rows.map(([element]) => element)).toEqual(list);
          },
        ),
        { numRuns: 100 },
      );
      const [numbers] = await flights.run(
        null,
        [step("select $1::bigint[], $2::boolean[]", arrayLiteral([1, -2n, null]), arrayLiteral([true, false]))],
        "read",
      );
      expect(numbers?.rows).toEqual([["{1,-2,NULL}", "{t,f}"]]);
    });

    test("number none for no steps", async () => {
      expect(await flights.run(aTenant(), [], "write")).toEqual([]);
    });

    test("take 65,535 parameters, and refuse one more before anything is sent", async () => {
      const list = (size: number) => Array.from({ length: size }, (_, i) => i);
      const select = (size: number) =>
        statement(
          `select cardinality(array[${list(size)
            .map((i) => `$${i + 1}::int`)
            .join()}])`,
        );
      const [most] = await flights.run(null, [[select(65_535), list(65_535)]], "bulk");
      expect(most?.rows).toEqual([["65535"]]);
      await expect(flights.run(null, [[select(65_536), list(65_536)]], "bulk")).rejects.toThrow(RangeError);
      expect(await echo(flights, "int", 1)).toBe("1");
    });
  });

  describe("a failure", () => {
    test("in the middle rolls everything back and names the constraint", async () => {
      const tenant = aTenant();
      const failed = flights.run(
        tenant,
        [step(INSERT, tenant, 1, "a"), step(INSERT, tenant, 2, ""), step(INSERT, tenant, 3, "c")],
        "write",
      );
      await expect(failed).rejects.toMatchObject({ code: "23514", constraint: "notes_body_said", table: "notes" });
      await expect(failed).rejects.toBeInstanceOf(pg.DatabaseError);
      const again = flights.run(tenant, [step(INSERT, tenant, 1, "a"), step(INSERT, tenant, 1, "b")], "write");
      await expect(again).rejects.toMatchObject({ code: "23505", constraint: "notes_pkey" });
      const raised = flights.run(tenant, [step(INSERT, tenant, 1, "a"), step(RAISE)], "write");
      await expect(raised).rejects.toMatchObject({ code: "23503", constraint: "some_key", detail: "what, exactly", message: "no" });
      expect(await bodies(flights, tenant)).toEqual([]);
    });

    test("at the commit reaches the caller", async () => {
      const tenant = aTenant();
      const failed = flights.run(tenant, [step(INSERT, tenant, 1, "same"), step(INSERT, tenant, 2, "same")], "write");
      await expect(failed).rejects.toMatchObject({ code: "23505", constraint: "notes_body_once" });
      expect(await bodies(flights, tenant)).toEqual([]);
    });

    test("of one unit leaves those around it alone", async () => {
      await withFlights({ lanes: { write: 1 } }, async (own) => {
        const units = [echo(own, "int", 1, "write"), echo(own, "int", "no number", "write"), echo(own, "int", 3, "write")];
        expect((await Promise.allSettled(units)).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      });
    });

    test("of a text PostgreSQL cannot hold is its own", async () => {
      await expect(echo(flights, "text", "a\0b")).rejects.toMatchObject({ code: "22021" });
      await expect(flights.run(null, [step("select $1::int", 1, 2)], "read")).rejects.toMatchObject({ code: "08P01" });
      expect(await echo(flights, "text", "ab")).toBe("ab");
    });

    test("to prepare reaches every caller, and the statement is tried anew the next time", async () => {
      const table = `late_${randomBytes(4).toString("hex")}`;
      const select = step(`select count(*) from ${table}`);
      await withFlights({ lanes: { write: 1 } }, async (own) => {
        const units = await Promise.allSettled([1, 2, 3].map(() => own.run(null, [select], "write")));
        for (const unit of units) expect(unit).toMatchObject({ status: "rejected", reason: { code: "42P01" } });
        await own.run(null, [step(`create table ${table} (id int)`)], "write");
        const [result] = await own.run(null, [select], "write");
        expect(result?.rows).toEqual([["0"]]);
      });
    });

    test("of a deadlock or a lost race is tried again, a bounded number of times", async () => {
      await admin.query("alter sequence tries restart");
      const [result] = await flights.run(null, [step("select flaky($1)", 3)], "write");
      expect(result?.rows).toEqual([["3"]]);
      await admin.query("alter sequence tries restart");
      await expect(flights.run(null, [step("select flaky($1)", 1_000)], "write")).rejects.toMatchObject({ code: "40001" });
      expect((await admin.query("select last_value::int from tries")).rows).toEqual([{ last_value: 5 }]);

      const tenant = aTenant();
      await flights.run(tenant, [step(INSERT, tenant, 1, "a"), step(INSERT, tenant, 2, "b")], "write");
      const both = (first: number, second: number) =>
        flights.run(tenant, [step(APPEND, tenant, first), step("select pg_sleep(0.05)"), step(APPEND, tenant, second)], "bulk");
      await Promise.all([both(1, 2), both(2, 1)]);
      expect(await bodies(flights, tenant)).toEqual(["a++", "b++"]);
    });
  });

  describe("a tenant", () => {
    test("does not stay on the connection after success, error, timeout or cancellation", async () => {
      await withFlights({ lanes: { write: 1 } }, async (own) => {
        const tenant = aTenant();
        const left = async () =>
          (await own.run(null, [step("select nullif(current_setting('app.tenant_id', true), '')")], "write"))[0]?.rows;
        const [set] = await own.run(tenant, [step("select current_setting('app.tenant_id')")], "write");
        expect(set?.rows).toEqual([[tenant]]);
        expect(await left()).toEqual([[null]]);
        await expect(own.run(tenant, [step("select 1 / $1::int", 0)], "write")).rejects.toMatchObject({ code: "22012" });
        expect(await left()).toEqual([[null]]);
        const slow = [step("select set_config('statement_timeout', '50', true)"), step(SLEEP, 5)];
        await expect(own.run(tenant, slow, "write")).rejects.toMatchObject({ code: "57014" });
        expect(await left()).toEqual([[null]]);
        const cancelled = expect(own.run(tenant, [step(SLEEP, 5)], "write")).rejects.toMatchObject({ code: "57014" });
        await eventually(async () => expect(await signal("pg_cancel_backend", "rapport write")).toBe(1));
        await cancelled;
        expect(await left()).toEqual([[null]]);
      });
    });

    test("does not stay after its connection was terminated", async () => {
      await withFlights({ lanes: { write: 1 } }, async (own) => {
        const tenant = aTenant();
        const lost = expect(own.run(tenant, [step(INSERT, tenant, 1, "a"), step(SLEEP, 5)], "write")).rejects.toBeInstanceOf(
          LostConnection,
        );
        await eventually(async () => expect(await signal("pg_terminate_backend", "rapport write")).toBe(1));
        await lost;
        const [result] = await own.run(null, [step("select nullif(current_setting('app.tenant_id', true), '')")], "write");
        expect(result?.rows).toEqual([[null]]);
        expect(await bodies(own, tenant)).toEqual([]);
      });
    });

    test("that is no UUID is refused before anything is sent", async () => {
      const evil = "x'; drop table notes; --";
      await expect(flights.run(evil, [step("select 1")], "read")).rejects.toThrow("A tenant is a UUID");
      await expect(flights.transaction(evil, (run) => run([step("select 1")]))).rejects.toThrow("A tenant is a UUID");
    });

    test("sees only its own rows, even where the filter was forgotten", async () => {
      const [mine, other] = [aTenant(), aTenant()];
      await flights.run(mine, [step(INSERT, mine, 1, "mine")], "write");
      await flights.run(other, [step(INSERT, other, 1, "other")], "write");
      const [seen] = await flights.run(mine, [step("select distinct tenant_id from notes")], "read");
      expect(seen?.rows).toEqual([[mine]]);
      const [none] = await flights.run(null, [step("select distinct tenant_id from notes")], "read");
      expect(none?.rows).toEqual([]);
    });

    test("cannot write for another one, nor can no tenant", async () => {
      const [mine, other] = [aTenant(), aTenant()];
      await expect(flights.run(mine, [step(INSERT, other, 1, "a")], "write")).rejects.toMatchObject({ code: "42501" });
      await expect(flights.run(null, [step(INSERT, other, 1, "a")], "write")).rejects.toMatchObject({ code: "42501" });
      await expect(flights.transaction(mine, (run) => run([step(INSERT, other, 1, "a")]))).rejects.toMatchObject({ code: "42501" });
    });

    test("is never mixed up: 3,000 units at once over 50 tenants on two connections, one in seven failing midway", async () => {
      const tenants = Array.from({ length: 50 }, aTenant);
      await withFlights({ lanes: { write: 2 } }, async (own) => {
        await Promise.all(tenants.map((tenant) => own.run(tenant, [step(INSERT, tenant, 0, "kept")], "write")));
        const outcomes = await Promise.all(
          Array.from({ length: 3_000 }, async (_, i) => {
            const tenant = tenants[i % tenants.length] ?? "";
            const steps = [step("select tenant_id, body from notes"), step("select current_setting('app.tenant_id')")];
            const failing = [step(INSERT, tenant, i + 1, `lost ${i}`), step("select 1 / $1::int", 0), ...steps];
            if (i % 7 === 0) return await own.run(tenant, failing, "write").catch(({ code }) => code);
            const [seen, set] = await own.run(tenant, steps, "write");
            expect(seen?.rows).toEqual([[tenant, "kept"]]);
            expect(set?.rows).toEqual([[tenant]]);
            return "seen";
          }),
        );
        expect(outcomes.filter((outcome) => outcome === "22012")).toHaveLength(429);
        expect(outcomes.filter((outcome) => outcome === "seen")).toHaveLength(2_571);
      });
      const { rows } = await admin.query(
        "select count(*)::int, count(distinct tenant_id)::int as tenants from notes where tenant_id = any($1)",
        [tenants],
      );
      expect(rows).toEqual([{ count: 50, tenants: 50 }]);
    });
  });

  describe("a lane", () => {
    test("hands a write that waits for a lock to the wide place", async () => {
      const tenant = aTenant();
      await flights.run(tenant, [step(INSERT, tenant, 1, "a")], "write");
      const holder = new pg.Client(ownerUrl);
      await holder.connect();
      await holder.query("begin");
      await holder.query("update notes set body = 'held' where tenant_id = $1", [tenant]);
      const waiting = flights.run(tenant, [step(APPEND, tenant, 1), step(WHERE_AM_I)], "write");
      await eventually(async () => expect(await waitingFor("rapport wide write")).toBe(1));
      await holder.query("commit");
      await holder.end();
      expect((await waiting)[1]?.rows).toEqual([["rapport wide write"]]);
      expect(await bodies(flights, tenant)).toEqual(["held+"]);
    });

    test("hands a slow read to the wide place, and gives it up there after two seconds", async () => {
      const [, where] = await flights.run(null, [step(SLEEP, 0.2), step(WHERE_AM_I)], "read");
      expect(where?.rows).toEqual([["rapport wide read"]]);
      await expect(flights.run(null, [step(SLEEP, 5)], "read")).rejects.toMatchObject({ code: "57014" });
    });

    test("for reads and searches does not write", async () => {
      const tenant = aTenant();
      await expect(flights.run(tenant, [step(INSERT, tenant, 1, "a")], "read")).rejects.toMatchObject({ code: "25006" });
      await expect(flights.run(tenant, [step(INSERT, tenant, 1, "a")], "search")).rejects.toMatchObject({ code: "25006" });
    });

    test("has the settings of its kind", async () => {
      const settings = (kind: "read" | "write" | "search" | "bulk") =>
        flights.run(
          null,
          [
            step(
              "select current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('TimeZone'), current_setting('DateStyle')",
            ),
          ],
          kind,
        );
      expect((await settings("read"))[0]?.rows).toEqual([["100ms", "0", "UTC", "ISO, MDY"]]);
      expect((await settings("write"))[0]?.rows).toEqual([["2s", "100ms", "UTC", "ISO, MDY"]]);
      expect((await settings("search"))[0]?.rows).toEqual([["2s", "0", "UTC", "ISO, MDY"]]);
      expect((await settings("bulk"))[0]?.rows).toEqual([["30s", "0", "UTC", "ISO, MDY"]]);
    });

    test("opens more connections only under load, and no more than it may", async () => {
      await withFlights({ lanes: { search: 2 } }, async (own) => {
        const pids = async (times: number) => {
          const units = Array.from({ length: times }, () => own.run(null, [step("select pg_backend_pid(), pg_sleep(0.01)")], "search"));
          return new Set((await Promise.all(units)).map(([result]) => result?.rows[0]?.[0]));
        };
        expect((await pids(1)).size).toBe(1);
        await eventually(async () => expect((await pids(20)).size).toBe(2));
      });
    });

    test("keeps a bounded number of statements prepared, and all still answer", async () => {
      await withFlights({ lanes: { bulk: 1 } }, async (own) => {
        const round = () =>
          Promise.all(Array.from({ length: MOST_PREPARED + 300 }, (_, i) => own.run(null, [step(`select ${i}`)], "bulk")));
        for (let times = 0; times < 2; times++)
          expect((await round()).map(([result]) => result?.rows[0]?.[0])).toEqual(
            Array.from({ length: MOST_PREPARED + 300 }, (_, i) => `${i}`),
          );
        const [kept] = await own.run(null, [step("select count(*) from pg_prepared_statements")], "bulk");
        expect(Number(kept?.rows[0]?.[0])).toBeLessThanOrEqual(MOST_PREPARED);
        const many = Array.from({ length: MOST_PREPARED + 100 }, (_, i) => step(`select ${i} + 1`));
        expect(await own.run(null, many, "bulk")).toHaveLength(many.length);
      });
    });

    test("keeps the statements prepared that are in use", async () => {
      await withFlights({ lanes: { bulk: 1 } }, async (own) => {
        const favourite = step("select prepare_time from pg_prepared_statements where statement like 'select prepare_time%'");
        const preparedAt = async () => (await own.run(null, [favourite], "bulk"))[0]?.rows;
        const before = await preparedAt();
        for (let i = 0; i < 3; i++) {
          await Promise.all(Array.from({ length: MOST_PREPARED / 2 }, (_, n) => own.run(null, [step(`select ${i}, ${n}`)], "bulk")));
          expect(await preparedAt()).toEqual(before);
        }
      });
    });

    test("prepares anew when a table has changed, and writes once", async () => {
      const tenant = aTenant();
      const table = `grown_${randomBytes(4).toString("hex")}`;
      await withFlights({ lanes: { write: 2 } }, async (own) => {
        await own.run(null, [step(`create table ${table} (id int)`)], "write");
        const units = (body: string) =>
          Promise.all(
            [1, 2, 3, 4].map((id) => own.run(tenant, [step(INSERT, tenant, id, `${body}${id}`), step(`select * from ${table}`)], "write")),
          );
        await units("before");
        await own.run(null, [step(`alter table ${table} add column name text`)], "write");
        await own.run(null, [step(`insert into ${table} values (1, 'new')`)], "write");
        await own.run(tenant, [step("delete from notes where tenant_id = $1", tenant)], "write");
        for (const [, read] of await units("after")) expect(read?.rows).toEqual([["1", "new"]]);
        expect(await bodies(own, tenant)).toEqual(["after1", "after2", "after3", "after4"]);
      });
    });

    test("prepares anew when its statements were deallocated behind its back", async () => {
      await withFlights({ lanes: { write: 1 } }, async (own) => {
        expect(await echo(own, "int", 1, "write")).toBe("1");
        await own.run(null, [step("/* past the guard */ deallocate all")], "write");
        expect(await Promise.all([1, 2, 3].map((n) => echo(own, "int", n, "write")))).toEqual(["1", "2", "3"]);
      });
    });

    test("stays in no transaction that a step opened", async () => {
      const tenant = aTenant();
      await withFlights({ lanes: { write: 1 } }, async (own) => {
        await own.run(tenant, [step("/* past the guard */ begin"), step(INSERT, tenant, 1, "a")], "write").catch(() => {});
        const [result] = await own.run(null, [step("select nullif(current_setting('app.tenant_id', true), '')")], "write");
        expect(result?.rows).toEqual([[null]]);
        const { rows } = await admin.query(
          "select count(*)::int from pg_stat_activity where datname = $1 and state like 'idle in transaction%'",
          [name],
        );
        expect(rows).toEqual([{ count: 0 }]);
      });
    });
  });

  describe("a transaction", () => {
    test("commits what its work did, one flight after the other, under its tenant", async () => {
      const tenant = aTenant();
      const length = await flights.transaction(tenant, async (run) => {
        await run([step(INSERT, tenant, 1, "a")]);
        const [seen, set] = await run([step(BODIES, tenant), step("select current_setting('app.tenant_id')")]);
        expect(set?.rows).toEqual([[tenant]]);
        expect(await bodies(flights, tenant)).toEqual([]);
        await Promise.all([run([step(INSERT, tenant, 2, "b")]), run([step(INSERT, tenant, 3, "c")])]);
        return seen?.rows.length;
      });
      expect(length).toBe(1);
      expect(await bodies(flights, tenant)).toEqual(["a", "b", "c"]);
    });

    test("rolls back when its work throws, and leaves its connection clean", async () => {
      const tenant = aTenant();
      await withFlights({ maxTransactions: 1 }, async (own) => {
        const work = own.transaction(tenant, async (run) => {
          await run([step(INSERT, tenant, 1, "a")]);
          throw new Error("changed my mind");
        });
        await expect(work).rejects.toThrow("changed my mind");
        const left = await own.transaction(null, (run) => run([step("select nullif(current_setting('app.tenant_id', true), '')")]));
        expect(left[0]?.rows).toEqual([[null]]);
        expect(await bodies(own, tenant)).toEqual([]);
      });
    });

    test("fails with the error of its statement, even if the work went on after it", async () => {
      const tenant = aTenant();
      const work = flights.transaction(tenant, async (run) => {
        await run([step(INSERT, tenant, 1, "a")]);
        await run([step(INSERT, tenant, 2, "")]).catch(() => {});
        return "all is well";
      });
      await expect(work).rejects.toMatchObject({ code: "23514" });
      expect(await bodies(flights, tenant)).toEqual([]);
    });

    test("fails with what the commit refuses", async () => {
      const tenant = aTenant();
      const work = flights.transaction(tenant, (run) => run([step(INSERT, tenant, 1, "same"), step(INSERT, tenant, 2, "same")]));
      await expect(work).rejects.toMatchObject({ code: "23505", constraint: "notes_body_once" });
      expect(await bodies(flights, tenant)).toEqual([]);
    });

    test("takes no statement after its end, and may have none at all", async () => {
      let late: (steps: Step[]) => Promise<Result[]> = async () => [];
      expect(await flights.transaction(aTenant(), async (run) => void (late = run))).toBeUndefined();
      await expect(late([step("select 1")])).rejects.toThrow("The transaction has ended");
    });

    test("does not wait for a lane, and waits its turn among its like", async () => {
      await withFlights({ lanes: { write: 1 }, maxTransactions: 2 }, async (own) => {
        let isBusy = true;
        const slow = own.run(null, [step(SLEEP, 1)], "write").finally(() => (isBusy = false));
        const order = await Promise.all(
          [1, 2, 3, 4, 5].map((n) => own.transaction(null, async (run) => (await run([step("select $1::int", n)]))[0]?.rows[0]?.[0])),
        );
        expect(order).toEqual(["1", "2", "3", "4", "5"]);
        expect(isBusy).toBe(true);
        await slow;
      });
    });

    test("whose connection is terminated has not happened", async () => {
      const tenant = aTenant();
      const lost = flights.transaction(tenant, async (run) => {
        await run([step(INSERT, tenant, 1, "a")]);
        expect(await signal("pg_terminate_backend", "rapport transaction", "any")).toBeGreaterThan(0);
        return await run([step(INSERT, tenant, 2, "b")]);
      });
      await expect(lost).rejects.toMatchObject({ name: "LostConnection", mayHaveHappened: false });
      expect(await bodies(flights, tenant)).toEqual([]);
      expect(await flights.transaction(tenant, (run) => run([step("select 1")]))).toHaveLength(1);
    });
  });

  describe("a lost connection", () => {
    test("fails the writes in flight, which are not sent again, and hides itself from reads", async () => {
      const errors: Error[] = [];
      await withFlights({ lanes: { write: 1, search: 1 }, onError: (error) => errors.push(error) }, async (own) => {
        await admin.query("alter sequence tries restart");
        const write = own.run(null, [step("select nextval('tries')"), step(SLEEP, 1.5)], "write");
        const read = own.run(null, [step(SLEEP, 1)], "search");
        const settled = Promise.allSettled([write, read]);
        await eventually(async () => expect(await signal("pg_terminate_backend", "rapport write")).toBe(1));
        await eventually(async () => expect(await signal("pg_terminate_backend", "rapport search")).toBe(1));
        expect(await settled).toMatchObject([
          { status: "rejected", reason: { name: "LostConnection", code: "DATABASE_UNAVAILABLE", mayHaveHappened: true } },
          { status: "fulfilled" },
        ]);
        expect((await admin.query("select last_value::int from tries")).rows).toEqual([{ last_value: 1 }]);
        expect(await echo(own, "int", 1, "write")).toBe("1");
        expect(errors).toHaveLength(2);
      });
    });

    test("while idle is opened anew without anyone noticing", async () => {
      const errors: Error[] = [];
      await withFlights({ lanes: { write: 1 }, onError: (error) => errors.push(error) }, async (own) => {
        const pid = async () => (await own.run(null, [step("select pg_backend_pid()")], "write"))[0]?.rows[0]?.[0];
        const before = await pid();
        await admin.query("select pg_terminate_backend($1)", [before]);
        await eventually(async () => expect(errors).toHaveLength(1));
        expect(await pid()).not.toBe(before);
      });
    });

    test("to a database that is away fails calls quickly, and all works again when it is back", async () => {
      const proxy = await aProxy();
      try {
        await withFlights({ connection: proxy.connection }, async (own) => {
          const tenant = aTenant();
          await own.run(tenant, [step(INSERT, tenant, 1, "a")], "write");
          proxy.goAway();
          const since = performance.now();
          const calls = [
            own.run(tenant, [step(BODIES, tenant)], "read"),
            own.run(tenant, [step(APPEND, tenant, 1)], "write"),
            own.transaction(tenant, (run) => run([step("select 1")])),
          ];
          for (const call of await Promise.allSettled(calls))
            expect(call).toMatchObject({ status: "rejected", reason: { name: "LostConnection" } });
          expect(performance.now() - since).toBeLessThan(6_000);
          proxy.comeBack();
          await eventually(async () => expect(await bodies(own, tenant)).toEqual(["a"]));
          await own.run(tenant, [step(APPEND, tenant, 1)], "write");
          expect(await own.transaction(tenant, async (run) => (await run([step(BODIES, tenant)]))[0]?.rows)).toEqual([["1", "a+"]]);
        });
      } finally {
        await proxy.close();
      }
    });

    test("is what opening says when there is no database", async () => {
      const proxy = await aProxy();
      await proxy.close();
      await expect(open({ connection: proxy.connection })).rejects.toMatchObject({ name: "LostConnection", mayHaveHappened: false });
    });
  });

  test("closing waits for what is in flight and takes nothing more", async () => {
    const own = await open({ connection });
    const slow = own.run(null, [step("select 'done', pg_sleep(0.3)")], "write");
    const work = own.transaction(null, (run) => run([step("select 'done too', pg_sleep(0.3)")]));
    await own.close();
    expect((await slow)[0]?.rows[0]?.[0]).toBe("done");
    expect((await work)[0]?.rows[0]?.[0]).toBe("done too");
    await expect(own.run(null, [step("select 1")], "read")).rejects.toBeInstanceOf(LostConnection);
    await expect(own.transaction(null, (run) => run([step("select 1")]))).rejects.toBeInstanceOf(LostConnection);
  });
});

test("a database that keeps its connections but does not answer is given up", async () => {
  const proxy = await aProxy();
  const own = await openFlights({ connection: proxy.connection });
  try {
    proxy.freeze();
    const since = performance.now();
    await expect(own.run(null, [step("select 1")], "read")).rejects.toBeInstanceOf(LostConnection);
    expect(performance.now() - since).toBeLessThan(10_000);
    proxy.comeBack();
    await eventually(async () => expect(await echo(own, "int", 1)).toBe("1"));
  } finally {
    await own.close();
    await proxy.close();
  }
});

test("a statement is the same for the same text, and cannot end the transaction of its unit", () => {
  expect(statement("select 1")).toBe(statement("select 1"));
  expect(statement("select 1").name).not.toBe(statement("select 2").name);
  for (const text of ["begin", " COMMIT", "rollback to x", "set search_path = x", "copy notes from stdin"]) {
    expect(() => statement(text)).toThrow("A unit is one transaction");
  }
  for (const text of ["set local lock_timeout = 1", "set constraints all deferred", "select 1 as begin", "update notes set body = 'x'"]) {
    expect(statement(text).text).toBe(text);
  }
  expect(() => statement("select '\0'")).toThrow("NUL");
});

test("options of the connection string are kept beside those of the lane", () => {
  const config = (connectionString: string) => sessionConfig({ connectionString }, "read", "cluster");
  const given = config("postgres://a@b/c?options=-c%20jit%3Doff&sslmode=disable");
  expect(given.connectionString).toBe("postgres://a@b/c?sslmode=disable");
  expect(given.options).toMatch(/^-c jit=off -c .*statement_timeout=100 .*citus.propagate_set_commands=local$/);
  expect(config("postgres://a@b/c?options=-c%20jit%3Doff").connectionString).toBe("postgres://a@b/c");
  expect(config("postgres://a@b/c").options).toMatch(/^-c TimeZone=UTC/);
});

test("pg is the version whose internals the units stand on", () => {
  expect(createRequire(import.meta.url)("pg/package.json").version).toBe("8.23.1");
});

const INSERT = "insert into notes (tenant_id, id, body) values ($1, $2, $3)";
const RAISE = "do $$ begin raise 'no' using errcode = '23503', constraint = 'some_key', detail = 'what, exactly'; end $$";
const UPDATE = "update notes set body = $3 where tenant_id = $1 and id = $2";
const APPEND = "update notes set body = body || '+' where tenant_id = $1 and id = $2";
const BODIES = "select id, body from notes where tenant_id = $1 order by id";
const SLEEP = "select pg_sleep($1)";
const WHERE_AM_I = "select current_setting('application_name')";

const anyText = fc.string({ unit: "binary", maxLength: 60 }).map((text) => text.replaceAll("\0", ""));

const step = (text: string, ...values: Value[]): Step => [statement(text), values];

/** A new tenant. */
function aTenant(): string {
  const hex = randomBytes(16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

async function echo(flights: Flights, type: string, value: Value, lane: "read" | "write" = "read"): Promise<string | null | undefined> {
  const [result] = await flights.run(null, [step(`select $1::${type}`, value)], lane);
  return result?.rows[0]?.[0];
}

async function bodies(flights: Flights, tenant: string): Promise<(string | null | undefined)[]> {
  const [result] = await flights.run(tenant, [step(BODIES, tenant)], "read");
  return result?.rows.map(([, body]) => body) ?? [];
}

/** Cancels or terminates the sessions of an application that are in a state; says how many. */
async function signal(act: "pg_cancel_backend" | "pg_terminate_backend", application: string, state = "active"): Promise<number> {
  const text = `select ${act}(pid) from pg_stat_activity where datname = $1 and application_name = $2 and ($3 <> 'active' or state <> 'idle' and wait_event is not null)`;
  return (await admin.query(text, [name, application, state])).rows.length;
}

async function waitingFor(application: string): Promise<number> {
  const text = "select 1 from pg_stat_activity where datname = $1 and application_name = $2 and wait_event_type = 'Lock'";
  return (await admin.query(text, [name, application])).rows.length;
}

async function eventually(check: () => Promise<void>): Promise<void> {
  const until = performance.now() + 8_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function serverUrl(): URL {
  const url = process.env.TEST_DATABASE_URL;
  if (!url)
    throw new Error("Set TEST_DATABASE_URL to the owner's URL of a PostgreSQL server; these tests create a database of their own in it.");
  return new URL(url);
}

/** A door in front of the database that can be closed, or stay open while nothing comes through. */
async function aProxy() {
  const target = new URL(connection.connectionString ?? "");
  const sockets = new Set<Socket>();
  let state: "open" | "away" | "frozen" = "open";
  const server = createServer((near) => {
    if (state === "away") return void near.destroy();
    const far = connect(Number(target.port || 5432), target.hostname);
    const pairs = [
      [near, far],
      [far, near],
    ] as const;
    for (const [from, to] of pairs) {
      sockets.add(from);
      from.on("data", (data) => state === "open" && to.write(data));
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(typeof address === "object" && address ? address.port : "");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    connection: { connectionString: url.href },
    goAway: () => {
      state = "away";
      cut();
    },
    freeze: () => {
      state = "frozen";
    },
    comeBack: () => {
      state = "open";
    },
    close: () => {
      cut();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
