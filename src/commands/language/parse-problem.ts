/** Why a line of the command language was not understood. `found` is what was typed; `suggestion` is what to type in its place. */
export type ParseProblem =
  | { kind: "unknown-verb" | "unknown-key" | "unknown-flag"; found: string; suggestion: string | null }
  | { kind: "unknown-value"; key: string; found: string; suggestion: string | null; allowed: string[] }
  | { kind: "missing-value" | "bad-value"; found: string; example: string }
  /** A saved selection in a place where its filters cannot stand: behind a `-`, or among several joined by commas. */
  | { kind: "saved-not-here"; found: string; example: string }
  | { kind: "unclosed-quote"; found: string }
  | { kind: "too-long"; limit: number; unit: "characters" | "words" | "filters" | "values" };
