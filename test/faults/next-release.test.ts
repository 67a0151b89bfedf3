import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { openPostgres, rowsOf } from "../../src/db/client.ts";
import { migratePostgres } from "../../src/db/migrate.ts";
import { deliveryStates, insertPeople, queueMails } from "../support/send-load.ts";
import { startCluster } from "../support/cluster.ts";
import { fakeSlack } from "../support/fake-slack.ts";
import { nextRelease } from "../support/next-release.ts";
import { isReady, startProduct, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";

const USERS = 2_000;
const RELAY_ANSWERS_AFTER_MS = 20;
/** Holds the table that the old worker is busy with. */
const MIGRATION = `alter table deliveries add column later_note text;
--> statement-breakpoint
select pg_sleep(2);`;

const Numbers = z.object({ count: z.coerce.number() });

it("The next release, started twice at once beside an old worker, migrates once while the worker goes on", async () => {
  const cluster = await startCluster();
  onTestFinished(cluster.stop);
  await migratePostgres(cluster.url);
  const { db, close } = openPostgres(cluster.url, { max: 2 });
  onTestFinished(close);
  const organisation = await insertPeople(db, USERS);
  const relay = await fakeRelay((line) => (line === "." ? wait(RELAY_ANSWERS_AFTER_MS, undefined) : undefined));
  const around = { databaseUrl: cluster.url, smtpUrl: relay.url, slackUrl: (await fakeSlack()).apiUrl, connections: 4 };
  const migrations = () => rowsOf(db, Numbers, sql`select count(*) from drizzle.__drizzle_migrations`);
  const waiting = () => rowsOf(db, Numbers, sql`select count(*) from pg_locks where locktype = 'advisory' and not granted`);

  const old = await startProduct(around, "worker");
  await until(old, () => old.said().includes("worker started"));
  await queueMails(db, organisation);
  await until(old, () => relay.taken.length > 100);
  const before = (await migrations())[0]?.count ?? 0;

  const next = { ...around, main: nextRelease(MIGRATION), env: { WORKER: "none" } };
  const instances = await Promise.all([startProduct(next), startProduct(next)]);
  let mostWaiting = 0;
  for (const instance of instances) {
    await until(instance, async () => {
      mostWaiting = Math.max(mostWaiting, (await waiting())[0]?.count ?? 0);
      return isReady(instance);
    });
  }
  const taken = relay.taken.length;
  expect(taken).toBeLessThan(USERS);
  await until(old, async () => (await deliveryStates(db)).every(({ open }) => !open));

  expect(mostWaiting).toBe(1);
  expect((await migrations())[0]?.count).toBe(before + 1);
  expect(await rowsOf(db, Numbers, sql`select count(later_note) from deliveries`)).toEqual([{ count: 0 }]);
  expect([old, ...instances].map(({ said }) => said()).join("")).not.toMatch(
    /"level":"(?:error|fatal)"|delivery of mails waits|database is away/,
  );
  expect(relay.taken).toHaveLength(USERS);
});
