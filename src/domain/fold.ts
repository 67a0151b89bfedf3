/**
 * The one way in which typed text and stored names are compared: without case, without invisible characters, and with one apostrophe, one hyphen and one
 * space. `db/fold.ts` makes the same of the same tables in SQL. Indexes hold folded names: a change here needs a migration.
 */

/** Read as an apostrophe before compatibility forms are undone, because those make a space and an accent of them. */
export const ACCENTS_AS_APOSTROPHES = "´\u1FFD";

/** Left out: what cannot be seen, what only changes how an emoji looks, and double quotation marks, which a chat line cannot hold unharmed. */
export const LEFT_OUT: readonly (readonly [first: number, last: number])[] = [
  [0xab, 0xab],
  [0xad, 0xad],
  [0xbb, 0xbb],
  [0x34f, 0x34f],
  [0x600, 0x605],
  [0x61c, 0x61c],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x890, 0x891],
  [0x8e2, 0x8e2],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x201c, 0x201f],
  [0x202a, 0x202e],
  [0x2033, 0x2033],
  [0x2036, 0x2036],
  [0x2060, 0x206f],
  [0x301d, 0x301f],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0x110bd, 0x110bd],
  [0x110cd, 0x110cd],
  [0x13430, 0x1343f],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0x1f3fb, 0x1f3ff],
  [0xe0000, 0xe0fff],
];

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));

const APOSTROPHES = Array.from("`‘’‚‛′‵ʹʻʼʽˈꞋꞌ‹›");
const HYPHENS = Array.from("‐‑‒–—―−⁃");
/** Latin, Greek, Cyrillic, Armenian and Georgian. Letters with accents fall apart before this table is asked. */
const ALPHABETS = [...range(0xc0, 0x52f), ...range(0x531, 0x556), ...range(0x1c90, 0x1cbf), ...range(0x1e00, 0x1eff)];

/** One character in place of another, applied to compatibility-decomposed text. The letters A to Z are not in it. */
export const ONE_FOR_ONE: ReadonlyMap<string, string> = new Map([
  ...APOSTROPHES.map((each) => [each, "'"] as const),
  ...HYPHENS.map((each) => [each, "-"] as const),
  ...ALPHABETS.flatMap((upper) => {
    const lower = upper.toLowerCase();
    return lower !== upper && upper.normalize("NFKD") === upper && Array.from(lower).length === 1 ? [[upper, lower] as const] : [];
  }),
  ["ẞ", "ß"],
  ["ς", "σ"],
  ["ı", "i"],
]);

/** Patterns, the same here and in Postgres, that are replaced last. Turkish writes the small İ with a dot of its own. */
export const LONGER: readonly (readonly [pattern: string, to: string])[] = [
  ["ß", "ss"],
  ["i\\u0307+", "i"],
];

/** Read as a space; many are one. Compatibility decomposition has made a plain space of every other. */
export const SPACES: readonly (readonly [first: number, last: number])[] = [
  [0x1, 0x20],
  [0x7f, 0x9f],
  [0x1680, 0x1680],
  [0x2028, 0x2029],
];

const within = (ranges: typeof LEFT_OUT, character: string) => {
  const code = character.codePointAt(0) ?? 0;
  return ranges.some(([first, last]) => code >= first && code <= last);
};

/** The text as it is compared. Folding twice changes nothing more. */
export function fold(text: string): string {
  const seen = Array.from(text.toWellFormed())
    .filter((each) => !within(LEFT_OUT, each))
    .map((each) => (ACCENTS_AS_APOSTROPHES.includes(each) ? "'" : each));
  const plain = Array.from(seen.join("").normalize("NFKD")).map(plainOf).join("");
  return LONGER.reduce((folded, [pattern, to]) => folded.replace(new RegExp(pattern, "g"), to), plain)
    .split(" ")
    .filter((word) => word !== "")
    .join(" ")
    .normalize("NFC");
}

function plainOf(character: string): string {
  if (character === '"') return "";
  if (within(SPACES, character)) return " ";
  return ONE_FOR_ONE.get(character) ?? (character >= "A" && character <= "Z" ? character.toLowerCase() : character);
}
