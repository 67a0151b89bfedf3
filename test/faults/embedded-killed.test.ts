import { join } from "node:path";
import { and, eq } from "drizzle-orm";
import { expect, it, onTestFinished } from "vitest";
import { openDatabase, type Where } from "../../src/db/open.ts";
import { deliveries, users } from "../../src/db/schema/tables.ts";
import { insertPeople } from "../support/send-load.ts";
import { command, fakeSlack, signed } from "../support/fake-slack.ts";
import { temporaryFolder } from "../support/folder.ts";
import { end, isReady, startProduct, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { textOf } from "../support/slack-person.ts";

/** At the same time, since a start takes one core: twenty kills in all. */
const PRODUCTS = 2;
const KILLS = 10;
const ASKED_A_ROUND = 5;

async function opened(where: Where) {
  const database = await openDatabase(where);
  if (database.kind !== "open") throw new Error("the data directory is in use");
  return database.database;
}

/** Asks for mails and kills the product once it has acknowledged one, again and again. Returns whose mails it acknowledged, has kept, and sent. */
async function askAndKill(): Promise<{ acknowledged: string[]; kept: string[]; mailed: string[] }> {
  const where = { url: undefined, dataDir: join(temporaryFolder(), "data") };
  const before = await opened(where);
  await insertPeople(before.db, KILLS * ASKED_A_ROUND);
  await before.close();
  const slack = await fakeSlack();
  const relay = await fakeRelay();
  const around = { databaseUrl: undefined, smtpUrl: relay.url, slackUrl: slack.apiUrl, connections: 2, env: { DATA_DIR: where.dataDir } };

  const askedAt = new Map<string, string>();
  const acknowledged = (): string[] =>
    slack.told.flatMap(({ path, args }) => (textOf(args).startsWith("Sent to") ? (askedAt.get(path) ?? []) : []));
  for (let kill = 0; kill < KILLS; kill++) {
    const product = await startProduct(around);
    await until(product, () => isReady(product));
    const already = acknowledged().length;
    for (let n = 1; n <= ASKED_A_ROUND; n++) {
      const userId = `R${kill * ASKED_A_ROUND + n}`;
      const fields = command(slack, `resend ${userId}`);
      askedAt.set(new URL(fields["response_url"] ?? "").pathname, userId);
      const [headers, body] = signed(new URLSearchParams(fields).toString());
      fetch(`${product.address}/slack/events`, { method: "POST", headers, body: String(body) }).catch(() => undefined);
    }
    await until(product, () => acknowledged().length > already);
    await end(product.child, "SIGKILL");
  }

  const after = await opened(where);
  onTestFinished(after.close);
  const kept = await after.db
    .select({ userId: users.userId })
    .from(deliveries)
    .innerJoin(users, and(eq(users.organisationId, deliveries.organisationId), eq(users.id, deliveries.userId)))
    .where(eq(deliveries.state, "accepted"));
  return {
    acknowledged: acknowledged(),
    kept: kept.map(({ userId }) => userId),
    mailed: relay.taken.map(({ to }) => to.replace("@acme.example", "").toUpperCase()),
  };
}

it("The embedded product, killed twenty times in the middle of its work, loses nothing it has acknowledged and mails it once", async () => {
  for (const { acknowledged, kept, mailed } of await Promise.all(Array.from({ length: PRODUCTS }, askAndKill))) {
    expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    expect(acknowledged.filter((userId) => mailed.filter((each) => each === userId).length !== 1)).toEqual([]);
  }
});
