/** Delimited text → rows of cells. `;`, `,`, TAB or `|`, told by a `sep=` line or by the header; any line ending. */
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { decode, detectEncoding, type Chunks, type Encoding } from "./encoding.ts";
import { tableFault } from "./problem.ts";

/** `number` as a spreadsheet counts rows. */
export type RawRow = { number: number; cells: string[] };

const DELIMITERS = [";", ",", "\t", "|"];
const MAX_HEADER = 64 * 1024;
const MAX_RECORD = 256 * 1024;
const BATCH = 500;

export type Csv = { encoding: Encoding; delimiter: string; batches: AsyncGenerator<RawRow[]> };

/** `encoding`: what somebody says it is; else it is found out. */
export async function readCsv(chunks: Chunks, encoding?: Encoding): Promise<Csv> {
  const found = await detectEncoding(chunks, encoding);
  const text = decode(chunks, found);
  const { delimiter, rest } = readDialect(await takeHead(text));
  return { encoding: found, delimiter, batches: readRecords(delimiter, rest, text) };
}

async function* readRecords(delimiter: string, rest: string, text: AsyncGenerator<string>): AsyncGenerator<RawRow[]> {
  const parser = parse({
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: MAX_RECORD,
  });
  const records: AsyncIterable<string[]> = parser;
  // The parser is destroyed with whatever goes wrong before it, so the loop below throws it.
  pipeline(Readable.from(followedBy(rest, text)), parser, () => undefined);
  let number = 0;
  let batch: RawRow[] = [];
  try {
    for await (const cells of records) {
      number += 1;
      batch.push({ number, cells });
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw tableFault(
        { kind: "damaged", row: parser.info.records + 1, why: WHYS[error.code] ?? "quotation marks are out of order" },
        error,
      );
    throw error;
  }
  yield batch;
}

const WHYS: Partial<Record<CsvError["code"], string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quotation mark is opened and never closed",
  CSV_MAX_RECORD_SIZE: "a row is longer than any row can be; a quotation mark may be missing",
};

/** Text up to the end of the second line, so that a `sep=` line and a header are in it. */
async function takeHead(text: AsyncGenerator<string>): Promise<string> {
  let head = "";
  while (head.length < MAX_HEADER && !/[^\r\n][\r\n]+[^\r\n]+[\r\n]/.test(head)) {
    const next = await text.next();
    if (next.done === true) return head;
    head += next.value;
  }
  return head;
}

async function* followedBy(head: string, text: AsyncGenerator<string>): AsyncGenerator<string> {
  if (head !== "") yield head;
  yield* text;
}

function readDialect(head: string): { delimiter: string; rest: string } {
  const [line = "", said] = /^\s*"?sep=([^\r\n"])[";,|\t ]*(?:\r\n|\r|\n)/i.exec(head) ?? [];
  if (said !== undefined) return { delimiter: said, rest: head.slice(line.length) };
  const header = /[^\r\n]+/.exec(head)?.[0] ?? "";
  const bare = header.replaceAll(/"(?:[^"]|"")*"/g, "");
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length - 1 }));
  const [most] = counts.sort((a, b) => b.count - a.count);
  return { delimiter: most?.delimiter ?? ";", rest: head };
}
