/** What somebody probably meant by a word we do not know. */

import { fold } from "./fold.ts";

const LONGEST = 100;

const LETTERS: Record<string, string> = { ø: "o", æ: "ae", đ: "d", ð: "d", þ: "th", ł: "l" };

/** A word as it is likened to others: folded, and without accents or a difference between space, `_` and `-`. */
export function blur(word: string): string {
  return fold(word)
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .replace(/[øæđðþł]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/[\s_-]+/g, "-");
}

/** The candidate closest to the word, or null where none is close. A tie goes to the earlier one. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const wanted = blur(word);
  if (wanted.length < 2 || wanted.length > LONGEST) return null;
  let best: { candidate: string; edits: number } | null = null;
  for (const candidate of candidates) {
    const folded = blur(candidate);
    const allowed = Math.min(best ? best.edits - 1 : Infinity, editsAllowed(Math.min(wanted.length, folded.length)));
    if (Math.abs(folded.length - wanted.length) > allowed) continue;
    const edits = editsBetween(wanted, folded);
    if (edits <= allowed) best = { candidate, edits };
    if (edits === 0) break;
  }
  return best ? best.candidate : shortestStartingWith(wanted, candidates);
}

function editsAllowed(length: number): number {
  if (length < 3) return 0;
  if (length < 6) return 1;
  return length < 10 ? 2 : 3;
}

function shortestStartingWith(start: string, candidates: readonly string[]): string | null {
  if (start.length < 3) return null;
  const starting = candidates.filter((candidate) => blur(candidate).startsWith(start));
  return starting.reduce<string | null>((best, each) => (best === null || each.length < best.length ? each : best), null);
}

/** Letters inserted, removed, replaced, or two neighbours swapped. */
function editsBetween(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, (before[j - 2] ?? 0) + 1);
      row.push(edits);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
