import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeXlsx } from "hucre/xlsx";
import { beforeEach, describe, expect, it } from "vitest";
import { loadRoster, type RosterOutcome } from "../../../src/commands/organisation/roster-load.ts";
import type { Encoding } from "../../../src/files/encoding.ts";
import { testDatabase } from "../../support/database.ts";
import * as insert from "../../support/insert.ts";
import { picture } from "../../support/roster.ts";
import { chunksOf } from "../../support/table-files.ts";

const { db } = await testDatabase();
const input = (name: string) => readFileSync(join(import.meta.dirname, "../../fixtures/rosters", name));

let organisation: { id: number; name: string };
beforeEach(async () => {
  organisation = await insert.organisation(db);
});

const load = (file: Uint8Array | string, more: { encoding?: Encoding; dryRun?: boolean; manyLeavers?: boolean } = {}) =>
  loadRoster({ db }, { organisation: organisation.name, chunks: chunksOf(file, 4096), full: true, ...more });
const base = () => load(input("zeros-1-base.csv"));
const people = async () =>
  (await picture(db, organisation.id)).map(({ userId, name, department, leaver }) => ({ userId, name, department, leaver }));
const remarksOf = (outcome: RosterOutcome) => ("remarks" in outcome ? outcome.remarks : []);
const HEAD = "User-ID;Employee;Company;Department;Email Visma Connect";

/** Nothing but what the base file says, whatever came after it. */
async function expectUntouched(outcome: RosterOutcome) {
  expect(await people()).toEqual(
    [
      ["00101", "Åsa Öberg"],
      ["00102", "Björn Ängström"],
      ["00103", "Cecilia Ek"],
    ].map(([userId, name]) => ({ userId, name, department: "Lager", leaver: false })),
  );
  return outcome;
}

describe("a User-ID that a spreadsheet has changed", () => {
  it("Lost leading zeros make no twins and no leavers: each row is an error that names the known User-ID", async () => {
    await base();
    const outcome = await expectUntouched(await load(input("zeros-2-resaved.csv")));
    expect(remarksOf(outcome)).toEqual(
      ["101", "102", "103"].map((userId, at) => ({ row: at + 2, userId, known: `00${userId}`, error: "doubtful-id" })),
    );
    expect(outcome.kind).toBe("no-rows");
  });

  it.each([
    ["an apostrophe", input("apostrophe-zeros.csv")],
    [
      "a formula",
      `${HEAD}\n="00101";Åsa Öberg;Acme AB;Lager;\n"=""00102""";Björn Ängström;Acme AB;Lager;\n00103;Cecilia Ek;Acme AB;Lager;\n`,
    ],
    [
      "a typographic apostrophe",
      `${HEAD}\n’00101;Åsa Öberg;Acme AB;Lager;\n00102;Björn Ängström;Acme AB;Lager;\n00103;Cecilia Ek;Acme AB;Lager;\n`,
    ],
  ])("What is certain is undone: %s around it", async (_what, file) => {
    await base();
    const outcome = await expectUntouched(await load(file));
    expect(outcome).toMatchObject({ kind: "loaded", leaversHeld: false, counts: { created: 0, rowErrors: 0, leavers: 0 } });
  });

  it.each([["101.0"], ["101,00"], ["0101"], ["000101"]])("The form %s of a known User-ID is a row error", async (userId) => {
    await base();
    const outcome = await expectUntouched(
      await load(`${HEAD}\n${userId.includes(",") ? `"${userId}"` : userId};Åsa;Acme AB;Lager;\n00102;Björn Ängström;Acme AB;Lager;\n`),
    );
    expect(remarksOf(outcome)).toMatchObject([{ row: 2, userId, known: "00101", error: "doubtful-id" }]);
  });

  it("Thousands that were separated are a row error", async () => {
    await load(`${HEAD}\n12345;Åsa;Acme AB;Lager;\n`);
    expect(remarksOf(await load(`${HEAD}\n"12 345";Åsa;Acme AB;Lager;\n`))).toMatchObject([{ known: "12345", error: "doubtful-id" }]);
  });

  it("E-notation is a row error, and nobody becomes a leaver for it", async () => {
    await base();
    const outcome = await expectUntouched(await load(input("sci-notation.csv"), { manyLeavers: true }));
    expect(remarksOf(outcome).map((each) => "error" in each && each.error)).toEqual(["rounded-number", "rounded-number", "rounded-number"]);
  });

  it("A workbook's number reads as the sheet shows it", async () => {
    await base();
    const rows = [
      ["User-ID", "Employee"],
      [101, "Åsa Öberg"],
      [102, "Björn Ängström"],
      ["00103", "Cecilia Ek"],
    ];
    const shown = { style: { numFmt: "00000" } };
    const cells = new Map([
      ["1,0", { value: 101, ...shown }],
      ["2,0", { value: 102, ...shown }],
    ]);
    const outcome = await expectUntouched(await load(await writeXlsx({ sheets: [{ name: "Blad1", rows, cells }] })));
    expect(outcome).toMatchObject({ kind: "loaded", counts: { created: 0, rowErrors: 0 }, how: { sheet: "Blad1", headerRow: 1 } });
  });
});

describe("leavers", () => {
  const many = (count: number) => `${HEAD}\n${Array.from({ length: count }, (_, at) => `P${at};Person ${at};Acme AB;Lager;`).join("\n")}\n`;

  it.each([
    [3, 0, "too-many-leavers"],
    [3, 1, "loaded"],
    [60, 54, "loaded"],
    [60, 53, "too-many-leavers"],
    [20, 15, "loaded"],
    [20, 14, "too-many-leavers"],
  ])("Of %i users, a file with %i of them is %s", async (before, after, kind) => {
    await load(many(before));
    const file = after === 0 ? `${HEAD}\nX1;New;Acme AB;Lager;\n` : many(after);
    const outcome = await load(file);
    expect(outcome.kind).toBe(kind);
    const left = (await people()).filter(({ leaver }) => leaver).length;
    expect(left).toBe(kind === "loaded" ? before - after : 0);
    if (kind === "loaded") return;
    expect(outcome).toMatchObject({ counts: { leavers: before - after }, present: before });
    expect("leavers" in outcome && outcome.leavers.length).toBe(Math.min(10, before - after));
    expect((await load(file, { manyLeavers: true })).kind).toBe("loaded");
    expect((await people()).filter(({ leaver }) => leaver)).toHaveLength(before - after);
  });

  it("A dry run says the same and changes nothing", async () => {
    await base();
    const before = await picture(db, organisation.id);
    const file = `${HEAD}\n00101;Åsa Ny;Acme AB;Butik;ny@acme.test\n00104;Dan;Acme AB;Lager;\n00103;Cecilia Ek;Acme AB;Lager;\n`;
    const dry = await load(file, { dryRun: true });
    expect(dry).toMatchObject({ kind: "dry-run", counts: { created: 1, leavers: 1 } });
    expect(await picture(db, organisation.id)).toEqual(before);
    const real = await load(file);
    expect(real).toEqual({ ...dry, kind: "loaded" });
  });

  it("A row whose User-ID is in doubt lets nobody be marked as a leaver", async () => {
    await base();
    const outcome = await expectUntouched(
      await load(`${HEAD}\n101;Åsa;Acme AB;Lager;\n00102;Björn Ängström;Acme AB;Lager;\n`, { manyLeavers: true }),
    );
    expect(outcome).toMatchObject({ kind: "loaded", leaversHeld: true, counts: { leavers: 0, rowErrors: 1 } });
  });

  it("A row with an error keeps its user from being a leaver", async () => {
    await load(many(12));
    const outcome = await load(many(11).concat("P11;too;many;cells;here;and more\n"));
    expect(outcome).toMatchObject({ kind: "loaded", counts: { leavers: 0, rowErrors: 1 } });
  });
});

describe("what a file is written in", () => {
  it("One row in another encoding is named, and no stored name turns to rubbish", async () => {
    await base();
    const outcome = await expectUntouched(await load(input("one-latin1-byte.csv")));
    expect(outcome).toEqual({ kind: "unreadable", problem: { kind: "not-utf-8", row: 5 } });
  });

  it("A byte order mark decides", async () => {
    const marked = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(`${HEAD}\n1;Bj`),
      Buffer.from([0xf6]),
      Buffer.from("rn;A;B;\n"),
    ]);
    expect(await load(marked)).toEqual({ kind: "unreadable", problem: { kind: "not-utf-8", row: 2 } });
  });

  it("MacRoman is read right", async () => {
    const outcome = await load(input("macroman.csv"));
    await expectUntouched(outcome);
    expect(outcome).toMatchObject({ kind: "loaded", how: { kind: "text", encoding: "macroman", delimiter: ";", headerRow: 1 } });
  });

  it("What somebody says it is goes first", async () => {
    expect(await load(input("macroman.csv"), { encoding: "windows-1252" })).toMatchObject({ how: { encoding: "windows-1252" } });
    expect(await load(input("macroman.csv"), { encoding: "utf-8" })).toMatchObject({ problem: { kind: "not-utf-8", row: 2 } });
  });
});

describe("what people leave in a sheet", () => {
  it("A merged cell counts for all its rows", async () => {
    await base();
    const outcome = await expectUntouched(await load(input("merged-department.xlsx")));
    expect(outcome).toMatchObject({ kind: "loaded", counts: { updated: 0, unchanged: 3 } });
  });

  it("110,000 painted blank rows are no rows", async () => {
    await base();
    const cells = new Map(
      Array.from(
        { length: 110_000 },
        (_, at) =>
          [`${at + 4},0`, { value: null, style: { fill: { type: "pattern", pattern: "solid", fgColor: { rgb: "FFFF00" } } } }] as const,
      ),
    );
    const rows = [
      ["User-ID", "Employee", "Department"],
      ["00101", "Åsa Öberg", "Lager"],
      ["00102", "Björn Ängström", "Lager"],
      ["00103", "Cecilia Ek", "Lager"],
    ];
    const outcome = await load(await writeXlsx({ sheets: [{ name: "Blad1", rows, cells }] }));
    expect(outcome).toMatchObject({ kind: "loaded", counts: { rows: 3 } });
    await expectUntouched(outcome);
  });

  it.each([
    ["a sep= line with trailing delimiters", input("sep-quoted-trailing.csv"), []],
    ["a quoted sep= line", `"sep=;"\n${input("zeros-1-base.csv").toString()}`, []],
    ["a second header", input("double-head.csv"), [{ row: 2, userId: "", note: { kind: "header-again" } }]],
    ["a total row", `${input("zeros-1-base.csv").toString()}Total;3;;;;;;\n`, [{ row: 5, userId: "", note: { kind: "total-row" } }]],
    [
      "a total row without a User-ID",
      `${input("zeros-1-base.csv").toString()};Summa: 3;;;;;;\n`,
      [{ row: 5, userId: "", note: { kind: "total-row" } }],
    ],
    ["titles above the header", `Personallista;;\n2026-11-28;;\n\n${input("zeros-1-base.csv").toString()}`, []],
  ])("A file with %s is read as a person reads it", async (_what, file, remarks) => {
    const outcome = await load(file);
    await expectUntouched(outcome);
    expect(remarksOf(outcome)).toEqual(remarks);
  });

  it("The header is found below a title and behind a cover sheet", async () => {
    const users = [
      ["Personal"],
      [],
      ["User-ID", "Employee", "Department"],
      ["00101", "Åsa Öberg", "Lager"],
      ["00102", "Björn Ängström", "Lager"],
      ["00103", "Cecilia Ek", "Lager"],
    ];
    const file = await writeXlsx({
      sheets: [
        { name: "Info", rows: [["Read me"]] },
        { name: "Användare", rows: users },
      ],
    });
    const outcome = await load(file);
    await expectUntouched(outcome);
    expect(outcome).toMatchObject({ how: { kind: "workbook", sheet: "Användare", headerRow: 3 } });
  });

  it("A missing header is told with its row and sheet", async () => {
    const file = await writeXlsx({
      sheets: [
        { name: "Info", rows: [["Read me"]] },
        { name: "More", rows: [["Name"]] },
      ],
    });
    expect(await load(file)).toMatchObject({ problem: { kind: "column-missing", row: 1, sheet: "Info", sheets: 2, found: ["Read me"] } });
  });
});
