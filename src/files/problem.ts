/** Why a file cannot be read as a table. Reading streams, so it is thrown on the way, with the reason as a value in it. */
export type TableProblem =
  | { kind: "empty" }
  | { kind: "not-a-table" }
  /** A binary .xls, or a workbook with a password: both are OLE containers. */
  | { kind: "old-excel" }
  | { kind: "too-large"; what: "bytes" | "rows"; limit: number }
  /** `row` as a spreadsheet counts it, the header being 1. */
  | { kind: "damaged"; row: number | undefined; why: string }
  /** Two headers that mean the same column; `at` are their places, from 1. */
  | { kind: "column-twice"; headers: [string, string]; at: [number, number] }
  /** No row near the top of any sheet has the header; `found` is the first row with anything in it, `sheet` is null for text. */
  | { kind: "column-missing"; missing: string[]; found: string[]; row: number; sheet: string | null; sheets: number }
  /** Text in UTF-8 but for this row. */
  | { kind: "not-utf-8"; row: number }
  /** No table of characters fits clearly better than the others. */
  | { kind: "encoding-unsure"; tried: string[] };

export function tableFault(problem: TableProblem, cause?: unknown): Error {
  return Object.assign(new Error(`the file is not a readable table: ${problem.kind}`, { cause }), { tableProblem: problem });
}

/** The reason inside an error made here; undefined for any other. */
export function tableProblemOf(error: unknown): TableProblem | undefined {
  return error instanceof Error && "tableProblem" in error ? (error.tableProblem as TableProblem) : undefined;
}
