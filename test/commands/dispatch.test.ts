import { and, eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import type { Asker } from "../../src/commands/asker.ts";
import { dispatchAction, dispatchForm, dispatchText, listOptions, refreshForm } from "../../src/commands/dispatch.ts";
import type { ReadyReply } from "../../src/commands/reply.ts";
import * as schema from "../../src/db/schema/tables.ts";
import { actionOf, askerOf, conversation, replyOf, textOf } from "../support/chat.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const deps = testDeps(db);

type World = Awaited<ReturnType<typeof world>>;
let w: World;

async function world() {
  const organisation = await insert.organisation(db);
  const { workspace } = await insert.workspace(db, organisation.id);
  const asker = (person: string, over: Partial<Asker> = {}) => askerOf(workspace, person, over);
  const person = async (name: string, role: string | null, values: Parameters<typeof insert.user>[2] = {}) => {
    const user = await insert.user(db, organisation.id, { name, verifiedAt: new Date(), language: "en", ...values });
    if (role) await insert.role(db, organisation.id, user.id, role);
    await insert.principal(db, organisation.id, { person: name, userId: user.id });
    return user;
  };
  await person("Olga Owner", "owner");
  const admin = await person("Adam Admin", "admin");
  await insert.authorisation(db, organisation.id, admin.id, await insert.company(db, organisation.id, "North"));
  await person("Asta Auditor", "auditor").then(async (auditor) =>
    insert.authorisation(db, organisation.id, auditor.id, await insert.company(db, organisation.id, "North")),
  );
  const employee = await person("Eva Employee", null, { verifiedAt: null, company: "North", language: "sv" });
  const anna = await insert.user(db, organisation.id, {
    name: "Anna Berg",
    loginAddress: `anna@acme${organisation.id}.example`,
    company: "North",
    department: "Lager",
    language: "sv",
  });
  return {
    organisation,
    employee,
    anna,
    annaAddress: `anna@acme${organisation.id}.example`,
    owner: asker("Olga Owner"),
    admin: asker("Adam Admin"),
    auditor: asker("Asta Auditor"),
    self: asker("Eva Employee"),
    unlinked: asker("Nobody Yet"),
    stranger: asker("Olga Owner", { standing: "stranger" }),
    foreign: { ...asker("Olga Owner"), principal: { platform: "slack" as const, workspace: "TFOREIGN", person: "Olga Owner" } },
  };
}

beforeEach(async () => {
  w = await world();
});

const { ask } = conversation(deps);
const press = (asker: Asker, reply: ReadyReply, label: RegExp) => dispatchAction(deps, asker, actionOf(reply, label));
const mailsOf = (userId: number) =>
  db
    .select()
    .from(schema.deliveries)
    .where(and(eq(schema.deliveries.organisationId, w.organisation.id), eq(schema.deliveries.userId, userId)));

describe("who may speak", () => {
  it("refuses strangers, foreign workspaces and guests alike, naming nothing", async () => {
    const refusals = await Promise.all([w.stranger, w.foreign].map((asker) => ask(asker, "status me")));
    expect(refusals[0]).toEqual(refusals[1]);
    expect(refusals[0]?.tone).toBe("refused");
  });

  it("tells an unlinked member that the chat account is not linked, and still gives help", async () => {
    expect(textOf(await ask(w.unlinked, "status"))).toContain("not linked");
    expect((await ask(w.unlinked, "help")).items?.rows.map((row) => row.title)).toEqual(["/verify help status"]);
  });

  it("shows each role only what it may use", async () => {
    const verbs = async (asker: Asker) => (await ask(asker, "")).items?.rows.map((row) => row.title.split(" ")[1]);
    const titles = (await ask(w.self, "")).items?.rows.map((row) => row.title);
    expect(titles).toEqual(["/verify help status", "/verify status", "/verify resend me", "/verify password"]);
    expect((await ask(w.self, "help resend")).code).toEqual(["/verify resend me"]);
    expect(await verbs(w.auditor)).toEqual(["help", "status", "resend", "password", "history", "audit"]);
    expect(await verbs(w.admin)).toEqual(expect.arrayContaining(["bulk", "set-email", "report"]));
    expect(await verbs(w.admin)).not.toContain("mail");
    expect(await verbs(w.owner)).toContain("mail");
  });

  it("speaks the language of the linked user", async () => {
    await db.update(schema.users).set({ language: "sv" }).where(eq(schema.users.name, "Olga Owner"));
    expect(textOf(await ask(w.owner, "resend"))).toMatch(/^Vem\?/);
  });

  it("takes a role away at once", async () => {
    await db.delete(schema.roleGrants).where(eq(schema.roleGrants.organisationId, w.organisation.id));
    expect(textOf(await ask(w.admin, `resend ${w.annaAddress}`))).toContain("does not include resend");
    expect(await mailsOf(w.anna.id)).toEqual([]);
  });

  it("makes nobody an owner or a colleague because of a profile address", async () => {
    const reply = await ask({ ...w.unlinked, locale: "sv" }, "bulk department:Lager");
    expect(reply.tone).toBe("refused");
    expect(await db.select().from(schema.sends).where(eq(schema.sends.organisationId, w.organisation.id))).toEqual([]);
  });
});

describe("status", () => {
  it("tells an employee about themselves and nobody else", async () => {
    expect(textOf(await ask(w.self, "status"))).toContain("Eva Employee");
    expect((await ask(w.self, `status ${w.annaAddress}`)).tone).toBe("refused");
  });

  it("tells an admin where a colleague stands, masked, with the button that helps", async () => {
    const reply = await ask(w.admin, `status ${w.annaAddress}`);
    expect(textOf(reply)).toContain("Anna Berg is pending.");
    expect(JSON.stringify(reply)).not.toContain(w.annaAddress);
    expect(reply.personal).toBe(true);
    expect(replyOf(await press(w.admin, reply, /Send/)).tone).toBe("info");
    expect(await mailsOf(w.anna.id)).toHaveLength(1);
  });

  it("finds nobody outside the scope, in the same words as nobody at all", async () => {
    const other = await insert.user(db, w.organisation.id, { name: "Sven South", company: "South" });
    const outside = textOf(await ask(w.admin, `status ${other.userId}`));
    const nobody = textOf(await ask(w.admin, "status U0NOBODY"));
    expect(outside.replace(other.userId, "X")).toBe(nobody.replace("U0NOBODY", "X"));
  });

  it("shows a pick list for a name that several have, and goes on with the one picked", async () => {
    const twin = await insert.user(db, w.organisation.id, { name: "Anna Berg", company: "North", verifiedAt: new Date() });
    const list = await ask(w.admin, 'status "Anna Berg"');
    expect(list.items?.rows).toHaveLength(2);
    expect(textOf(replyOf(await press(w.admin, list, new RegExp(twin.userId))))).toContain("connected since");
  });
});

describe("resend", () => {
  it("queues one mail and says queued until the mail server took it", async () => {
    const reply = await ask(w.admin, `resend ${w.annaAddress}`);
    expect(textOf(reply)).toMatch(/^Queued for Anna Berg \(a\*\*\*@acme/);
    expect(await mailsOf(w.anna.id)).toMatchObject([{ state: "queued", sending: "single", purpose: "verify" }]);
    const follow = await db.select().from(schema.posts).where(eq(schema.posts.organisationId, w.organisation.id));
    expect(follow).toMatchObject([{ doneAt: null }]);
  });

  it("queues one mail when two admins ask at the same moment", async () => {
    const replies = await Promise.all([w.admin, w.owner, w.admin, w.owner].map((asker) => ask(asker, `resend ${w.annaAddress}`)));
    expect(await mailsOf(w.anna.id)).toHaveLength(1);
    expect(replies.filter((reply) => reply.tone === "refused")).toHaveLength(3);
  });

  it("never mails a connected user, not even by force", async () => {
    await db.update(schema.users).set({ verifiedAt: new Date() }).where(eq(schema.users.id, w.anna.id));
    const reply = await ask(w.owner, `resend ${w.annaAddress} --force --reason "again"`);
    expect(textOf(reply)).toContain("already connected");
    expect(await mailsOf(w.anna.id)).toEqual([]);
  });

  it("explains the waiting time and sends anyway once, on one press", async () => {
    await db
      .update(schema.users)
      .set({ lastVerificationAt: sql`now() - interval '10 seconds'` })
      .where(eq(schema.users.id, w.anna.id));
    const refused = await ask(w.admin, `resend ${w.annaAddress}`);
    expect(textOf(refused)).toContain("Next possible at");
    const presses = await Promise.all([press(w.admin, refused, /Send anyway/), press(w.admin, refused, /Send anyway/)]);
    expect(presses.map((each) => replyOf(each).lines[0]).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      expect.stringContaining("Queued for"),
      "That was done already by your first press.",
    ]);
    expect(await mailsOf(w.anna.id)).toMatchObject([{ forced: true }]);
  });

  it("asks for a reason before it uses force", async () => {
    expect(textOf(await ask(w.admin, `resend ${w.annaAddress} --force`))).toContain("--reason");
    expect(await mailsOf(w.anna.id)).toEqual([]);
  });

  it("sends nothing on a dry run, and refuses flags it does not know rather than ignore them", async () => {
    expect(textOf(await ask(w.admin, `resend ${w.annaAddress} --dry-run`))).toContain("Dry run");
    expect(textOf(await ask(w.admin, `resend ${w.annaAddress} --at "2026-12-01 08:00"`))).toContain("--at does not work with resend");
    expect(await mailsOf(w.anna.id)).toEqual([]);
  });

  it("lets an employee ask for their own, with the limit for oneself", async () => {
    expect(textOf(await ask(w.self, "resend me"))).not.toBe("");
    expect(await mailsOf(w.employee.id)).toMatchObject([{ sending: "self" }]);
  });

  it("refuses an auditor", async () => {
    expect((await ask(w.auditor, `resend ${w.annaAddress}`)).tone).toBe("refused");
    expect((await ask(w.auditor, `status ${w.annaAddress}`)).tone).toBe("info");
  });
});

describe("bulk", () => {
  const lager = async () => {
    await insert.user(db, w.organisation.id, { company: "North", department: "Lager", verifiedAt: new Date() });
    await insert.user(db, w.organisation.id, { company: "North", department: "Lager", loginAddress: null });
    await insert.user(db, w.organisation.id, { company: "North", department: "Lager", suppressedAt: new Date() });
    await insert.user(db, w.organisation.id, { company: "South", department: "Lager" });
  };

  it("previews with a reason for every skip, within the scope, and sends nothing", async () => {
    await lager();
    const reply = await ask(w.admin, "bulk department:Lager");
    expect(reply.lines[0]).toBe("B-1: 4 users match. 1 will get mail. 3 will not: 1 without address, 1 connected, 1 bounced.");
    expect(reply.personal).toBe(false);
    expect((await ask(w.owner, "bulk department:Lager")).lines[0]).toContain("5 users match. 2 will get mail.");
    expect(await db.select().from(schema.deliveries).where(eq(schema.deliveries.organisationId, w.organisation.id))).toEqual([]);
  });

  it("sends to the frozen audience once, though confirmed twice at the same moment", async () => {
    await lager();
    const preview = await ask(w.admin, "bulk department:Lager");
    await insert.user(db, w.organisation.id, { company: "North", department: "Lager" });
    const presses = await Promise.all([press(w.admin, preview, /^Send/), press(w.admin, preview, /^Send/)]);
    const said = presses.map((each) => textOf(replyOf(each))).toSorted();
    expect(said[0]).toContain("B-1 started: 1 mail");
    expect(said[1]).toContain("was confirmed already; it is running");
    expect(await mailsOf(w.anna.id)).toHaveLength(1);
    const all = await db.select().from(schema.deliveries).where(eq(schema.deliveries.organisationId, w.organisation.id));
    expect(all).toHaveLength(1);
  });

  it("sends one mail each when two admins confirm overlapping sends, and says who was first", async () => {
    const first = await ask(w.owner, "bulk department:Lager");
    const second = await ask(w.admin, "bulk department:Lager");
    await press(w.owner, first, /^Send/);
    expect(textOf(replyOf(await press(w.admin, second, /^Send/)))).toContain("1 already had a mail on its way, started by Olga Owner.");
    expect((await mailsOf(w.anna.id)).filter((mail) => mail.state === "queued")).toHaveLength(1);
  });

  it("refuses another person's button, keeps a record of it, and sends nothing", async () => {
    const preview = await ask(w.admin, "bulk department:Lager");
    expect(textOf(replyOf(await press(w.owner, preview, /^Send/)))).toContain("belong to someone else");
    expect(await mailsOf(w.anna.id)).toEqual([]);
    const events = await db.select().from(schema.auditEvents).where(eq(schema.auditEvents.organisationId, w.organisation.id));
    expect(events.map((event) => event.action)).toContain("foreign-button-refused");
  });

  it("lets a preview lapse after 30 minutes and offers to review again", async () => {
    const preview = await ask(w.admin, "bulk department:Lager");
    await db
      .update(schema.sends)
      .set({ lapsesAt: sql`now() - interval '1 second'` })
      .where(eq(schema.sends.organisationId, w.organisation.id));
    const lapsed = replyOf(await press(w.admin, preview, /^Send/));
    expect(textOf(lapsed)).toContain("lapsed");
    expect(await mailsOf(w.anna.id)).toEqual([]);
    expect(textOf(replyOf(await press(w.admin, lapsed, /Review again/)))).toContain("1 will get mail");
  });

  it("refuses a button of a card more than a day old", async () => {
    const preview = await ask(w.admin, "bulk department:Lager");
    await db
      .update(schema.actions)
      .set({ expiresAt: sql`now() - interval '1 second'` })
      .where(eq(schema.actions.organisationId, w.organisation.id));
    expect(textOf(replyOf(await press(w.admin, preview, /^Send/)))).toContain("too old");
    expect(await mailsOf(w.anna.id)).toEqual([]);
  });

  it("answers an unknown department with the nearest one and does nothing", async () => {
    expect(textOf(await ask(w.admin, "bulk department:Lagr"))).toContain("department:Lager");
    expect(await db.select().from(schema.sends).where(eq(schema.sends.organisationId, w.organisation.id))).toEqual([]);
  });

  it("shows the list only to whoever may see it", async () => {
    const preview = await ask(w.admin, "bulk department:Lager");
    const list = replyOf(await press(w.admin, preview, /Show list/));
    expect(list.personal).toBe(true);
    expect(list.items?.rows).toEqual([{ title: "Anna Berg", detail: expect.stringMatching(/^a\*\*\*@.*will get mail$/) }]);
  });

  it("pauses, resumes and cancels; the totals always add up", async () => {
    const preview = await ask(w.admin, "bulk department:Lager");
    await press(w.admin, preview, /^Send/);
    expect(textOf(await ask(w.admin, "job B-1 pause"))).toContain("B-1 paused: 0 of 1 sent");
    expect(textOf(await ask(w.admin, "job b-1 resume"))).toContain("B-1: 0 of 1 sent");
    expect(textOf(await ask(w.admin, "job 1 cancel"))).toContain("B-1 cancelled: 0 of 1");
    expect(textOf(await ask(w.admin, "job B-1 resume"))).toContain("nothing to do");
    expect(await mailsOf(w.anna.id)).toMatchObject([{ state: "cancelled" }]);
    expect((await ask(w.admin, "jobs")).items?.rows).toMatchObject([{ title: "B-1" }]);
  });

  it("hides a bulk send from an admin whose scope does not cover it", async () => {
    await lager();
    const preview = await ask(w.owner, "bulk department:Lager");
    await press(w.owner, preview, /^Send/);
    expect(textOf(await ask(w.admin, "job B-1 cancel"))).toContain("no bulk send B-1");
  });
});

describe("the bulk form", () => {
  const open = async () => {
    const answer = await dispatchText(deps, w.admin, "bulk");
    if (answer.kind !== "form") throw new Error("a form was expected");
    return answer.form;
  };

  it("opens without filters and counts everyone in scope", async () => {
    const form = await open();
    expect(form.notice).toBe("2 users match, 2 will get mail.");
    expect(form.fields.map((field) => field.name)).toEqual(["company", "department", "role", "status", "connection"]);
  });

  it("counts anew for what is chosen, and previews exactly that", async () => {
    const form = await open();
    const chosen = { department: ["Lager"], company: [], role: [], status: "any", connection: "pending" };
    expect((await refreshForm(deps, w.admin, form.actionId, chosen))?.notice).toBe("1 user matches, 1 will get mail.");
    expect(textOf(replyOf(await dispatchForm(deps, w.admin, form.actionId, chosen)))).toContain("B-1: 1 user matches. 1 will get mail.");
  });

  it("answers nobody but its asker", async () => {
    const form = await open();
    expect(await refreshForm(deps, w.owner, form.actionId, {})).toBeNull();
    expect(textOf(replyOf(await dispatchForm(deps, w.owner, form.actionId, {})))).toContain("belong to someone else");
  });

  it("offers departments by what is typed, to those who may send", async () => {
    expect(await listOptions(deps, w.admin, "departments", "la")).toEqual([{ value: "Lager", label: "Lager" }]);
    expect(await listOptions(deps, w.self, "departments", "la")).toEqual([]);
  });

  it("keeps the filters that the form does not show", async () => {
    await db
      .update(schema.users)
      .set({ addressSetAt: sql`now() - interval '8 days'` })
      .where(eq(schema.users.id, w.anna.id));
    const preview = await ask(w.admin, "bulk pending>7d");
    const answer = await press(w.admin, preview, /Change/);
    if (answer.kind !== "form") throw new Error("a form was expected");
    const again = replyOf(await dispatchForm(deps, w.admin, answer.form.actionId, { department: ["Lager"] }));
    expect(again.lines[0]).toContain("1 user matches");
    expect(again.lines[1]).toMatch(/7 days/);
  });
});

describe("faults", () => {
  it("are answered with a reference and nothing else", async () => {
    const logged: object[] = [];
    const log = { ...deps.log, error: (fields: object) => void logged.push(fields) };
    const broken = testDeps(db, {
      log,
      db: new Proxy(db, {
        get: () => () => {
          throw new Error("secret detail");
        },
      }),
    });
    const reply = replyOf(await dispatchText(broken, w.admin, "status"));
    expect(reply).toMatchObject({
      tone: "fault",
      lines: [expect.stringMatching(/^Something went wrong on our side\. Nothing was sent\. Reference [0-9a-f]{6}\.$/)],
    });
    expect(logged).toHaveLength(1);
  });
});
