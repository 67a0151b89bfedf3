import { setTimeout as wait } from "node:timers/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { openPostgres, rowsOf, type Db } from "../../src/db/client.ts";
import { deliveryStates } from "../support/send-load.ts";
import { temporaryFolder } from "../support/folder.ts";
import { createDatabase } from "../support/postgres.ts";
import { end, isReady, startProduct, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { slackPerson, textOf } from "../support/slack-person.ts";
import { twoAdmins } from "../support/two-admins.ts";

const USERS = 1_000;
const RELAY_ANSWERS_AFTER_MS = 20;

const Table = z.object({ name: z.string() });
const Count = z.object({ count: z.coerce.number() });

/** How many rows each table of the product's holds. */
async function rowCounts(db: Db): Promise<Record<string, number>> {
  const tables = await rowsOf(db, Table, sql`select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables order by 1`);
  const counts: [string, number][] = [];
  for (const { name } of tables) counts.push([name, (await rowsOf(db, Count, sql`select count(*) from ${sql.raw(name)}`))[0]?.count ?? 0]);
  return Object.fromEntries(counts);
}

it("A restored dump has every row, starts, and goes on with the queue where it was", async () => {
  const { cluster, db, slack } = await twoAdmins(USERS);
  const relay = await fakeRelay((line) => (line === "." ? wait(RELAY_ANSWERS_AFTER_MS, undefined) : undefined));
  const around = { databaseUrl: cluster.url, smtpUrl: relay.url, slackUrl: slack.apiUrl, connections: 4 };
  const first = await startProduct(around);
  await until(first, () => isReady(first));
  const before = slackPerson(slack, () => first.address);
  await before.press(await before.type("bulk connection:pending"), `Send ${USERS}`);
  await until(first, () => relay.taken.length > USERS / 4);
  expect(await end(first.child, "SIGTERM")).toBe(0);
  const sentBefore = relay.taken.length;
  expect(sentBefore).toBeLessThan(USERS);

  const file = join(temporaryFolder(), "dump");
  await cluster.run("pg_dump", ["--format=custom", `--file=${file}`, cluster.url]);
  const restored = await createDatabase(cluster.url, "restored");
  await cluster.run("pg_restore", ["--exit-on-error", `--dbname=${restored}`, file]);
  const { db: there, close } = openPostgres(restored, { max: 2 });
  onTestFinished(close);
  expect(await rowCounts(there)).toEqual(await rowCounts(db));

  const second = await startProduct({ ...around, databaseUrl: restored });
  await until(second, () => isReady(second));
  const after = slackPerson(slack, () => second.address);
  await until(second, async () => (await deliveryStates(there)).every(({ open }) => !open));
  expect(await deliveryStates(there)).toEqual([{ state: "accepted", open: false, count: USERS }]);
  expect(relay.taken).toHaveLength(USERS);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(USERS);
  expect((await deliveryStates(db)).some(({ open }) => open)).toBe(true);
  await until(second, () => textOf(after.conversation().at(-1)).startsWith(`B-1 done`));
  expect(textOf(after.conversation().at(-1))).toContain(`${USERS} of ${USERS} users received mail.`);
  expect(await end(second.child, "SIGTERM")).toBe(0);
});
