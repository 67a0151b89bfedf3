/** Which single-byte table a text is in: the one whose characters stand where such characters stand in words. */
import iconv from "iconv-lite";

export const SINGLE_BYTE = ["windows-1252", "macroman", "cp850", "cp865"] as const;
export type SingleByte = (typeof SINGLE_BYTE)[number];
export type Rated = { table: SingleByte; score: number };

/** The upper half of each table. */
const UPPER = Object.fromEntries(
  SINGLE_BYTE.map((table) => [table, Array.from(iconv.decode(Buffer.from(Array.from({ length: 128 }, (_, at) => at + 128)), table))]),
) as Record<SingleByte, string[]>;

const NORDIC = /^[åäöæøÅÄÖÆØéÉüÜ]$/u;
const QUIET = /^[’‘“”–—…«»´\u00a0€§°½·]$/u;
const LOWER = /^\p{Ll}$/u;
const CAPITAL = /^\p{Lu}$/u;
const LETTER = /^\p{L}$/u;
const UNUSED = /^[\p{Cc}\ufffd]$/u;

/**
 * The tables, best first. Tables that read this text alike count as one, the first of them. Every character is weighed with its neighbours: a control
 * character or a sign between two letters speaks against the table, and so does a capital behind a small letter.
 */
export async function rateTables(chunks: AsyncIterable<Uint8Array>): Promise<Rated[]> {
  const seen = await countTriples(chunks);
  const readings = new Map<string, Rated>();
  for (const table of SINGLE_BYTE) {
    const charOf = (byte: number) => (byte < 128 ? String.fromCharCode(byte) : (UPPER[table][byte - 128] ?? ""));
    let score = 0;
    for (const [triple, count] of seen) score += count * weigh(charOf(triple >> 16), charOf((triple >> 8) & 255), charOf(triple & 255));
    const reading = [...seen.keys()].map((triple) => charOf((triple >> 8) & 255)).join("");
    if (!readings.has(reading)) readings.set(reading, { table, score });
  }
  return [...readings.values()].toSorted((a, b) => b.score - a.score);
}

/** How often each byte beyond ASCII stands between which two others: bounded, however long the text is. */
async function countTriples(chunks: AsyncIterable<Uint8Array>): Promise<Map<number, number>> {
  const seen = new Map<number, number>();
  let [before, byte] = [32, 32];
  const note = (next: number) => {
    if (byte >= 128) {
      const triple = (before << 16) | (byte << 8) | next;
      seen.set(triple, (seen.get(triple) ?? 0) + 1);
    }
    [before, byte] = [byte, next];
  };
  for await (const chunk of chunks) for (const next of chunk) note(next);
  note(32);
  return seen;
}

function weigh(before: string, character: string, after: string): number {
  if (UNUSED.test(character)) return -20;
  const inside = LETTER.test(before) && LETTER.test(after);
  if (!LETTER.test(character)) {
    if (QUIET.test(character)) return inside && !/^[’‘´–]$/u.test(character) ? -3 : 0.6;
    return inside ? -6 : -1;
  }
  const alone = !LETTER.test(before) && !LETTER.test(after);
  const bent = CAPITAL.test(character) ? LOWER.test(before) : LETTER.test(before) && CAPITAL.test(after);
  if (alone || bent) return -2;
  return NORDIC.test(character) ? 1 : 0.2;
}
