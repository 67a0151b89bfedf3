/** The first sheet of a workbook → rows of cells. What it unpacks to is checked before anything is unpacked. Formulas give their stored value; nothing is fetched. */
import { Buffer } from "node:buffer";
import { streamXlsxRows } from "hucre/xlsx";
import type { RawRow } from "./csv.ts";
import type { Chunks } from "./encoding.ts";
import { tableFault } from "./problem.ts";

export const MAX_XLSX_BYTES = 16 * 1024 * 1024;
/** Of everything in the workbook, unpacked. */
export const MAX_UNPACKED_BYTES = 48 * 1024 * 1024;
const MAX_STRINGS_BYTES = 16 * 1024 * 1024;
export const MAX_XLSX_ROWS = 100_000;
const MAX_CELLS_A_ROW = 1000;
const BATCH = 500;

export async function* readXlsx(chunks: Chunks): AsyncGenerator<RawRow[]> {
  const bytes = await gather(chunks);
  checkSizes(bytes);
  let batch: RawRow[] = [];
  let rows = 0;
  try {
    for await (const { index, values } of streamXlsxRows(bytes, { sheet: 0, maxRows: MAX_XLSX_ROWS + 2 })) {
      rows += 1;
      if (rows > MAX_XLSX_ROWS + 1) throw tableFault({ kind: "too-large", what: "rows", limit: MAX_XLSX_ROWS });
      batch.push({ number: index + 1, cells: values.slice(0, MAX_CELLS_A_ROW).map(textOf) });
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (error instanceof Error && /^(?:Zip|Xml|Parse|Hucre|Unsupported|Defter)/.test(error.name)) {
      throw tableFault({ kind: "damaged", row: undefined, why: "it is not a whole Excel workbook" }, error);
    }
    throw error;
  }
  yield batch;
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

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString().slice(0, 10);
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
