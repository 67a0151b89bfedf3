import { and, eq, isNull, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { dispatchAction, dispatchText } from "../../../src/commands/dispatch.ts";
import type { ReadyReply } from "../../../src/commands/reply.ts";
import { tellEach } from "../../../src/commands/tell.ts";
import { inTransaction } from "../../../src/db/client.ts";
import * as schema from "../../../src/db/schema/tables.ts";
import type { WorkerDeps } from "../../../src/deps.ts";
import { postDue } from "../../../src/worker/progress.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";
import { colleague, conversation } from "../../support/chat.ts";

const { db } = await testDatabase();
const deps = testDeps(db);
const { ask, press } = conversation(deps);

type Person = Awaited<ReturnType<typeof colleague>>;
const OFF = "Mail is off for the whole organisation. Nothing leaves until an owner turns it on.";
const lastOf = (reply: ReadyReply) => reply.lines.at(-1);
let organisationId: number;
let owner: Person, admin: Person, employee: Person;

beforeEach(async () => {
  organisationId = (await insert.organisation(db)).id;
  await insert.workspace(db, organisationId);
  owner = await colleague(db, organisationId, "Olga Owner", "owner");
  admin = await colleague(db, organisationId, "Adam Admin", "admin", ["North"]);
  employee = await colleague(db, organisationId, "Eva Employee", null);
});

/** Says what is due in chat, and gives what was said. */
async function posted(): Promise<ReadyReply[]> {
  const said: ReadyReply[] = [];
  const slack = (_target: unknown, reply: ReadyReply) => {
    said.push(reply);
    return Promise.resolve({ kind: "posted", message: { ts: "1" } } as const);
  };
  await db
    .update(schema.posts)
    .set({ nextAttemptAt: sql`now()` })
    .where(and(eq(schema.posts.organisationId, organisationId), isNull(schema.posts.doneAt)));
  await postDue({ ...deps, relay: "test", chat: { slack } } as unknown as WorkerDeps);
  return said;
}

describe("while mail is off", () => {
  it.each([
    ["what was asked for", "jobs"],
    ["help", "help"],
    ["a verb that nobody knows", "frobnicate"],
    ["a filter that nobody knows", "bulk departmnt:Lager"],
    ["an argument that is missing", "resend"],
    ["a name that is not saved", "bulk saved:nothing"],
    ["a flag that does not belong", "jobs --force"],
    ["a refusal", "settings"],
    ["nobody found", "status U0NOBODY"],
  ])("%s is answered with that in the last line", async (_what, text) => {
    expect(lastOf(await ask(admin.asker, text))).not.toBe(OFF);
    await ask(owner.asker, "mail off");
    expect(lastOf(await ask(admin.asker, text))).toBe(OFF);
  });

  it("a form says so, and so does a button that is no longer anybody's", async () => {
    await ask(owner.asker, "mail off");
    const form = await dispatchText(deps, admin.asker, "bulk");
    if (form.kind !== "form") throw new Error("a form was expected");
    expect(form.form.notice).toMatch(new RegExp(`^0 users match, 0 will get mail\\. ${OFF}$`));
    const stale = await dispatchAction(deps, admin.asker, "no-such-button");
    expect(stale.kind === "reply" && lastOf(stale.reply)).toBe(OFF);
  });

  it("an employee hears it, in their language; strangers and people not linked do not", async () => {
    await ask(owner.asker, "mail off");
    await db.update(schema.users).set({ language: "sv" }).where(eq(schema.users.id, employee.user.id));
    expect(lastOf(await ask(employee.asker, "resend me"))).toMatch(/^Mejl är av för hela organisationen/);
    await insert.principal(db, organisationId, { person: "Nobody Yet" });
    const unlinked = { ...employee.asker, principal: { ...employee.asker.principal, person: "Nobody Yet" } };
    for (const each of [unlinked, { ...employee.asker, standing: "stranger" as const }])
      expect((await ask(each, "status")).lines.join()).not.toMatch(/Mail is off|Mejl är av/);
  });

  it("the switch itself says how it stands, once", async () => {
    const off = await ask(owner.asker, "mail off");
    expect(off.lines).toEqual(["Mail is off: nothing leaves, whatever is queued waits."]);
    expect((await ask(owner.asker, "mail")).lines).toEqual(off.lines);
    expect((await press(owner.asker, off, /Turn mail on/)).lines).toEqual(["Mail is on."]);
    expect(lastOf(await ask(admin.asker, "jobs"))).not.toBe(OFF);
  });

  it("the message of a running send says why nothing moves, and takes it back when mail is on", async () => {
    await insert.user(db, organisationId, { name: "Anna Berg", company: "North", department: "Lager" });
    await press(admin.asker, await ask(admin.asker, "bulk department:Lager"), /^Send 1/);
    expect((await posted()).map((reply) => reply.lines.length)).toEqual([1]);
    await ask(owner.asker, "mail av");
    expect((await posted()).map((reply) => reply.lines)).toEqual([[expect.stringMatching(/: 0 of 1 sent\.$/), OFF]]);
    expect(await posted()).toEqual([]);
    await ask(owner.asker, "mejl på");
    expect((await posted()).map((reply) => reply.lines.length)).toEqual([1]);
  });

  it("what people are told unasked says so, too", async () => {
    await ask(owner.asker, "mail off");
    await inTransaction(db, (tx) =>
      tellEach(deps, tx, organisationId, [admin.principal.id], () => ({ tone: "info", lines: ["news"], personal: false })),
    );
    expect((await posted()).map((reply) => reply.lines)).toEqual([["news", OFF]]);
  });
});
