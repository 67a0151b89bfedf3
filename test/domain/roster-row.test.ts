import { describe, expect, it } from "vitest";
import { ROSTER_COLUMNS, type RosterColumn } from "../../src/domain/roster-columns.ts";
import { readRosterRow, type RosterCells } from "../../src/domain/roster-row.ts";

const rowOf = (cells: RosterCells) => {
  const read = readRosterRow({ userId: "1001", ...cells });
  if (!read.ok) throw new Error(read.problem);
  return read;
};

describe("the template's headers", () => {
  it("name each column once over all languages", () => {
    const keys = ROSTER_COLUMNS.flatMap(({ name, headers }) =>
      headers.map((header) => [header.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ""), name] as const),
    );
    const byKey = new Map<string, Set<RosterColumn>>();
    for (const [key, name] of keys) byKey.set(key, new Set([...(byKey.get(key) ?? []), name]));
    expect([...byKey].filter(([, names]) => names.size > 1)).toEqual([]);
  });

  it("need only the User-ID", () => {
    expect(ROSTER_COLUMNS.filter((column) => column.required).map((column) => column.name)).toEqual(["userId"]);
  });
});

describe("a row", () => {
  it("says nothing about columns that are not in the file", () => {
    const { row } = rowOf({});
    expect(Object.entries(row).filter(([, value]) => value !== undefined)).toEqual([["userId", "1001"]]);
  });

  it("clears what is blank, but for the name and the status", () => {
    const blank = Object.fromEntries(ROSTER_COLUMNS.map(({ name }) => [name, " \u00A0"])) as RosterCells;
    expect(rowOf({ ...blank, userId: "1001" })).toEqual({
      ok: true,
      notes: [],
      row: {
        userId: "1001",
        aliasUserId: null,
        signature: null,
        name: undefined,
        company: null,
        department: null,
        office: null,
        cardTagId: null,
        externalReference: null,
        email: null,
        login: null,
        language: null,
        activated: undefined,
        lastDayOn: null,
        authorisedTo: [],
        roles: [],
      },
    });
  });

  it("keeps text on one line without control, direction and invisible characters", () => {
    const { row } = rowOf({ name: "  Anna\r\nBcc: eve@evil.example\u0000\u202E ", company: "Acme\u00A0\tAB", department: "A\u030Aker" });
    expect(row).toMatchObject({ name: "Anna Bcc: eve@evil.example", company: "Acme AB", department: "Åker" });
  });

  it("reads the login address to its key, spaces around it left out", () => {
    expect(rowOf({ loginAddress: " Anna@Företag.example\u00A0" }).row.login).toEqual({
      address: "Anna@Företag.example",
      key: "anna@xn--fretag-wxa.example",
    });
  });

  it.each([
    ["a@b", "domain"],
    ["a..b@acme.example", "local-part"],
    ["anna@acme.example\nBcc: eve@evil.example", "character"],
    ["an\u200Bna@acme.example", "character"],
    ["anna@acme.example, bo@acme.example", "character"],
  ])("leaves an invalid address out and says why: %j", (loginAddress, problem) => {
    const { row, notes } = rowOf({ loginAddress, name: "Anna" });
    expect(row).toMatchObject({ name: "Anna", login: undefined });
    expect(notes).toEqual([{ kind: "invalid-address", problem }]);
  });

  it("warns of look-alike letters", () => {
    expect(rowOf({ loginAddress: "ol\u0430@acme.example" }).notes).toEqual([{ kind: "mixed-script" }]);
  });

  it.each([
    ["sv", "sv"],
    ["sv-SE", "sv"],
    ["Svenska", "sv"],
    ["no", "nb"],
    ["Norsk bokmål", "nb"],
    ["suomi", "fi"],
    ["Dansk", "da"],
    ["EN", "en"],
  ])("reads the language %s", (cell, language) => {
    expect(rowOf({ language: cell }).row.language).toBe(language);
  });

  it.each(["Klingon", "de", "constructor", "__proto__"])("keeps the language when it is %s, with a note", (language) => {
    expect(rowOf({ language })).toMatchObject({ row: { language: undefined }, notes: [{ kind: "unknown-language" }] });
  });

  it.each([
    ["active", true],
    ["Aktiv", true],
    ["Aktiivinen", true],
    ["inactive", false],
    ["Inaktiv", false],
    ["Ei aktiivinen", false],
  ])("reads the status %s", (status, activated) => {
    expect(rowOf({ status }).row.activated).toBe(activated);
  });

  it.each([
    ["2026-12-31", "2026-12-31"],
    ["20261231", "2026-12-31"],
    ["31.12.2026", "2026-12-31"],
    ["1/2/2026", "2026-02-01"],
    ["31-12-2026", "2026-12-31"],
    ["2026-12-31 00:00:00", "2026-12-31"],
  ])("reads the last day %s", (lastDay, day) => {
    expect(rowOf({ lastDay }).row.lastDayOn).toBe(day);
  });

  it.each(["2026-02-30", "soon", "12/31/2026", "46387"])("keeps the last day when it is %s, with a note", (lastDay) => {
    expect(rowOf({ lastDay })).toMatchObject({ row: { lastDayOn: undefined }, notes: [{ kind: "unreadable-date" }] });
  });

  it.each([
    ["admin", ["admin"]],
    ["Administratör; Manager", ["admin", "Manager"]],
    ["revisor,admin,Admin", ["auditor", "admin"]],
    ["Ylläpitäjä | Tilintarkastaja", ["admin", "auditor"]],
  ])("maps our roles among %s", (roles, read) => {
    expect(rowOf({ roles }).row.roles).toEqual(read);
  });

  it.each(["owner", "Ägare", "eier", "EJER", "omistaja"])("never takes an owner from a roster: %s", (word) => {
    expect(rowOf({ roles: `admin;${word}` })).toMatchObject({ row: { roles: ["admin"] }, notes: [{ kind: "owner-ignored" }] });
  });

  it("splits companies at commas only where nothing else separates them", () => {
    expect(rowOf({ authorisedTo: "Acme AB, Beta AS" }).row.authorisedTo).toEqual(["Acme AB", "Beta AS"]);
    expect(rowOf({ authorisedTo: "Acme, Inc.; Beta AS;" }).row.authorisedTo).toEqual(["Acme, Inc.", "Beta AS"]);
  });

  it("keeps a field whose formula failed or whose text is endless, with a note", () => {
    expect(rowOf({ company: "#N/A", name: "x".repeat(201) })).toMatchObject({
      row: { company: undefined, name: undefined },
      notes: [
        { kind: "too-long", column: "name" },
        { kind: "excel-error", column: "company" },
      ],
    });
  });
});

describe("a row is left out", () => {
  it.each([
    ["without a User-ID", { userId: " " }, false, "no-user-id"],
    ["with a failed formula as User-ID", { userId: "#REF!" }, false, "excel-error"],
    ["with an endless User-ID", { userId: "1".repeat(201) }, false, "too-long"],
    ["with cells beyond the header", { userId: "1001" }, true, "surplus-cells"],
  ])("%s", (_what, cells, surplus, problem) => {
    expect(readRosterRow(cells, surplus)).toMatchObject({ ok: false, problem });
  });
});
