import { and, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { isZoneOfDatabase } from "../../../src/db/organisations.ts";
import * as schema from "../../../src/db/schema/tables.ts";
import { colleague, replyOf, speaker } from "../../support/chat.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";

const { db } = await testDatabase();
const deps = testDeps(db);

type Speaker = ReturnType<typeof speaker>;
let organisationId: number;
let workspace: string;
let owner: Speaker, admin: Speaker;

beforeEach(async () => {
  organisationId = (await insert.organisation(db, { language: "en" })).id;
  ({ workspace } = await insert.workspace(db, organisationId));
  await colleague(db, organisationId, "Owner", "owner");
  await colleague(db, organisationId, "Admin", "admin", ["North"]);
  owner = speaker(deps, workspace, "Owner");
  admin = speaker(deps, workspace, "Admin");
});

const now = async () => (await db.select().from(schema.organisations).where(eq(schema.organisations.id, organisationId)))[0];
const noted = () =>
  db
    .select({ detail: schema.auditEvents.detail })
    .from(schema.auditEvents)
    .where(and(eq(schema.auditEvents.organisationId, organisationId), eq(schema.auditEvents.action, "settings")))
    .orderBy(schema.auditEvents.id);

describe("settings", () => {
  it("are shown to the owner with what to type, and to nobody else", async () => {
    const reply = await owner.ask("settings");
    expect(reply.facts?.map(({ value }) => value)).toEqual(["200 users", "5 days", "08:00–18:00", "Europe/Stockholm", "English"]);
    expect(reply.code).toContain("settings approval-over 500");
    expect((await admin.ask("settings")).tone).toBe("refused");
    expect((await admin.ask("settings approval-over 5000")).tone).toBe("refused");
    expect(await now()).toMatchObject({ approvalOver: 200 });
  });

  it.each([
    ["settings approval-over 500", { approvalOver: 500 }],
    ["inställningar godkännande 0", { approvalOver: 0 }],
    ["settings leaver-days 7", { leaverDays: 7 }],
    ["asetukset lähtöpäivät 365", { leaverDays: 365 }],
    ["settings reminders 09:30-17:00", { remindFrom: "09:30", remindUntil: "17:00" }],
    ["innstillinger påminnelser 8 – 18", { remindFrom: "08:00", remindUntil: "18:00" }],
    ["indstillinger påmindelser 22.00-06.00", { remindFrom: "22:00", remindUntil: "06:00" }],
    ["settings reminders 0-24", { remindFrom: "00:00", remindUntil: "24:00" }],
    ["settings time-zone Europe/Helsinki", { timeZone: "Europe/Helsinki" }],
    ["settings timezone europe/oslo", { timeZone: "Europe/Oslo" }],
    ["settings language svenska", { language: "sv" }],
    ["settings språk no", { language: "nb" }],
  ])("%s is kept", async (text, expected) => {
    const before = await now();
    expect((await owner.ask(text)).tone).toMatch(/done|info/);
    expect(await now()).toEqual({ ...before, ...expected });
  });

  it.each([
    ["approval-over", "settings approval-over 500"],
    ["approval-over -1", "Nothing was done"],
    ["approval-over 1000001", "settings approval-over 500", "1,000,000"],
    ["approval-over 5.5", "whole number"],
    ["leaver-days 366", "settings leaver-days 7", "from 0 to 365"],
    ["leaver-days a week", "settings leaver-days 7"],
    ["reminders 8", "settings reminders 08:00-18:00"],
    ["reminders 08:00-25:00", "two different times"],
    ["reminders 24:00-08:00", "two different times"],
    ["reminders 08:00-08:00", "two different times"],
    ["reminders 08:00-18:75", "two different times"],
    ["time-zone Europe/Helsinky", "“Europe/Helsinki”"],
    ["time-zone Helsinki", "“Europe/Helsinki”"],
    ["time-zone +02:00", "settings time-zone Europe/Helsinki"],
    ["time-zone Mars/Olympus", "Nothing was done"],
    ["language klingon", "It takes: en, sv, nb, da, fi"],
    ["aproval-over 500", "“approval-over”"],
    ["colour blue", "It takes: approval-over, leaver-days, reminders, time-zone, language"],
    ["leaver-days 7 --force", "--force"],
  ])("settings %s changes nothing and says how to write it", async (text, ...said) => {
    const before = await now();
    const reply = await owner.ask(`settings ${text}`);
    expect(reply.tone).toBe("refused");
    for (const each of said) expect(reply.lines.join("\n")).toContain(each);
    expect(await now()).toEqual(before);
    expect(await noted()).toEqual([]);
  });

  it("say what a value was and is, and so does the trail", async () => {
    expect((await owner.ask("settings leaver-days 7")).lines).toEqual(["Login ends after the last day by: 7 days. It was 5 days."]);
    expect((await owner.ask("settings leaver-days 7")).lines).toEqual(["Nothing was changed: it is so already."]);
    expect(await noted()).toEqual([{ detail: { setting: "leaver-days", from: "5", to: "7" } }]);
    expect((await owner.ask("audit")).items?.rows[0]).toMatchObject({
      title: expect.stringContaining("setting changed"),
      detail: "by Owner · leaver-days: 5 → 7",
    });
  });

  it("of one organisation leave the others alone", async () => {
    const other = await insert.organisation(db);
    await owner.ask("settings approval-over 500");
    const rows = await db.select().from(schema.organisations).where(eq(schema.organisations.id, other.id));
    expect(rows).toEqual([other]);
  });

  it("hold for a send that was previewed before they were changed", async () => {
    for (const name of ["Anna Berg", "Bo Ek"]) await insert.user(db, organisationId, { name, company: "North", department: "Lager" });
    const preview = await admin.ask("bulk department:Lager");
    await owner.ask("settings approval-over 1");
    expect((await admin.press(preview, /^Send 2/)).lines[0]).toContain("waits for another admin: 2 mails are more than the 1");
  });
});

describe("the form of the settings", () => {
  const formOf = async () => {
    const shown = await owner.ask("settings");
    const form = await owner.open(shown, /Change/);
    return { form, submit: (values: Record<string, string>) => owner.submit(form, { ...valuesOf(form), ...values }) };
  };
  const valuesOf = (form: { fields: { name: string }[] }) =>
    Object.fromEntries(form.fields.map((field) => [field.name, "value" in field ? String(field.value) : ""]));

  it("holds them all, and writes only what was changed in it", async () => {
    const { form, submit } = await formOf();
    expect(valuesOf(form)).toEqual({
      "approval-over": "200",
      "leaver-days": "5",
      reminders: "08:00-18:00",
      "time-zone": "Europe/Stockholm",
      language: "en",
    });
    await owner.ask("settings leaver-days 9");
    expect(replyOf(await submit({ "approval-over": "300", language: "fi" })).lines).toHaveLength(2);
    expect(await now()).toMatchObject({ approvalOver: 300, leaverDays: 9, language: "fi" });
  });

  it("names every field that is wrong, and changes nothing", async () => {
    const { submit } = await formOf();
    const answer = await submit({ "approval-over": "many", "time-zone": "Europe/Helsinky", "leaver-days": "8" });
    if (answer.kind !== "form-again") throw new Error("the form was expected again");
    const wrong = answer.form.fields.filter((field) => field.error !== undefined);
    expect(wrong.map((field) => field.name)).toEqual(["approval-over", "time-zone"]);
    expect(wrong[1]?.error).toContain("Europe/Helsinki");
    expect(await now()).toMatchObject({ approvalOver: 200, leaverDays: 5 });
  });
});

it("the database knows the zones of the Nordic countries, and no zone of Mars", async () => {
  for (const zone of ["UTC", "Europe/Stockholm", "Europe/Oslo", "Europe/Copenhagen", "Europe/Helsinki", "Atlantic/Reykjavik"])
    expect([zone, await isZoneOfDatabase(db, zone)]).toEqual([zone, true]);
  expect(await isZoneOfDatabase(db, "Mars/Olympus")).toBe(false);
});
