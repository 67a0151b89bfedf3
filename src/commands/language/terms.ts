/** One filter: token → term, and terms → text. */
import type { PartKey, Selection, Term, TextKey } from "../../domain/filter.ts";
import { nearest } from "../../domain/nearest.ts";
import { LANGUAGES, languageOf, type Language } from "../../domain/user.ts";
import { BARE_TERMS, CONNECTIONS, FLAGS, KEYS, LANGUAGE_WORDS, SAVED, STATUSES, type Key, type Vocabulary } from "./aliases.ts";
import type { ParseProblem } from "./parse-problem.ts";
import { indexOfPlain, quote, sliceToken, splitList, type Token } from "./tokens.ts";

export type Flag = (typeof FLAGS)["canonicals"][number];

/** What a token is by its form, before its value is read. */
export type Shape =
  | { kind: "word" }
  | { kind: "flag"; flag: Flag; value: Token | null }
  | { kind: "filter"; not: boolean; key: Key; value: Token }
  | { kind: "saved"; not: boolean; value: Token }
  | { kind: "age"; not: boolean; age: string }
  | { kind: "bare"; term: Term }
  | { kind: "problem"; problem: ParseProblem };

export const PERSON = /^<@([^<>\s]+)>$/;
const DASHES = /^[-‐‑‒–—―−]+/;
const LONG_DASH = /[—―]/;
export const DAY_UNIT = /^(?:d|days?|dag|dagar|dager|dage|pv|päivää)$/i;
const AGE = /^([<>])(\d{1,5})(\p{L}*)$/u;
const AGE_EXAMPLE = "pending>7d";
const SAVED_EXAMPLE = "saved:weekly";
const MOST_DAYS = 3650;
const MOST_VALUES = 100;
const LONGEST_VALUE = 200;

const EXAMPLES: Record<Key, string> = {
  department: "department:Lager",
  office: 'office:"Malmö C"',
  company: 'company:"Acme AB"',
  authorised: 'authorised:"Acme AB"',
  role: "role:admin",
  status: "status:active",
  connection: "connection:pending",
  signature: "signature:ab",
  employee: "employee:Anna",
  "user-id": "user-id:1001",
  lang: "lang:sv",
};

/** Phones write `--force` as `—force`; a shorter dash in front of a flag's name is taken for the two it was. */
export function shapeOf(token: Token): Shape {
  if (token.plain[0] !== true || PERSON.test(token.text)) return { kind: "word" };
  const [dashes = ""] = DASHES.exec(token.text) ?? [];
  const rest = sliceToken(token, dashes.length);
  if (dashes === "") return termShape(token, false);
  if (rest.text === "") return { kind: "word" };
  const cut = indexOfPlain(rest, "=:");
  const name = cut < 0 ? rest.text : rest.text.slice(0, cut);
  const flag = FLAGS.find(name);
  const doubled = dashes.length > 1 || LONG_DASH.test(dashes);
  if (flag && (doubled || dashes !== "-")) return { kind: "flag", flag, value: cut < 0 ? null : sliceToken(rest, cut + 1) };
  const term = doubled ? null : termShape(rest, true);
  return term && term.kind !== "word" ? term : { kind: "problem", problem: unknownFlag(doubled ? "--" : "-", name) };
}

function unknownFlag(dashes: "-" | "--", name: string): ParseProblem {
  const key = KEYS.find(name);
  const flag = nearest(name, FLAGS.canonicals);
  const bare = nearest(name, BARE_TERMS.all);
  const suggestion = key ? `${dashes === "-" ? "-" : ""}${key}:` : flag ? `--${flag}` : bare ? `-${bare}` : null;
  return { kind: "unknown-flag", found: `${dashes}${name}`, suggestion };
}

function termShape(token: Token, not: boolean): Shape {
  const bare = token.quoted ? undefined : BARE_TERMS.find(token.text);
  if (bare) return { kind: "bare", term: { key: bare, not } };
  const than = indexOfPlain(token, "<>");
  if (than > 0) return ageShape(token.text.slice(0, than), token.text.slice(than), not);
  const cut = indexOfPlain(token, ":=");
  if (cut <= 0) return { kind: "word" };
  const name = token.text.slice(0, cut);
  const key = KEYS.find(name);
  if (key && token.text.charAt(cut) === ":") return { kind: "filter", not, key, value: sliceToken(token, cut + 1) };
  const saved = SAVED.find(name);
  if (saved && token.text.charAt(cut) === ":") return { kind: "saved", not, value: sliceToken(token, cut + 1) };
  const suggestion = key ?? saved ?? (/^[\p{L}-]+$/u.test(name) ? nearest(name, [...KEYS.all, ...SAVED.all]) : null);
  if (suggestion === null || token.text.slice(cut + 1, cut + 3) === "//") return { kind: "word" };
  const known = key ?? saved;
  const found = known ? `${name}=` : name;
  return { kind: "problem", problem: { kind: "unknown-key", found, suggestion: known ? `${known}:` : suggestion } };
}

function ageShape(name: string, age: string, not: boolean): Shape {
  if (CONNECTIONS.find(name) === "pending") return { kind: "age", not, age };
  if (!/^[<>]=?\d/.test(age)) return { kind: "word" };
  return { kind: "problem", problem: { kind: "bad-value", found: name + age, example: AGE_EXAMPLE } };
}

export function readAge(age: string, not: boolean): Term | ParseProblem {
  const [, than, digits, unit = ""] = AGE.exec(age) ?? [];
  const days = Number(digits);
  if (than === undefined || days > MOST_DAYS || (unit !== "" && !DAY_UNIT.test(unit)))
    return { kind: "bad-value", found: `pending${age}`, example: AGE_EXAMPLE };
  return { key: "pending-age", not, than: than === ">" ? ">" : "<", days };
}

/** One name; what it stands for is looked up later. */
export function readSaved(not: boolean, value: Token): { name: string } | ParseProblem {
  const [name, ...others] = [...new Set(splitList(value))];
  if (name === undefined) return { kind: "missing-value", found: "saved:", example: SAVED_EXAMPLE };
  if (name.length > LONGEST_VALUE) return { kind: "bad-value", found: name, example: SAVED_EXAMPLE };
  if (not || others.length > 0)
    return { kind: "saved-not-here", found: `${not ? "-" : ""}saved:${[name, ...others].join(",")}`, example: SAVED_EXAMPLE };
  return { name };
}

export function readFilter(key: Key, not: boolean, value: Token): Term | ParseProblem {
  const found = [...new Set(splitList(value))];
  if (found.length === 0) return { kind: "missing-value", found: `${key}:`, example: EXAMPLES[key] };
  if (found.length > MOST_VALUES) return { kind: "too-long", limit: MOST_VALUES, unit: "values" };
  const long = found.find((each) => each.length > LONGEST_VALUE);
  if (long !== undefined) return { kind: "bad-value", found: long, example: EXAMPLES[key] };
  switch (key) {
    case "status":
      return readAll(
        found,
        STATUSES.find,
        (values) => ({ key, not, values }),
        (bad) => unknownValue(key, bad, STATUSES),
      );
    case "connection":
      return readAll(
        found,
        CONNECTIONS.find,
        (values) => ({ key, not, values }),
        (bad) => unknownValue(key, bad, CONNECTIONS),
      );
    case "lang":
      return readAll(
        found,
        readLanguage,
        (values) => ({ key, not, values }),
        (bad) => unknownLanguage(key, bad),
      );
    case "department":
    case "office":
    case "company":
    case "authorised":
    case "role":
    case "signature":
    case "employee":
    case "user-id":
      return { key, not, values: found };
  }
}

function readAll<V extends string>(
  found: string[],
  read: (word: string) => V | undefined,
  term: (values: V[]) => Term,
  problem: (bad: string) => ParseProblem,
): Term | ParseProblem {
  const values: V[] = [];
  for (const each of found) {
    const value = read(each);
    if (value === undefined) return problem(each);
    values.push(value);
  }
  return term([...new Set(values)]);
}

export function readLanguage(word: string): Language | undefined {
  return LANGUAGE_WORDS.find(word) ?? languageOf(word);
}

export function unknownLanguage(key: string, found: string): ParseProblem {
  return { kind: "unknown-value", key, found, suggestion: nearest(found, LANGUAGE_WORDS.all), allowed: [...LANGUAGES] };
}

/** A value of another filter is suggested with that filter: `connection:bounced` → `bounced`. */
function unknownValue<K extends string>(key: string, found: string, vocabulary: Vocabulary<K>): ParseProblem {
  const elsewhere = (word: string): string | null => {
    const status = STATUSES.find(word);
    const connection = CONNECTIONS.find(word);
    return status ? `status:${status}` : connection ? `connection:${connection}` : (BARE_TERMS.find(word) ?? null);
  };
  const near = nearest(found, vocabulary.all) ?? nearest(found, [...STATUSES.all, ...CONNECTIONS.all, ...BARE_TERMS.all]);
  const suggestion = elsewhere(found) ?? (near === null || vocabulary.find(near) ? near : elsewhere(near));
  return { kind: "unknown-value", key, found, suggestion, allowed: vocabulary.canonicals };
}

/** The selection as a person could type it, in canonical words. `parseLine` reads it back as the same selection, once a chat client has sent it. */
export function formatSelection(selection: Selection): string {
  return selection.map((term) => `${term.not ? "-" : ""}${formatTerm(term)}`).join(" ");
}

function formatTerm(term: Term): string {
  switch (term.key) {
    case "never-sent":
    case "bounced":
      return term.key;
    case "pending-age":
      return `pending${term.than}${term.days}d`;
    case "status":
    case "connection":
    case "lang":
      return formatValues(term.key, term.values);
    case "department":
    case "office":
    case "company":
    case "authorised":
    case "role":
    case "signature":
    case "employee":
    case "user-id":
      return formatValues(term.key, term.values);
  }
}

/** A filter as a person could type it. */
export function formatValues(key: Key | TextKey | PartKey, values: string[]): string {
  return `${key}:${values.map(formatValue).join(",")}`;
}

function formatValue(value: string): string {
  return /^[\p{L}\p{N}][\p{L}\p{N}._/-]*$/u.test(value) ? value : quote(value);
}
