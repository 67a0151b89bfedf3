import { and, eq, isNull, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import type { ReadyReply } from "../../src/commands/reply.ts";
import { runReminders } from "../../src/commands/sends/remind-run.ts";
import * as schema from "../../src/db/schema/tables.ts";
import type { WorkerDeps } from "../../src/deps.ts";
import { postDue } from "../../src/worker/progress.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { colleague, conversation, textOf } from "../support/chat.ts";

const { db } = await testDatabase();
const deps = testDeps(db);
const { ask, press } = conversation(deps);

/** A run of a reminder by an admin who speaks `language`, to three people. */
async function aRun(language = "en") {
  const { id } = await insert.organisation(db, { remindFrom: "00:00", remindUntil: "24:00" });
  await insert.workspace(db, id);
  const owner = await colleague(db, id, "Olga Owner", "owner");
  await db.update(schema.users).set({ language }).where(eq(schema.users.id, owner.user.id));
  const at = new Date(Date.now() - 10 * 86_400_000);
  for (const name of ["Anna Berg", "Bo Ek", "Cilla Dal"]) await insert.user(db, id, { name, addressSetAt: at });
  await ask(owner.asker, "remind add after 7d every 3d max 3");
  await runReminders(deps);

  const said: ReadyReply[] = [];
  const worker = {
    ...deps,
    relay: "test",
    chat: {
      slack: (_target, reply) => {
        said.push(reply);
        return Promise.resolve({ kind: "posted", message: { ts: "1" } });
      },
    },
  } satisfies Partial<WorkerDeps>;
  const post = async () => {
    await db
      .update(schema.posts)
      .set({ nextAttemptAt: sql`now()` })
      .where(isNull(schema.posts.doneAt));
    await postDue(worker as unknown as WorkerDeps);
  };
  const mails = await db.select().from(schema.deliveries).where(eq(schema.deliveries.organisationId, id));
  const end = async (...states: string[]) => {
    for (const [at, state] of states.entries())
      await db
        .update(schema.deliveries)
        .set({ state, settledAt: sql`now()`, skipReason: state === "skipped" ? "connected" : null })
        .where(and(eq(schema.deliveries.organisationId, id), eq(schema.deliveries.id, mails[at]?.id ?? 0)));
    if (states.length < mails.length) return;
    await db
      .update(schema.sends)
      .set({ state: "completed", endedAt: sql`now()` })
      .where(eq(schema.sends.organisationId, id));
  };
  const open = () => db.$count(schema.posts, and(eq(schema.posts.organisationId, id), isNull(schema.posts.doneAt)));
  return { owner, said, post, end, open };
}

it("tells the maker once, when the run has ended, how many got mail", async () => {
  const run = await aRun();
  await run.post();
  await run.end("accepted", "accepted");
  await run.post();
  expect(run.said).toEqual([]);
  await run.end("accepted", "accepted", "skipped");
  await run.post();
  await run.post();
  expect(run.said.map(textOf)).toEqual(["Reminder R-1: 2 of 3 users received mail (B-1). 1 verified meanwhile."]);
  expect(await run.open()).toBe(0);
  const [digest] = run.said;
  if (!digest) throw new Error("nothing was said");
  expect(textOf(await press(run.owner.asker, digest, /Stop the reminder/))).toBe("R-1 stopped.");
});

it("says nothing about a run in which nobody was mailed", async () => {
  const run = await aRun();
  await run.end("skipped", "skipped", "skipped");
  await run.post();
  expect(run.said).toEqual([]);
  expect(await run.open()).toBe(0);
});

it("tells of a run in which every mail failed", async () => {
  const run = await aRun();
  await run.end("failed", "failed", "skipped");
  await run.post();
  expect(run.said.map(textOf)).toEqual(["Reminder R-1: 0 of 3 users received mail (B-1). 2 failed, 1 verified meanwhile."]);
});

it.each([
  ["sv", "Påminnelse R-1: 3 av 3 användare fick mejl (B-1)."],
  ["nb", "Påminnelse R-1: 3 av 3 brukere fikk e-post (B-1)."],
  ["da", "Påmindelse R-1: 3 af 3 brugere fik mail (B-1)."],
  ["fi", "Muistutus R-1: 3/3 käyttäjää sai viestin (B-1)."],
])("speaks %s", async (language, text) => {
  const run = await aRun(language);
  await run.end("accepted", "accepted", "accepted");
  await run.post();
  expect(run.said.map(textOf)).toEqual([text]);
});
