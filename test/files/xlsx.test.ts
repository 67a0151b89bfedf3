import { Readable } from "node:stream";
import { writeXlsx } from "hucre/xlsx";
import { describe, expect, it } from "vitest";
import { tableProblemOf } from "../../src/files/problem.ts";
import { readTable, type Column } from "../../src/files/table.ts";
import { chunksOf } from "../support/table-files.ts";
import { workbook, zip } from "../support/zip.ts";

type Name = "id" | "name" | "day";
const COLUMNS: Column<Name>[] = [
  { name: "id", headers: ["User-ID"], required: true },
  { name: "name", headers: ["Employee"], required: false },
  { name: "day", headers: ["Last day"], required: false },
];

async function read(bytes: Uint8Array) {
  const table = await readTable(chunksOf(bytes, 64 * 1024), COLUMNS);
  return (await Readable.from(table.rows).toArray()).flat();
}

const problemWith = (bytes: Uint8Array) =>
  read(bytes).then(
    (rows) => ({ kind: "read", rows: rows.length }),
    (error: unknown) => tableProblemOf(error) ?? error,
  );

const HEADER = `<row r="1"><c r="A1" t="inlineStr"><is><t>User-ID</t></is></c><c r="B1" t="inlineStr"><is><t>Employee</t></is></c></row>`;
const sheetOf = (rows: string) => `<worksheet><sheetData>${HEADER}${rows}</sheetData></worksheet>`;

describe("a workbook", () => {
  it("gives numbers, dates, booleans and text as text", async () => {
    const rows = [
      ["User-ID", "Employee", "Last day"],
      [1001, "Åsa Öberg", new Date("2026-12-31T00:00:00Z")],
      [null, null, null],
      ["A-7", true, null],
    ];
    expect(await read(await writeXlsx({ sheets: [{ name: "Users", rows }] }))).toEqual([
      { number: 2, cells: { id: "1001", name: "Åsa Öberg", day: "2026-12-31" }, surplus: false },
      { number: 4, cells: { id: "A-7", name: "true", day: "" }, surplus: false },
    ]);
  });

  it.each([
    ["a formula's stored value", `<c r="A2"><f>1000+1</f><v>1001</v></c>`, "1001"],
    ["a formula's stored text", `<c r="A2" t="str"><f>"A"&amp;1</f><v>A1</v></c>`, "A1"],
    ["rich text", `<c r="A2" t="inlineStr"><is><r><t>10</t></r><r><rPr><b/></rPr><t>01</t></r></is></c>`, "1001"],
    ["an error as its sign", `<c r="A2" t="e"><v>#N/A</v></c>`, "#N/A"],
  ])("gives %s", async (_what, cell, id) => {
    expect(await read(workbook(sheetOf(`<row r="2">${cell}</row>`)))).toMatchObject([{ cells: { id } }]);
  });

  it("is read from the sheet with the header, however large another one is", async () => {
    const large = Array.from({ length: 100_002 }, (_none, index) => [index]);
    const bytes = await writeXlsx({
      sheets: [
        { name: "Users", rows: [["User-ID"], ["A-7"]] },
        { name: "Log", rows: large },
      ],
    });
    expect(await read(bytes)).toMatchObject([{ number: 2, cells: { id: "A-7" } }]);
  });

  it("follows no outside entity or link", async () => {
    const doctype = `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>`;
    const rows = await read(workbook(doctype + sheetOf(`<row r="2"><c r="A2" t="inlineStr"><is><t>a&e;b</t></is></c></row>`))).catch(
      () => [],
    );
    expect(JSON.stringify(rows)).not.toMatch(/a[^&]+b/);
  });
});

describe("a workbook is refused", () => {
  const spaces = (megabytes: number) => " ".repeat(megabytes * 1024 * 1024);
  const rowsUpTo = (last: number) =>
    Array.from({ length: last - 1 }, (_none, index) => `<row r="${index + 2}"><c><v>1</v></c></row>`).join("");

  it.each([
    ["a sheet that unpacks to 98 MB", () => workbook(sheetOf(spaces(98))), { kind: "too-large", what: "bytes" }],
    ["a sheet with 1,048,576 rows", () => workbook(sheetOf(rowsUpTo(1_048_576))), { kind: "too-large", what: "rows" }],
    [
      "huge shared strings",
      () => workbook(sheetOf(""), [{ name: "xl/sharedStrings.xml", data: Buffer.from(`<sst>${spaces(20)}</sst>`) }]),
      { kind: "too-large", what: "bytes" },
    ],
    ["no size declared", () => zip([{ name: "[Content_Types].xml", data: Buffer.from(spaces(60)), declared: 0 }]), { kind: "damaged" }],
    [
      "a size that is a lie",
      () => zip([{ name: "[Content_Types].xml", data: Buffer.from(spaces(60)), declared: 100 }]),
      { kind: "damaged" },
    ],
    ["another kind of document in it", () => zip([{ name: "word/document.xml", data: Buffer.from("<w/>") }]), { kind: "damaged" }],
    ["its end cut off", () => workbook(sheetOf("")).slice(0, 700), { kind: "damaged" }],
  ])("with %s", async (_what, make, problem) => {
    const bytes = make();
    expect(await problemWith(bytes)).toMatchObject(problem);
  });

  it("with merged cells that overlap without end", async () => {
    const merges = Array.from({ length: 300 }, () => `<mergeCell ref="A2:A5000"/>`).join("");
    const rows = Array.from({ length: 5_000 }, (_none, index) => `<row r="${index + 2}"><c r="A${index + 2}"><v>1</v></c></row>`).join("");
    const bytes = workbook(`<worksheet><sheetData>${HEADER}${rows}</sheetData><mergeCells>${merges}</mergeCells></worksheet>`);
    expect(await problemWith(bytes)).toMatchObject({ kind: "damaged", why: "its merged cells overlap" });
  });

  it("with a sheet that hides its size, without being unpacked whole", async () => {
    const bytes = Buffer.from(workbook(sheetOf(spaces(60))));
    const name = bytes.lastIndexOf("xl/worksheets/sheet1.xml");
    bytes.writeUInt32LE(1000, name - 22);
    expect(await problemWith(new Uint8Array(bytes))).toMatchObject({ kind: "damaged" });
  });
});
