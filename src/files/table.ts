/**
 * A file → rows of named cells. Knows columns and their headers, not what they mean.
 * A header is compared by its letters and digits alone, so case, spaces (also NBSP), hyphens and slashes do not matter.
 */
import { readCsv, type RawRow } from "./csv.ts";
import { headOf, type Chunks } from "./encoding.ts";
import { tableFault } from "./problem.ts";
import { readXlsx } from "./xlsx.ts";

export type Column<Name extends string> = { name: Name; headers: readonly string[]; required: boolean };

/** `surplus`: the row has cells beyond the last header, so its cells may stand in the wrong columns. */
export type NamedRow<Name extends string> = { number: number; cells: Partial<Record<Name, string>>; surplus: boolean };

/** `ignored` are the headers of columns that are not ours. Rows that are blank throughout are left out. */
export type Table<Name extends string> = { columns: Name[]; ignored: string[]; rows: AsyncIterable<NamedRow<Name>[]> };

/** Throws a table fault (`tableProblemOf`), as does the iteration over `rows`. */
export async function readTable<Name extends string>(chunks: Chunks, columns: readonly Column<Name>[]): Promise<Table<Name>> {
  const batches = (await isXlsx(chunks)) ? readXlsx(chunks) : readCsv(chunks);
  try {
    const { header, rest } = await takeHeader(batches);
    const { places, ignored } = readHeader(header, columns);
    return { columns: places.map((place) => place.name), ignored, rows: namedRows(rest, batches, places, header.length) };
  } catch (error) {
    await batches.return(undefined);
    throw error;
  }
}

async function isXlsx(chunks: Chunks): Promise<boolean> {
  const head = Buffer.from(await headOf(chunks, 8));
  if (head.length === 0) throw tableFault({ kind: "empty" });
  const begins = (hex: string) => head.subarray(0, hex.length / 2).toString("hex") === hex;
  if (begins("d0cf11e0a1b11ae1")) throw tableFault({ kind: "old-excel" });
  // PDF, PNG, JPEG, gzip, RAR, 7-Zip.
  if (["25504446", "89504e47", "ffd8ff", "1f8b", "52617221", "377abcaf"].some(begins)) throw tableFault({ kind: "not-a-table" });
  return begins("504b0304") || begins("504b0506");
}

async function takeHeader(batches: AsyncGenerator<RawRow[]>): Promise<{ header: string[]; rest: RawRow[] }> {
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    const at = next.value.findIndex(isFilled);
    const row = next.value[at];
    if (row) return { header: row.cells, rest: next.value.slice(at + 1) };
  }
  throw tableFault({ kind: "empty" });
}

type Place<Name> = { name: Name; index: number };

function readHeader<Name extends string>(header: string[], columns: readonly Column<Name>[]): { places: Place<Name>[]; ignored: string[] } {
  const byKey = new Map(columns.flatMap((column) => column.headers.map((text) => [headerKey(text), column] as const)));
  const seen = new Map<Name, number>();
  const ignored: string[] = [];
  header.forEach((text, index) => {
    const column = byKey.get(headerKey(text));
    if (!column) {
      if (text.trim() !== "") ignored.push(text.trim());
      return;
    }
    const before = seen.get(column.name);
    if (before !== undefined) {
      throw tableFault({ kind: "column-twice", headers: [(header[before] ?? "").trim(), text.trim()], at: [before + 1, index + 1] });
    }
    seen.set(column.name, index);
  });
  const missing = columns.filter((column) => column.required && !seen.has(column.name)).map((column) => column.headers[0] ?? column.name);
  const found = header.map((text) => text.trim()).filter((text) => text !== "");
  if (missing.length > 0) throw tableFault({ kind: "column-missing", missing, found });
  return { places: [...seen].map(([name, index]) => ({ name, index })), ignored };
}

function headerKey(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

async function* namedRows<Name extends string>(
  first: RawRow[],
  batches: AsyncGenerator<RawRow[]>,
  places: Place<Name>[],
  width: number,
): AsyncGenerator<NamedRow<Name>[]> {
  const named = (rows: RawRow[]) => rows.filter(isFilled).map((row) => nameCells(row, places, width));
  yield named(first);
  for await (const batch of batches) yield named(batch);
}

function nameCells<Name extends string>({ number, cells }: RawRow, places: Place<Name>[], width: number): NamedRow<Name> {
  const named: Partial<Record<Name, string>> = {};
  for (const { name, index } of places) named[name] = cells[index] ?? "";
  return { number, cells: named, surplus: cells.length > width && cells.slice(width).some((cell) => cell.trim() !== "") };
}

const BLANK = /^[\s\p{C}]*$/u;

function isFilled(row: RawRow): boolean {
  return row.cells.some((cell) => !BLANK.test(cell));
}
