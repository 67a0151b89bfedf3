import { appendFileSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { claimDue } from "../../src/db/claims.ts";
import { joinRelay } from "../../src/db/relays.ts";
import { users } from "../../src/db/schema.ts";
import { openJournal, readJournals } from "../../src/worker/journal.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "../support/folder.ts";
import * as insert from "../support/insert.ts";
import { fakeRelay } from "../support/relay.ts";
import { deliveryBecomes, deliveryRow, relayName, startTestDelivery } from "../support/worker.ts";

const { db } = await testDatabase();

const open = (dir: string, worker: string) => openJournal(dir, worker, () => undefined);
const held = { organisationId: 1, id: 7, fence: 2 };

/** A mail in the hands of a worker that was killed, and what its journal says of it. */
async function leftBehind({ known }: { known: boolean }) {
  const relay = await fakeRelay();
  const { id: organisationId } = await insert.organisation(db);
  const user = await insert.user(db, organisationId);
  const { id } = await insert.delivery(db, organisationId, user.id);
  const { claimed } = await claimDue(db, { relay: relayName(relay.url), singles: 10, bulk: 0, probe: false });
  const dataDir = temporaryFolder();
  const worker = `killed${organisationId}`;
  if (known) await joinRelay(db, worker, relayName(relay.url));
  const journal = open(dataDir, worker);
  for (const mail of claimed) journal.note(mail);
  return { relay, organisationId, id, userId: user.id, dataDir };
}

it("what a killed worker had sent is settled by the next one on this machine, and not sent again", async () => {
  const { relay, organisationId, id, userId, dataDir } = await leftBehind({ known: true });
  startTestDelivery(db, relay.url, { deps: { dataDir } });
  await deliveryBecomes(db, { organisationId, id }, { state: "accepted", open: false, attempts: 1 });
  const [user] = await db.select({ mailed: users.lastVerificationAt }).from(users).where(eq(users.id, userId));
  expect(user?.mailed).toBeInstanceOf(Date);
  expect(relay.taken).toEqual([]);
});

it("a journal of another database's worker says nothing here", async () => {
  const { relay, organisationId, id, dataDir } = await leftBehind({ known: false });
  const sent = await insert.delivery(db, organisationId, (await insert.user(db, organisationId)).id);
  startTestDelivery(db, relay.url, { deps: { dataDir } });
  await deliveryBecomes(db, { organisationId, id: sent.id }, { state: "accepted" });
  expect(await deliveryRow(db, organisationId, id)).toMatchObject({ state: "sending", open: true });
});

it("forgets what is in the database, and a line that was cut off", () => {
  const dir = temporaryFolder();
  const journal = open(dir, "w1");
  journal.note({ ...held, id: 6 });
  journal.clear();
  journal.note(held);
  appendFileSync(join(dir, "accepted-w1.journal"), "1 8");
  expect(readJournals(dir, new Date())).toEqual(new Map([["w1", [held]]]));
});

it("is gone when its worker has stopped, or has been silent for five minutes", () => {
  const dir = temporaryFolder();
  open(dir, "stopped").remove();
  open(dir, "alive");
  open(dir, "silent").note(held);
  utimesSync(join(dir, "accepted-silent.journal"), new Date(0), new Date(0));
  expect(readJournals(dir, new Date()).get("silent")).toEqual([held]);
  expect(readdirSync(dir)).toEqual(["accepted-alive.journal"]);
});
