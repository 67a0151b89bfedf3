import { expect, it } from "vitest";
import { sayCut } from "../../src/commands/say.ts";
import { listRecipients, listResults } from "../../src/db/send-results.ts";
import * as schema from "../../src/db/schema/tables.ts";
import { inScope } from "../../src/db/users.ts";
import { wordsIn } from "../../src/words/words.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();

/** A bulk send to one user of each end; users are named for it, so that names say nothing about the order. */
async function aSend() {
  const { id: organisationId } = await insert.organisation(db);
  const bulk = await insert.bulkSend(db, organisationId);
  const add = async (name: string, skipReason: string | null, state?: string, company = "North") => {
    const user = await insert.user(db, organisationId, { name, company });
    await db.insert(schema.recipients).values({ organisationId, sendId: bulk.id, userId: user.id, addressVersion: 1, skipReason });
    if (state === undefined) return;
    const settledAt = state === "queued" ? null : new Date();
    const meanwhile = state === "skipped" ? "connected" : null;
    await insert.delivery(db, organisationId, user.id, { sendId: bulk.id, sending: "bulk", state, settledAt, skipReason: meanwhile });
  };
  await add("accepted", null, "accepted");
  await add("bounced", null, "bounced");
  await add("cancelled", null, "cancelled");
  await add("connected", "connected");
  await add("failed", null, "failed", "South");
  await add("no address", "no-address");
  await add("queued", null, "queued");
  await add("suppressed", "suppressed");
  await add("unknown", null, "unknown");
  await add("verified meanwhile", null, "skipped");
  const north = await insert.company(db, organisationId, "North");
  const of = (scope: Parameters<typeof inScope>[1]) => ({ organisationId, sendId: bulk.id, seen: inScope(organisationId, scope) });
  return { all: of({ kind: "all" }), north: of({ kind: "companies", companyIds: [north] }) };
}
const names = ({ rows }: { rows: { name: string }[] }) => rows.map((row) => row.name);

it("a report begins with what needs somebody's hand and ends with what went well", async () => {
  const { all } = await aSend();
  const ordered = [
    "bounced",
    "failed",
    "unknown",
    "suppressed",
    "no address",
    "queued",
    "cancelled",
    "connected",
    "verified meanwhile",
    "accepted",
  ];
  expect(names(await listResults(db, all, 100))).toEqual(ordered);
  const cut = await listResults(db, all, 3);
  expect([names(cut), cut.count]).toEqual([["bounced", "failed", "unknown"], 10]);
});

it("a frozen list begins with addresses that want mending, then those who get mail", async () => {
  const { all } = await aSend();
  const list = await listRecipients(db, all, 4);
  expect([names(list), list.count]).toEqual([["suppressed", "no address", "accepted", "bounced"], 10]);
  expect(names(await listRecipients(db, all, 100)).at(-1)).toBe("connected");
});

it("neither holds anybody outside the reader's companies, nor counts them", async () => {
  const { north } = await aSend();
  const lists = [await listResults(db, north, 100), await listRecipients(db, north, 100)];
  for (const list of lists) expect([names(list).includes("failed"), list.rows.length, list.count]).toEqual([false, 9, 9]);
});

it.each([
  ["en", "The file holds the first 100,000 of 312,400 rows."],
  ["sv", "Filen innehåller de första 100 000 av 312 400 rader."],
  ["nb", "Filen inneholder de første 100 000 av 312 400 rader."],
  ["da", "Filen indeholder de første 100.000 af 312.400 rækker."],
  ["fi", "Tiedostossa on ensimmäiset 100 000 riviä kaikkiaan 312 400 rivistä."],
])("a file that is cut says so in %s, and a whole one says nothing", (language, said) => {
  const voice = { t: wordsIn(language), timeZone: "UTC", now: new Date() };
  expect(sayCut(100_000, 312_400, voice).map((line) => line.replace(/\s/g, " "))).toEqual([said]);
  expect(sayCut(312_400, 312_400, voice)).toEqual([]);
});
