import { appendFileSync, existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { claimDue, type Claimed } from "../../src/db/claims.ts";
import { joinRelay } from "../../src/db/relays.ts";
import { deliveries, users } from "../../src/db/schema/tables.ts";
import { openJournal, takeLeftJournals, type Journal } from "../../src/worker/journal.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "../support/folder.ts";
import * as insert from "../support/insert.ts";
import { fakeRelay } from "../support/relay.ts";
import { deliveryBecomes, deliveryRow, eventually, relayName, startTestDelivery } from "../support/worker.ts";

const { db } = await testDatabase();

const open = (dir: string, worker: string) => openJournal(dir, worker, () => undefined);
const mail = (id: number) => ({ organisationId: 1, id, fence: 2, before: "queued" as const });
const held = (id: number) => expect.objectContaining({ organisationId: 1, id, fence: 2 }) as unknown;

/** As the kernel does it when a process ends: its lock is nobody's, its file stays. */
function kill(dir: string, journal: Journal, worker: string): void {
  const path = join(dir, `worker-${worker}.journal`);
  const text = readFileSync(path, "utf8");
  journal.remove();
  appendFileSync(path, text);
}

/** A mail in the hands of a worker that was killed, and what its journal says of it. */
async function leftBehind({ known }: { known: boolean }, note: (journal: Journal, mail: Claimed) => void) {
  const relay = await fakeRelay();
  const { id: organisationId } = await insert.organisation(db);
  const user = await insert.user(db, organisationId);
  const { id } = await insert.delivery(db, organisationId, user.id);
  const { claimed } = await claimDue(db, { relay: relayName(relay.url), singles: 10, bulk: 0, probe: false });
  const dataDir = temporaryFolder();
  const worker = `killed${organisationId}`;
  if (known) await joinRelay(db, worker, relayName(relay.url));
  const journal = open(dataDir, worker);
  journal.claimed(claimed);
  for (const each of claimed) note(journal, each);
  kill(dataDir, journal, worker);
  return { relay, organisationId, id, userId: user.id, dataDir, file: join(dataDir, `worker-${worker}.journal`) };
}

it("what a killed worker had sent is settled by the next one on this machine, and not sent again", async () => {
  const { relay, organisationId, id, userId, dataDir, file } = await leftBehind({ known: true }, (journal, each) => {
    journal.begun(each);
    journal.accepted(each);
  });
  startTestDelivery(db, relay.url, { deps: { dataDir } });
  await deliveryBecomes(db, { organisationId, id }, { state: "accepted", open: false, attempts: 1 });
  const [user] = await db.select({ mailed: users.lastVerificationAt }).from(users).where(eq(users.id, userId));
  expect(user?.mailed).toBeInstanceOf(Date);
  expect(relay.taken).toEqual([]);
  await eventually(() => existsSync(file)).toBe(false);
});

it.each([
  ["had only claimed goes out at once, and once", () => undefined, false],
  ["had begun goes out at once, and counts as possibly sent twice", (journal: Journal, each: Claimed) => journal.begun(each), true],
] as const)("what it %s", async (_, note, again) => {
  const { relay, organisationId, id, dataDir } = await leftBehind({ known: true }, note);
  startTestDelivery(db, relay.url, { deps: { dataDir } });
  await deliveryBecomes(db, { organisationId, id }, { state: "accepted" });
  expect(relay.taken).toHaveLength(1);
  const [row] = await db.select({ again: deliveries.again }).from(deliveries).where(eq(deliveries.id, id));
  expect(row?.again).toBe(again);
});

it("a journal of another database's worker says nothing here", async () => {
  const { relay, organisationId, id, dataDir } = await leftBehind({ known: false }, (journal, each) => journal.accepted(each));
  const sent = await insert.delivery(db, organisationId, (await insert.user(db, organisationId)).id);
  startTestDelivery(db, relay.url, { deps: { dataDir } });
  await deliveryBecomes(db, { organisationId, id: sent.id }, { state: "accepted" });
  expect(await deliveryRow(db, organisationId, id)).toMatchObject({ state: "sending", open: true });
});

it("tells how far each mail had come, whatever was settled, and leaves out a line that was cut off", () => {
  const dir = temporaryFolder();
  const journal = open(dir, "w1");
  journal.claimed(Array.from({ length: 20_000 }, (_, id) => mail(id)));
  journal.trim({ claimed: [mail(7), mail(8), mail(9)], begun: [mail(8), mail(9)], accepted: [] });
  journal.accepted(mail(9));
  kill(dir, journal, "w1");
  appendFileSync(join(dir, "worker-w1.journal"), "a 1 7");
  const { journals, letGo } = takeLeftJournals(dir, new Date());
  letGo();
  expect(journals.map(({ left }) => left)).toEqual([{ untouched: [held(7)], begun: [held(8)], accepted: [held(9)] }]);
});

it("is nobody else's while its writer is alive, and gone when that has stopped", () => {
  const dir = temporaryFolder();
  open(dir, "stopped").remove();
  const alive = open(dir, "alive");
  alive.claimed([mail(1)]);
  expect(takeLeftJournals(dir, new Date()).journals).toEqual([]);
  alive.remove();
  expect(readdirSync(dir)).toEqual([]);
});

it("of an unknown worker is old after a day", () => {
  const dir = temporaryFolder();
  const journal = open(dir, "w1");
  journal.claimed([mail(1)]);
  kill(dir, journal, "w1");
  utimesSync(join(dir, "worker-w1.journal"), new Date(0), new Date(0));
  const { journals, letGo } = takeLeftJournals(dir, new Date());
  letGo();
  expect(journals).toMatchObject([{ worker: "w1", old: true }]);
});
