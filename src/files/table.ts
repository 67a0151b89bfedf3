/**
 * A file → rows of named cells. Knows columns and their headers, not what they mean.
 * A header is compared by its letters and digits alone, so case, spaces (also NBSP), hyphens and slashes do not matter.
 */
import { readCsv, type RawRow } from "./csv.ts";
import { headOf, type Chunks, type Encoding } from "./encoding.ts";
import { tableFault } from "./problem.ts";
import { readXlsx } from "./xlsx.ts";

export type Column<Name extends string> = { name: Name; headers: readonly string[]; required: boolean };

/** `surplus`: the row has cells beyond the last header, so its cells may stand in the wrong columns. `header`: the row says the headers again. */
export type NamedRow<Name extends string> = { number: number; cells: Partial<Record<Name, string>>; surplus: boolean; header?: true };

/** How a file was read: what somebody has to know who wonders about its rows. */
export type HowRead = { headerRow: number } & (
  | { kind: "text"; encoding: Encoding; delimiter: string }
  | { kind: "workbook"; sheet: string }
);

/** `ignored` are the headers of columns that are not ours. Rows that are blank throughout are left out. */
export type Table<Name extends string> = { columns: Name[]; ignored: string[]; how: HowRead; rows: AsyncIterable<NamedRow<Name>[]> };

type Source = { sheet: string | null; batches: AsyncGenerator<RawRow[]>; how(headerRow: number): HowRead };

/** The header is looked for in so many rows with anything in them: titles stand above it. */
const MOST_TITLES = 20;

/** Throws a table fault (`tableProblemOf`), as does the iteration over `rows`. `encoding`: what somebody says the text's is. */
export async function readTable<Name extends string>(
  chunks: Chunks,
  columns: readonly Column<Name>[],
  encoding?: Encoding,
): Promise<Table<Name>> {
  const sources = await openSources(chunks, encoding);
  let missing: { source: Source; first: RawRow } | undefined;
  for (const source of sources) {
    const { batches } = source;
    try {
      const top = await takeTop(batches);
      const at = top.slice(0, MOST_TITLES).findIndex(({ cells }) => hasRequired(cells, columns));
      const header = top[at];
      if (header) {
        const { places, ignored } = readHeader(header.cells, columns);
        const rows = namedRows(top.slice(at + 1), batches, places, header.cells.length);
        return { columns: places.map((place) => place.column.name), ignored, how: source.how(header.number), rows };
      }
      const [first] = top;
      if (first) missing ??= { source, first };
    } catch (error) {
      await batches.return(undefined);
      throw error;
    }
  }
  if (!missing) throw tableFault({ kind: "empty" });
  const { source, first } = missing;
  throw tableFault({
    kind: "column-missing",
    missing: columns.filter((column) => column.required).map((column) => column.headers[0] ?? column.name),
    found: first.cells.map((text) => text.trim()).filter((text) => text !== ""),
    row: first.number,
    sheet: source.sheet,
    sheets: sources.length,
  });
}

async function openSources(chunks: Chunks, encoding: Encoding | undefined): Promise<Source[]> {
  if (await isXlsx(chunks)) {
    return (await readXlsx(chunks)).map(({ name, readRows }) => ({
      sheet: name,
      batches: inBatches(readRows),
      how: (headerRow) => ({ kind: "workbook", sheet: name, headerRow }),
    }));
  }
  const csv = await readCsv(chunks, encoding);
  const how = (headerRow: number): HowRead => ({ kind: "text", encoding: csv.encoding, delimiter: csv.delimiter, headerRow });
  return [{ sheet: null, batches: csv.batches, how }];
}

const BATCH = 500;

async function* inBatches(readRows: () => RawRow[]): AsyncGenerator<RawRow[]> {
  await Promise.resolve();
  const rows = readRows();
  for (let from = 0; from < rows.length; from += BATCH) yield rows.slice(from, from + BATCH);
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

/** The filled rows of the first batches, until the header must be among them. */
async function takeTop(batches: AsyncGenerator<RawRow[]>): Promise<RawRow[]> {
  const top: RawRow[] = [];
  while (top.length < MOST_TITLES) {
    const next = await batches.next();
    if (next.done === true) break;
    top.push(...next.value.filter(isFilled));
  }
  return top;
}

function hasRequired<Name extends string>(cells: string[], columns: readonly Column<Name>[]): boolean {
  const keys = new Set(cells.map(headerKey));
  return columns.filter((column) => column.required).every((column) => column.headers.some((text) => keys.has(headerKey(text))));
}

type Place<Name extends string> = { column: Column<Name>; index: number };

function readHeader<Name extends string>(header: string[], columns: readonly Column<Name>[]): { places: Place<Name>[]; ignored: string[] } {
  const byKey = new Map(columns.flatMap((column) => column.headers.map((text) => [headerKey(text), column] as const)));
  const seen = new Map<Column<Name>, number>();
  const ignored: string[] = [];
  header.forEach((text, index) => {
    const column = byKey.get(headerKey(text));
    if (!column) {
      if (text.trim() !== "") ignored.push(text.trim());
      return;
    }
    const before = seen.get(column);
    if (before !== undefined) {
      throw tableFault({ kind: "column-twice", headers: [(header[before] ?? "").trim(), text.trim()], at: [before + 1, index + 1] });
    }
    seen.set(column, index);
  });
  return { places: [...seen].map(([column, index]) => ({ column, index })), ignored };
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
  for (const { column, index } of places) named[column.name] = cells[index] ?? "";
  const surplus = cells.length > width && cells.slice(width).some((cell) => cell.trim() !== "");
  return { number, cells: named, surplus, ...(isHeaderAgain(cells, places) && { header: true }) };
}

function isHeaderAgain<Name extends string>(cells: string[], places: Place<Name>[]): boolean {
  const filled = places.filter(({ index }) => (cells[index] ?? "").trim() !== "");
  return (
    filled.length > 0 &&
    filled.every(({ column, index }) => column.headers.some((text) => headerKey(text) === headerKey(cells[index] ?? "")))
  );
}

const BLANK = /^[\s\p{C}]*$/u;

function isFilled(row: RawRow): boolean {
  return row.cells.some((cell) => !BLANK.test(cell));
}
