import { createServer, connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { sql } from "drizzle-orm";
import { integer, jsonb, pgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { inTransaction, openPostgres, rowsOf, withBulkTime, type Database } from "../../src/db/client.ts";
import { isConnectionLost, isDatabaseAway } from "../../src/db/faults.ts";
import { emptyDatabase } from "../support/database.ts";
import { onServer } from "../support/postgres.ts";

const url = await emptyDatabase();
const things = pgTable("things", { id: integer("id").primaryKey(), facts: jsonb("facts") });

function open(at = url, max = 3): Database {
  const database = openPostgres(at, { max });
  onTestFinished(() => database.close());
  return database;
}

const one = z.object({ n: z.coerce.number() });
const endOwnBackend = sql`select pg_terminate_backend(pg_backend_pid())`;
const faultOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

beforeAll(() => onServer(url, (server) => server`create table things (id integer primary key, facts jsonb)`));

describe("a pool that lost its links", () => {
  it("answers again at once, inside and outside of a transaction", async () => {
    const { db } = open();
    for (let round = 0; round < 20; round++) {
      const outside = await faultOf(Promise.resolve(db.execute(endOwnBackend)));
      const inside = await faultOf(
        inTransaction(db, async (tx) => {
          await faultOf(Promise.resolve(tx.execute(endOwnBackend)));
          await tx.execute(sql`select 1`);
        }),
      );
      expect([isDatabaseAway(outside), isDatabaseAway(inside)]).toEqual([true, true]);
      expect(await rowsOf(db, one, sql`select 1 as n`)).toEqual([{ n: 1 }]);
    }
  });

  it("keeps nothing of a transaction that was cut off", async () => {
    const { db } = open();
    const cut = await faultOf(
      inTransaction(db, async (tx) => {
        await tx.insert(things).values({ id: 1 });
        await tx.execute(endOwnBackend);
      }),
    );
    expect(isConnectionLost(cut)).toBe(true);
    expect(await db.select().from(things)).toEqual([]);
  });
});

describe("a half-open link", () => {
  let silent: (quiet: boolean) => void;
  let proxied = "";
  let stop: () => void;

  beforeAll(async () => {
    const target = new URL(url);
    const sockets = new Set<Socket>();
    let quiet = false;
    silent = (value) => (quiet = value);
    const proxy = createServer((client) => {
      const upstream = connect(Number(target.port || 5432), target.hostname);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(from);
        let deaf = false;
        from.on("data", (chunk) => {
          deaf ||= quiet;
          if (!deaf) to.write(chunk);
        });
        from.on("error", () => undefined);
        from.on("close", () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const through = new URL(url);
    through.hostname = "127.0.0.1";
    through.port = String((proxy.address() as AddressInfo).port);
    proxied = through.href;
    stop = () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    };
  });
  afterAll(() => stop());

  it("hangs nobody, and is left behind when the network is back", async () => {
    const { db } = open(proxied);
    await Promise.all([1, 2, 3].map(() => db.execute(sql`select pg_sleep(0.05)`)));
    silent(true);
    const started = performance.now();
    const faults = await Promise.all([
      faultOf(Promise.resolve(db.execute(sql`select 1`))),
      faultOf(inTransaction(db, (tx) => tx.execute(sql`select 1`))),
      faultOf(inTransaction(db, (tx) => tx.execute(sql`select 1`))),
    ]);
    expect(performance.now() - started).toBeLessThan(6_000);
    expect(faults.map(isDatabaseAway)).toEqual([true, true, true]);
    silent(false);
    expect(await rowsOf(db, one, sql`select 2 as n`)).toEqual([{ n: 2 }]);
    expect(await inTransaction(db, (tx) => rowsOf(tx, one, sql`select 3 as n`))).toEqual([{ n: 3 }]);
  });
});

describe("time", () => {
  it("is short for a query and longer where a transaction asks for it", async () => {
    const { db } = open();
    const [late] = await Promise.all([
      faultOf(Promise.resolve(db.execute(sql`select pg_sleep(30)`))),
      inTransaction(db, async (tx) => {
        await withBulkTime(tx);
        await tx.execute(sql`select pg_sleep(5.2)`);
      }),
    ]);
    expect(isDatabaseAway(late)).toBe(true);
  });
});

describe("a transaction", () => {
  it("is run again after a serialisation failure", async () => {
    const { db } = open();
    let tries = 0;
    const total = await inTransaction(db, async (tx) => {
      tries += 1;
      if (tries < 3) await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
      return tries;
    });
    expect(total).toBe(3);
  });

  it("gives up after three more tries", async () => {
    const { db } = open();
    let tries = 0;
    const work = inTransaction(db, async (tx) => {
      tries += 1;
      await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40P01'; end $$`);
    });
    await expect(work).rejects.toThrow("Failed query");
    expect(tries).toBe(4);
  });
});

it("stores JSON as it is, strings too", async () => {
  const { db } = open();
  const facts = [{ a: [1, "två", null] }, "plain", 'with "quotes"', 7, true];
  await db.insert(things).values(facts.map((each, index) => ({ id: 100 + index, facts: each })));
  const kinds = await rowsOf(
    db,
    z.object({ kind: z.string() }),
    sql`select jsonb_typeof(facts) as kind from things where id >= 100 order by id`,
  );
  expect(kinds.map(({ kind }) => kind)).toEqual(["object", "string", "string", "number", "boolean"]);
  const rows = await db
    .select()
    .from(things)
    .where(sql`id >= 100`)
    .orderBy(things.id);
  expect(rows.map((row) => row.facts)).toEqual(facts);
});
