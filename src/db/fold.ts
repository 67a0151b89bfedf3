/** `domain/fold` in SQL. The function `folded` stands in the migrations, because indexes use it; this is the text it was made from. */
import { sql, type SQL, type SQLWrapper } from "drizzle-orm";
import { ACCENTS_AS_APOSTROPHES, LEFT_OUT, LONGER, ONE_FOR_ONE, SPACES } from "../domain/fold.ts";

/** A stored name as it is compared. Compare it with typed text that `domain/fold` has folded, so that no row pays for that text. */
export const folded = (text: SQLWrapper): SQL => sql`folded(${text})`;

const codePoint = (character: string) => character.codePointAt(0) ?? 0;
const hex = (code: number, length: number) => code.toString(16).padStart(length, "0");
const escaped = (code: number) => (code > 0xffff ? `\\+${hex(code, 6)}` : `\\${hex(code, 4)}`);
const literal = (characters: Iterable<string>) => `U&'${Array.from(characters, (each) => escaped(codePoint(each))).join("")}'`;
const inClass = (code: number) => (code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`);

const classOf = (ranges: typeof LEFT_OUT) => ranges.map(([first, last]) => `${inClass(first)}-${inClass(last)}`).join("");

/**
 * Creates the function. No step asks the locale of the database: `lower` in the C collation knows A to Z, and a table knows the other letters.
 * The table is slow, so names of plain ASCII go without it, and names of Latin-1 with the little of it that they need.
 */
export function createFolded(): string {
  const below = (limit: number) => new Map([...ONE_FOR_ONE].filter(([from]) => codePoint(from) < limit));
  return `CREATE FUNCTION folded(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN octet_length(name) = char_length(name) THEN ${trimmed(translated("name", below(0x80)))}
    WHEN name !~ '[^\\u0001-\\u00ff]' THEN ${whole(below(0x100))}
    ELSE ${whole(ONE_FOR_ONE)}
  END
$$`;
}

function whole(table: ReadonlyMap<string, string>): string {
  const apostrophes = Array.from(ACCENTS_AS_APOSTROPHES, () => "'");
  const accents = `translate(name, ${literal(ACCENTS_AS_APOSTROPHES)}, ${literal(apostrophes)})`;
  const seen = `regexp_replace(${accents}, '[${classOf(LEFT_OUT)}]', '', 'g')`;
  const plain = translated(`normalize(${seen}, NFKD)`, table);
  return `normalize(${trimmed(LONGER.reduce((text, [pattern, to]) => `regexp_replace(${text}, '${pattern}', '${to}', 'g')`, plain))}, NFC)`;
}

/** A double quotation mark has no counterpart in the second list, and is left out. */
function translated(text: string, table: ReadonlyMap<string, string>): string {
  return `translate(lower(${text} COLLATE "C"), ${literal([...table.keys(), '"'])}, ${literal(table.values())})`;
}

function trimmed(text: string): string {
  return `btrim(regexp_replace(${text}, '[${classOf(SPACES)}]+', ' ', 'g'), ' ')`;
}
