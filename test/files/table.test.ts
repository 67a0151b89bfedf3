import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { tableProblemOf } from "../../src/files/problem.ts";
import { readTable, type Column } from "../../src/files/table.ts";
import { chunksOf, encoded } from "../support/table-files.ts";

type Name = "id" | "name" | "note";
const COLUMNS: Column<Name>[] = [
  { name: "id", headers: ["User-ID", "Användar-ID"], required: true },
  { name: "name", headers: ["Employee"], required: false },
  { name: "note", headers: ["Card/Tag-ID"], required: false },
];

async function read(bytes: Uint8Array | string) {
  const table = await readTable(chunksOf(bytes), COLUMNS);
  const rows = (await Readable.from(table.rows).toArray()).flat();
  return { columns: table.columns, ignored: table.ignored, rows };
}

async function problemWith(bytes: Uint8Array | string) {
  const error: unknown = await read(bytes).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return tableProblemOf(error);
}

const LINES = [
  ["User-ID", "Employee", "Card/Tag-ID"],
  ["1001", "Åsa Öberg", "€ 5 – Anna’s"],
  ["1002", "Bo; Ek, jr", 'say "hi"'],
  ["1003", "two\nlines", ""],
];
const EXPECTED = [
  { number: 2, cells: { id: "1001", name: "Åsa Öberg", note: "€ 5 – Anna’s" }, surplus: false },
  { number: 3, cells: { id: "1002", name: "Bo; Ek, jr", note: 'say "hi"' }, surplus: false },
  { number: 4, cells: { id: "1003", name: "two\nlines", note: "" }, surplus: false },
];
const textOf = (delimiter: string, end: string) =>
  LINES.map((line) => line.map((cell) => (/["\n;,\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter)).join(end);

const ENCODINGS = ["utf-8", "utf-8 with BOM", "utf-16le", "utf-16le with BOM", "utf-16be", "utf-16be with BOM", "windows-1252"];

describe("the same rows come out of", () => {
  it.each(ENCODINGS)("%s", async (encoding) => {
    expect((await read(encoded(textOf(";", "\r\n"), encoding))).rows).toEqual(EXPECTED);
  });

  it.each([
    ["commas", textOf(",", "\n")],
    ["tabs", textOf("\t", "\n")],
    ["a sep= line", `sep=;\r\n${textOf(";", "\r\n")}`],
    ["a sep= line with a rare delimiter", `sep=|\r\n${textOf("|", "\r\n")}`],
    ["CR alone", textOf(";", "\r")],
    ["a line ending at the end", `${textOf(";", "\r\n")}\r\n`],
    ["a blank tail", `${textOf(";", "\r\n")}\r\n;;\r\n \u00A0;;\r\n\r\n\r\n\u001A`],
  ])("a file with %s", async (_what, text) => {
    expect((await read(text)).rows).toEqual(EXPECTED);
  });

  it("a UTF-16 file with a sep= line", async () => {
    expect((await read(encoded(`sep=,\n${textOf(",", "\n")}`, "utf-16le with BOM"))).rows).toEqual(EXPECTED);
  });
});

describe("rows", () => {
  it("are numbered as a spreadsheet does, blank ones counted", async () => {
    const { rows } = await read("User-ID;Employee\n1;A\n\n;;\n2;B\n");
    expect(rows.map((row) => row.number)).toEqual([2, 5]);
  });

  it("say when they have more cells than the header", async () => {
    const { rows } = await read("User-ID,Employee\n1,Berg, Anna\n2,Bo,,\n");
    expect(rows.map((row) => row.surplus)).toEqual([true, false]);
  });

  it("may be short: what is left out is blank", async () => {
    expect((await read("User-ID;Employee;Card/Tag-ID\n1\n")).rows).toMatchObject([{ cells: { id: "1", name: "", note: "" } }]);
  });
});

describe("headers", () => {
  it.each([
    "User-ID",
    "user-id",
    "USER ID",
    "User\u00A0ID",
    " User-ID ",
    "UserID",
    "user_id",
    "Användar-ID",
    "ANVÄNDAR-ID",
    "Anva\u0308ndar-ID",
  ])("%j is the User-ID", async (header) => {
    expect((await read(`${header};Employee\n1;A\n`)).rows).toMatchObject([{ cells: { id: "1", name: "A" } }]);
  });

  it("of columns that are not ours are named and left alone, prototype names too", async () => {
    const { ignored, rows } = await read("__proto__;User-ID;constructor;Shoe size\nevil;1;evil;42\n");
    expect(ignored).toEqual(["__proto__", "constructor", "Shoe size"]);
    expect(rows).toEqual([{ number: 2, cells: { id: "1" }, surplus: false }]);
    expect(({} as Record<string, unknown>)["evil"]).toBeUndefined();
  });

  it.each([
    ["User-ID;Employee;user id\n", ["User-ID", "user id"], [1, 3]],
    ["User-ID;Användar-ID\n", ["User-ID", "Användar-ID"], [1, 2]],
  ])("twice are refused: %j", async (text, headers, at) => {
    expect(await problemWith(text)).toEqual({ kind: "column-twice", headers, at });
  });

  it("that are missing are refused with what was found", async () => {
    expect(await problemWith("Id number;Employee\n1;A\n")).toEqual({
      kind: "column-missing",
      missing: ["User-ID"],
      found: ["Id number", "Employee"],
      row: 1,
      sheet: null,
      sheets: 1,
    });
  });
});

describe("a file is refused", () => {
  it.each([
    ["empty", "", { kind: "empty" }],
    ["blank", "\n \n;;\n", { kind: "empty" }],
    ["a PDF", "%PDF-1.7\n", { kind: "not-a-table" }],
    ["a PNG", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), { kind: "not-a-table" }],
    ["an .xls", Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]), { kind: "old-excel" }],
    ["a zip of something else", "PK\u0003\u0004not a workbook at all", { kind: "damaged" }],
    ["an open quotation mark", 'User-ID;Employee\n1;"Anna\n2;Bo\n', { kind: "damaged", row: 2 }],
    ["an endless row", `User-ID;Employee\n1;"${"x".repeat(400_000)}\n`, { kind: "damaged", row: 2 }],
  ])("that is %s", async (_what, bytes, problem) => {
    expect(await problemWith(bytes)).toMatchObject(problem);
  });
});
