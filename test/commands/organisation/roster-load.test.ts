import { readFileSync } from "node:fs";
import { and, eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditEvents, deliveries, users } from "../../../src/db/schema/tables.ts";
import { testDatabase } from "../../support/database.ts";
import * as insert from "../../support/insert.ts";
import { findUser, loaded, loadOn, picture } from "../../support/roster.ts";
import { encoded } from "../../support/table-files.ts";

const { db } = await testDatabase();
const load = loadOn(db);
const FIXTURE = readFileSync(new URL("../../fixtures/employees-users.csv", import.meta.url), "utf8");

describe("the template's fixture", () => {
  it("becomes companies, departments, offices and users", async () => {
    const organisation = await insert.organisation(db);
    const outcome = loaded(await load(organisation, FIXTURE));
    expect(outcome.counts).toEqual({
      rows: 7,
      created: 7,
      updated: 0,
      unchanged: 0,
      addressesSet: 5,
      addressesCleared: 0,
      connectedKept: 0,
      invalidAddresses: 1,
      rowErrors: 0,
      leavers: 0,
      returned: 0,
    });
    expect(outcome.remarks).toEqual([
      { row: 7, userId: "1006", note: { kind: "owner-ignored" } },
      { row: 8, userId: "1007", note: { kind: "invalid-address", problem: "character" } },
      { row: 8, userId: "1007", note: { kind: "unknown-company", company: "Beta AB" } },
    ]);
    const [anna, bo, kari, aino, søren, niamh] = await picture(db, organisation.id);
    expect(anna).toEqual({
      userId: "1001",
      aliasUserId: "anbe",
      signature: "ANBE",
      name: "Anna Berg",
      company: "Acme Sverige AB",
      department: "Lager",
      office: "Malmö C",
      cardTagId: "000417",
      externalReference: "HR-1001",
      email: "anna.berg@acme.example",
      loginAddress: "Anna.Berg@acme.example",
      key: "anna.berg@acme.example",
      language: "sv",
      activated: true,
      lastDayOn: null,
      leaver: false,
      roles: [],
      authorisedTo: [],
    });
    expect(bo).toMatchObject({ roles: ["Manager", "admin"].sort(), authorisedTo: ["Acme Norge AS", "Acme Sverige AB"], language: "sv" });
    expect(kari).toMatchObject({ lastDayOn: "2026-12-31", roles: ["auditor"], key: "kari.vik+jobb@acme.example" });
    expect(aino).toMatchObject({ loginAddress: "aino@företag.example", key: "aino@xn--fretag-wxa.example" });
    expect(søren).toMatchObject({ department: "Lager", office: "Oslo", activated: false, loginAddress: null, lastDayOn: "2025-12-31" });
    expect(niamh).toMatchObject({ department: "Ekonomi; lön", key: "o'brien@acme.example", roles: [] });
  });

  it("changes nothing when loaded again", async () => {
    const organisation = await insert.organisation(db);
    loaded(await load(organisation, FIXTURE));
    const before = await db.select().from(users).where(eq(users.organisationId, organisation.id)).orderBy(users.id);
    expect(loaded(await load(organisation, FIXTURE)).counts).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 7,
      addressesSet: 0,
      leavers: 0,
    });
    expect(await db.select().from(users).where(eq(users.organisationId, organisation.id)).orderBy(users.id)).toEqual(before);
  });

  it.each([
    ["utf-8 with BOM", FIXTURE],
    ["utf-16le with BOM", FIXTURE],
    ["utf-16be", FIXTURE],
    ["windows-1252", FIXTURE],
    ["windows-1252", FIXTURE.replaceAll("\n", "\r")],
    ["utf-8", `sep=;\r\n${FIXTURE.replaceAll("\n", "\r\n")};;;;;;\r\n\r\n`],
  ])("gives the same users in %s", async (encoding, text) => {
    const [one, other] = [await insert.organisation(db), await insert.organisation(db)];
    loaded(await load(one, FIXTURE));
    loaded(await load(other, encoded(text, encoding)));
    expect(await picture(db, other.id)).toEqual(await picture(db, one.id));
  });

  it("gives the same users under Finnish headers in another order", async () => {
    const organisation = await insert.organisation(db);
    const text =
      "Sähköposti Visma Connect;Osasto;Työntekijä;Käyttäjätunnus;Tila;Kieli\naino@acme.example;Varasto;Aino Salo;1;aktiivinen;suomi\n";
    loaded(await load(organisation, text));
    expect(await picture(db, organisation.id)).toMatchObject([
      { userId: "1", name: "Aino Salo", department: "Varasto", loginAddress: "aino@acme.example", language: "fi", activated: true },
    ]);
  });
});

describe("what a load leaves alone", () => {
  it("never touches a connected user's address, blank or other, and says so", async () => {
    const { id, name } = await insert.organisation(db);
    const verifiedAt = new Date("2026-09-02T10:00:00Z");
    const a = await insert.user(db, id, { userId: "1", loginAddress: "a@acme.example", verifiedAt });
    const b = await insert.user(db, id, { userId: "2", loginAddress: "b@acme.example", verifiedAt });
    const c = await insert.user(db, id, { userId: "3", loginAddress: "c@acme.example", verifiedAt });
    const outcome = loaded(await load({ name }, "User-ID;Email Visma Connect\n1;new@acme.example\n2;\n3;C@acme.example\n"));
    expect(outcome.counts).toMatchObject({ connectedKept: 2, addressesSet: 0, addressesCleared: 0, rowErrors: 0, unchanged: 3 });
    expect(outcome.remarks).toEqual([
      { row: 2, userId: "1", note: { kind: "connected-kept" } },
      { row: 3, userId: "2", note: { kind: "connected-kept" } },
    ]);
    for (const user of [a, b, c]) expect(await findUser(db, id, user.userId)).toEqual(user);
  });

  it("keeps fields of columns that are not in the file", async () => {
    const { id, name } = await insert.organisation(db);
    const before = await insert.user(db, id, { userId: "1", signature: "AB", language: "fi", company: "Acme AB", activated: false });
    await insert.role(db, id, before.id, "admin");
    loaded(await load({ name }, "User-ID;Department\n1;Lager\n"));
    const after = await findUser(db, id, "1");
    expect(after).toMatchObject({
      signature: "AB",
      language: "fi",
      companyId: before.companyId,
      activated: false,
      loginAddress: before.loginAddress,
    });
    expect(await picture(db, id)).toMatchObject([{ department: "Lager", roles: ["admin"] }]);
  });

  it("clears fields whose cell is blank, but neither name nor status", async () => {
    const { id, name } = await insert.organisation(db);
    await insert.user(db, id, { userId: "1", name: "Anna Berg", signature: "AB", company: "Acme AB", activated: false, language: "sv" });
    loaded(await load({ name }, "User-ID;Employee;Signature;Company;Status;Language\n1;;;;;\n"));
    expect(await picture(db, id)).toMatchObject([{ name: "Anna Berg", signature: null, company: null, activated: false, language: null }]);
  });

  it("neither gives nor takes the owner role", async () => {
    const { id, name } = await insert.organisation(db);
    const owner = await insert.user(db, id, { userId: "1" });
    await insert.role(db, id, owner.id, "owner");
    const outcome = loaded(await load({ name }, "User-ID;Roles\n1;admin\n2;owner\n"));
    expect((await picture(db, id)).map((row) => row.roles)).toEqual([["admin", "owner"], []]);
    expect(outcome.remarks).toEqual([{ row: 3, userId: "2", note: { kind: "owner-ignored" } }]);
  });

  it("stays inside its organisation", async () => {
    const [one, other] = [await insert.organisation(db), await insert.organisation(db)];
    loaded(await load(one, FIXTURE));
    const before = await picture(db, one.id);
    loaded(await load(other, "User-ID;Employee;Email Visma Connect;Company\n1001;Someone else;anna.berg@acme.example;Acme Sverige AB\n"));
    expect(await picture(db, one.id)).toEqual(before);
    expect(await db.$count(users, and(eq(users.organisationId, one.id), sql`${users.leaverSince} is not null`))).toBe(0);
    expect(await picture(db, other.id)).toMatchObject([
      { name: "Someone else", key: "anna.berg@acme.example", company: "Acme Sverige AB" },
    ]);
  });

  it("queues no mail", async () => {
    const organisation = await insert.organisation(db);
    loaded(await load(organisation, FIXTURE));
    expect(await db.$count(deliveries, eq(deliveries.organisationId, organisation.id))).toBe(0);
  });
});

describe("leavers", () => {
  it("are marked when missing from a full load, never deleted, and cleared when they come back", async () => {
    const organisation = await insert.organisation(db);
    loaded(await load(organisation, "User-ID;Employee\n1;A\n2;B\n"));
    expect(loaded(await load(organisation, "User-ID;Employee\n1;A\n")).counts).toMatchObject({ leavers: 1, unchanged: 1 });
    const left = await findUser(db, organisation.id, "2");
    expect(left.leaverSince).toBeInstanceOf(Date);
    expect(loaded(await load(organisation, "User-ID;Employee\n1;A\n")).counts).toMatchObject({ leavers: 0 });
    expect((await findUser(db, organisation.id, "2")).leaverSince).toEqual(left.leaverSince);
    expect(loaded(await load(organisation, "User-ID;Employee\n1;A\n2;B\n")).counts).toMatchObject({ returned: 1, updated: 1, leavers: 0 });
    expect(await findUser(db, organisation.id, "2")).toMatchObject({ leaverSince: null });
  });

  it("are not those of a partial load, nor those whose row had an error", async () => {
    const organisation = await insert.organisation(db);
    loaded(await load(organisation, "User-ID;Employee\n1;A\n2;B\n3;C\n"));
    expect(loaded(await load(organisation, "User-ID;Employee\n1;A\n", false)).counts.leavers).toBe(0);
    expect(loaded(await load(organisation, "User-ID;Employee\n1;A\n2;B;too;many\n")).counts.leavers).toBe(1);
    expect(await findUser(db, organisation.id, "2")).toMatchObject({ leaverSince: null });
  });
});

describe("a load that cannot be", () => {
  it.each([
    ["without rows", "User-ID;Employee\n", { kind: "no-rows" }],
    ["with nothing but errors", "User-ID;Employee\n;A\n", { kind: "no-rows" }],
    ["without User-ID", "Employee\nA\n", { kind: "unreadable", problem: { kind: "column-missing" } }],
    ["broken at the end", 'User-ID;Employee\n9;Zoe\n8;"open\n', { kind: "unreadable", problem: { kind: "damaged", row: 3 } }],
  ])("%s changes nothing", async (_what, text, outcome) => {
    const { id, name } = await insert.organisation(db);
    const before = await insert.user(db, id, { userId: "1" });
    expect(await load({ name }, text)).toMatchObject(outcome);
    expect(await db.select().from(users).where(eq(users.organisationId, id))).toEqual([before]);
  });

  it("names no organisation of ours", async () => {
    expect(await load({ name: "Nobody" }, FIXTURE)).toEqual({ kind: "unknown-organisation" });
  });
});

it("keeps what it did as counts, without names", async () => {
  const organisation = await insert.organisation(db);
  loaded(await load(organisation, FIXTURE));
  const [event] = await db.select().from(auditEvents).where(eq(auditEvents.organisationId, organisation.id));
  expect(event).toMatchObject({ action: "roster-load", principalId: null, detail: { rows: 7, created: 7, full: true } });
});
