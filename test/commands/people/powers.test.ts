import { and, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import * as schema from "../../../src/db/schema/tables.ts";
import { colleague, replyOf, speaker } from "../../support/chat.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";

const { db } = await testDatabase();
const deps = testDeps(db);
let [organisationId, workspace] = [0, ""];

beforeEach(async () => {
  organisationId = (await insert.organisation(db)).id;
  ({ workspace } = await insert.workspace(db, organisationId));
});

/** `actor` tries to take over `them` by another login address. */
async function tries(actor: [string, string[]], them: [string | null, string[]]) {
  const { user: boss } = await colleague(db, organisationId, "Boss", "owner");
  await colleague(db, organisationId, "Actor", actor[0], actor[1]);
  const { user: target } = await colleague(db, organisationId, "Target", them[0], them[1]);
  const company = await insert.company(db, organisationId, "North");
  for (const { id } of [target, boss]) await db.update(schema.users).set({ companyId: company }).where(eq(schema.users.id, id));
  const by = speaker(deps, workspace, "Actor");
  const reply = replyOf(
    await by
      .fill(`set-email ${target.userId}`, { email: "mine@acme.example", confirm: "mine@acme.example" })
      .catch(() => by.ask(`set-email ${target.userId}`).then((said) => ({ kind: "reply" as const, reply: said, replace: false }))),
  );
  const [now] = await db.select().from(schema.users).where(eq(schema.users.id, target.id));
  return { reply, target, changed: now?.loginAddress === "mine@acme.example" };
}

describe("the order of powers", () => {
  it.each<[string, [string, string[]], [string | null, string[]], boolean]>([
    ["An admin does not change an owner's address", ["admin", ["North"]], ["owner", []], false],
    ["An admin of North does not change that of an admin of North and South", ["admin", ["North"]], ["admin", ["North", "South"]], false],
    ["An admin of North and South changes that of an admin of North", ["admin", ["North", "South"]], ["admin", ["North"]], true],
    ["An admin changes that of an auditor of the same company", ["admin", ["North"]], ["auditor", ["North"]], true],
    ["An admin changes that of an employee", ["admin", ["North"]], [null, []], true],
    ["An owner changes that of another owner", ["owner", []], ["owner", []], true],
  ])("%s", async (_rule, actor, them, allowed) => {
    const { reply, target, changed } = await tries(actor, them);
    expect(changed).toBe(allowed);
    if (allowed) return;
    expect(reply.lines[0]).toBe("Not changed: Target has rights that you do not have.");
    const events = await db
      .select()
      .from(schema.auditEvents)
      .where(and(eq(schema.auditEvents.organisationId, organisationId), eq(schema.auditEvents.action, "set-email-refused")));
    expect(events[0]).toMatchObject({ userId: target.id });
    expect(JSON.stringify(await db.select().from(schema.posts).where(eq(schema.posts.organisationId, organisationId)))).toContain(
      "Actor tried to change the login address of Target",
    );
  });

  it("The former address of a pending user is told of the change, too", async () => {
    await colleague(db, organisationId, "Actor", "admin", ["North"]);
    const anna = await insert.user(db, organisationId, { name: "Anna Berg", company: "North" });
    await speaker(deps, workspace, "Actor").fill(`set-email ${anna.userId}`, { email: "new@acme.example", confirm: "new@acme.example" });
    const mails = await db.select().from(schema.deliveries).where(eq(schema.deliveries.userId, anna.id));
    expect(mails.find(({ purpose }) => purpose === "address-changed")).toMatchObject({ address: anna.loginAddress });
  });
});
