/** The sheets of a workbook → rows of cells, as a person reads them. What it unpacks to is checked before anything is unpacked. Formulas give their stored value; nothing is fetched. */
import { Buffer } from "node:buffer";
import { formatValue } from "hucre";
import { readXlsx as readWorkbook, type Sheet } from "hucre/xlsx";
import type { RawRow } from "./csv.ts";
import type { Chunks } from "./encoding.ts";
import { tableFault } from "./problem.ts";

export const MAX_XLSX_BYTES = 16 * 1024 * 1024;
/** Of everything in the workbook, unpacked. */
export const MAX_UNPACKED_BYTES = 48 * 1024 * 1024;
const MAX_STRINGS_BYTES = 16 * 1024 * 1024;
export const MAX_XLSX_ROWS = 100_000;
/** Rows with nothing in them but colour. */
const MAX_PAINTED_ROWS = 500_000;
const MAX_CELLS_A_ROW = 1000;

/** `readRows` throws where the sheet has too many. */
export type NamedSheet = { name: string; readRows(): RawRow[] };

/** Rows that are blank, be they painted, are left out. */
export async function readXlsx(chunks: Chunks): Promise<NamedSheet[]> {
  const bytes = await gather(chunks);
  checkSizes(bytes);
  try {
    const { sheets } = await readWorkbook(bytes, { readStyles: true, maxRows: MAX_PAINTED_ROWS + 1 });
    return sheets.map((sheet) => ({ name: sheet.name, readRows: () => rowsOf(sheet) }));
  } catch (error) {
    if (error instanceof Error && /^(?:Zip|Xml|Parse|Hucre|Unsupported|Defter)/.test(error.name)) {
      throw tableFault({ kind: "damaged", row: undefined, why: "it is not a whole Excel workbook" }, error);
    }
    throw error;
  }
}

function rowsOf(sheet: Sheet): RawRow[] {
  const tooMany = () => tableFault({ kind: "too-large", what: "rows", limit: MAX_XLSX_ROWS });
  if (sheet.rows.length > MAX_PAINTED_ROWS) throw tooMany();
  const rows: RawRow[] = [];
  const merged = mergedRows(sheet);
  for (const [index, values] of sheet.rows.entries()) {
    const cells = values
      .slice(0, MAX_CELLS_A_ROW)
      .map((value, column) => textOf(value, sheet.cells?.get(`${index},${column}`)?.style?.numFmt));
    for (const [column, text] of merged.get(index) ?? []) {
      while (cells.length <= column) cells.push("");
      cells[column] = text;
    }
    if (cells.every((cell) => cell.trim() === "")) continue;
    if (rows.length > MAX_XLSX_ROWS) throw tooMany();
    rows.push({ number: index + 1, cells });
  }
  return rows;
}

/** More than any sheet has: ranges that overlap without end are an attack. */
const MAX_MERGED_CELLS = 1_000_000;

/** What a cell that is merged over several rows says in each of the rows below its first, by row index and column. */
function mergedRows({ merges = [], rows, cells }: Sheet): Map<number, Map<number, string>> {
  const byRow = new Map<number, Map<number, string>>();
  let filled = 0;
  for (const { startRow, startCol, endRow } of merges) {
    const text = textOf(rows[startRow]?.[startCol], cells?.get(`${startRow},${startCol}`)?.style?.numFmt);
    if (startCol >= MAX_CELLS_A_ROW || text === "") continue;
    for (let row = startRow + 1; row <= Math.min(endRow, rows.length - 1); row += 1) {
      if ((filled += 1) > MAX_MERGED_CELLS) throw tableFault({ kind: "damaged", row: row + 1, why: "its merged cells overlap" });
      const texts = byRow.get(row) ?? new Map<number, string>();
      byRow.set(row, texts.set(startCol, text));
    }
  }
  return byRow;
}

async function gather(chunks: Chunks): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of chunks()) {
    total += chunk.length;
    if (total > MAX_XLSX_BYTES) throw tableFault({ kind: "too-large", what: "bytes", limit: MAX_XLSX_BYTES });
    parts.push(chunk);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Number formats that write zeros or letters around a number, as for ids: `00000`, `"A-"000`. Others only round, group or colour it. */
const SHOWN = /^[^.,E%?/;#]*0[^.,E%?/;#]*$/i;

function textOf(value: unknown, numFmt?: string): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString().slice(0, 10);
  if (typeof value === "number" && numFmt !== undefined && numFmt !== "0" && SHOWN.test(numFmt)) return formatValue(value, numFmt);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;

/** Adds up the sizes that the archive's directory declares; the reader unpacks no entry beyond its own. */
function checkSizes(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const broken = () => tableFault({ kind: "damaged", row: undefined, why: "it is not a whole Excel workbook" });
  const tooLarge = (limit: number) => tableFault({ kind: "too-large", what: "bytes", limit });
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw broken();
  const entries = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  let total = 0;
  for (let entry = 0; entry < entries; entry++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== ENTRY) throw broken();
    const packed = view.getUint32(at + 20, true);
    const unpacked = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (packed > 0 && unpacked === 0) throw broken();
    total += unpacked;
    if (total > MAX_UNPACKED_BYTES) throw tooLarge(MAX_UNPACKED_BYTES);
    if (/sharedStrings\.xml$/i.test(name) && unpacked > MAX_STRINGS_BYTES) throw tooLarge(MAX_STRINGS_BYTES);
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}
