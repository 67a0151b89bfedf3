/**
 * The command language: text → line. One grammar for every surface.
 *
 *     verb [who] [filters] [flags]
 *
 * A *line* is a verb, positional words, a selection (the filters) and flags. What is not understood is a problem, and then nothing is done.
 */
import type { Selection, Term } from "../../domain/filter.ts";
import { nearest } from "../../domain/nearest.ts";
import type { Language } from "../../domain/user.ts";
import { BOT, CONNECTIONS, ME, VERBS } from "./aliases.ts";
import type { ParseProblem } from "./parse-problem.ts";
import { DAY_UNIT, PERSON, readAge, readFilter, readLanguage, readSaved, shapeOf, unknownLanguage, type Flag } from "./terms.ts";
import { joinTokens, MOST_CHARACTERS, tokenize, undoChat, type Token } from "./tokens.ts";

export type { ParseProblem };
export { formatSelection } from "./terms.ts";

export type Word = { text: string; quoted: boolean };
export type Flags = { dryRun: boolean; force: boolean; reason: string | null; at: string | null; lang: Language | null };
/** Positional words as written; `who` is read from them by `readWho`. `at` is `YYYY-MM-DD HH:MM`, in nobody's time zone yet. */
/** `saved` names selections that are kept under a name; `expandSaved` puts their filters into the selection. */
export type Line = { verb: string | null; words: Word[]; selection: Selection; saved: string[]; flags: Flags };
export type Parsed = { ok: true; line: Line } | { ok: false; problem: ParseProblem };

const MOST_WORDS = 300;
export const MOST_TERMS = 50;
const MOST_SHOWN = 60;
const LONGEST_REASON = 500;

/** `verbs` are the canonical verbs there are. Never throws. */
export function parseLine(text: string, verbs: readonly string[]): Parsed {
  if (text.length > MOST_CHARACTERS) return no({ kind: "too-long", limit: MOST_CHARACTERS, unit: "characters" });
  const { tokens, unclosed } = tokenize(undoChat(text));
  const [first, ...rest] = withoutAddressee(tokens);
  const line: Line = {
    verb: null,
    words: [],
    selection: [],
    saved: [],
    flags: { dryRun: false, force: false, reason: null, at: null, lang: null },
  };
  if (first) {
    const verb = findVerb(first.text, verbs);
    if (!verb) return no({ kind: "unknown-verb", found: shown(first.text), suggestion: nearestVerb(first.text, verbs) });
    line.verb = verb;
  }
  if (unclosed !== null) return no({ kind: "unclosed-quote", found: shown(unclosed) });
  if (rest.length > MOST_WORDS) return no({ kind: "too-long", limit: MOST_WORDS, unit: "words" });
  const problem = readTokens(line, glue(rest));
  if (problem) return no("found" in problem ? { ...problem, found: shown(problem.found) } : problem);
  if (line.selection.length + line.saved.length > MOST_TERMS) return no({ kind: "too-long", limit: MOST_TERMS, unit: "filters" });
  return { ok: true, line };
}

function no(problem: ParseProblem): Parsed {
  return { ok: false, problem };
}

function shown(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 1)}…` : text;
}

/** The verb that a word is, in any of the languages; undefined where there is none. */
export function findVerb(word: string, verbs: readonly string[]): string | undefined {
  const bare = word.replace(/(?<=[^!?.,:])[!?.,:]+$/u, "");
  const verb = VERBS.find(bare) ?? bare.toLowerCase();
  return verbs.includes(verb) ? verb : undefined;
}

function nearestVerb(word: string, verbs: readonly string[]): string | null {
  return nearest(word, [...verbs, ...VERBS.all.filter((each) => findVerb(each, verbs))]);
}

/** `/verify`, typed where it is not needed, is no part of the line. */
function withoutAddressee(tokens: Token[]): Token[] {
  const [first, ...rest] = tokens;
  return first && !first.quoted && BOT.find(first.text) ? rest : tokens;
}

/** Joins what a person wrote with spaces inside: `department: Lager`, `Lager, Butik`, `pending > 7 days`, `2026-12-01 08:00`. */
function glue(tokens: Token[]): Token[] {
  const glued: Token[] = [];
  for (const token of tokens) {
    const last = glued.at(-1);
    if (last && belongTogether(last, token)) glued.splice(-1, 1, joinTokens(last, token));
    else glued.push(token);
  }
  return glued;
}

function belongTogether(last: Token, next: Token): boolean {
  const shape = shapeOf(last);
  const plainWord = next.plain[0] === true && shapeOf(next).kind === "word";
  const word = plainWord || next.plain[0] === false;
  switch (shape.kind) {
    case "filter":
    case "saved":
      if (next.plain[0] === true && next.text.startsWith(",")) return true;
      return word && (shape.value.text === "" ? !last.quoted : last.plain.at(-1) === true && last.text.endsWith(","));
    case "age":
      if (shape.age.length === 1) return plainWord && /^\d+\p{L}*$/u.test(next.text);
      return plainWord && /^[<>]\d+$/.test(shape.age) && DAY_UNIT.test(next.text);
    case "word":
      return !last.quoted && CONNECTIONS.find(last.text) === "pending" && next.plain[0] === true && /^[<>]\d*\p{L}*$/u.test(next.text);
    case "flag":
    case "bare":
    case "problem":
      return false;
  }
}

/** Puts every token into the line; stops at the first that is not understood. */
function readTokens(line: Line, tokens: Token[]): ParseProblem | null {
  const left = [...tokens];
  for (let token = left.shift(); token; token = left.shift()) {
    const shape = shapeOf(token);
    switch (shape.kind) {
      case "problem":
        return shape.problem;
      case "flag": {
        const problem = readFlag(line.flags, shape.flag, shape.value, left);
        if (problem) return problem;
        break;
      }
      case "saved": {
        const named = readSaved(shape.not, shape.value);
        if ("kind" in named) return named;
        line.saved.push(named.name);
        break;
      }
      case "filter":
      case "age":
      case "bare": {
        const term = readTerm(shape);
        if ("kind" in term) return term;
        line.selection.push(term);
        break;
      }
      case "word":
        if (token.text !== "") line.words.push({ text: token.text, quoted: token.quoted });
        break;
    }
  }
  return null;
}

function readTerm(shape: Extract<ReturnType<typeof shapeOf>, { kind: "filter" | "age" | "bare" }>): Term | ParseProblem {
  switch (shape.kind) {
    case "filter":
      return readFilter(shape.key, shape.not, shape.value);
    case "age":
      return readAge(shape.age, shape.not);
    case "bare":
      return shape.term;
  }
}

const FLAG_EXAMPLES = { reason: '--reason "asked for it by phone"', at: '--at "2026-12-01 08:00"', lang: "--lang sv" };
const TIME = /^\d{1,2}[:.]\d{2}$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{1,2})[:.](\d{2})$/;

/** Takes the flag's value from behind `=`, or else from the words that are `left`. */
function readFlag(flags: Flags, flag: Flag, attached: Token | null, left: Token[]): ParseProblem | null {
  if (flag === "dry-run" || flag === "force") {
    if (attached) return { kind: "bad-value", found: `--${flag}=${attached.text}`, example: `--${flag}` };
    flags[flag === "force" ? "force" : "dryRun"] = true;
    return null;
  }
  const [next] = left;
  const token = attached ?? (next && shapeOf(next).kind === "word" ? left.shift() : undefined);
  const value = token?.text.trim() ?? "";
  if (value === "") return { kind: "missing-value", found: `--${flag}`, example: FLAG_EXAMPLES[flag] };
  switch (flag) {
    case "reason":
      if (value.length > LONGEST_REASON) return { kind: "bad-value", found: value, example: FLAG_EXAMPLES.reason };
      flags.reason = value;
      return null;
    case "at": {
      const time = left[0] && TIME.test(left[0].text) ? left.shift() : undefined;
      flags.at = readMoment(time ? `${value} ${time.text}` : value);
      return flags.at === null ? { kind: "bad-value", found: `--at ${value}`, example: FLAG_EXAMPLES.at } : null;
    }
    case "lang":
      flags.lang = readLanguage(value) ?? null;
      return flags.lang === null ? unknownLanguage("--lang", value) : null;
  }
}

/** `2026-12-01 08:00`, where there is such a day and such a time; the time zone is the organisation's to say. */
function readMoment(text: string): string | null {
  const [, day, hour, minute] = MOMENT.exec(text) ?? [];
  if (day === undefined || hour === undefined || minute === undefined) return null;
  const iso = `${day}T${hour.padStart(2, "0")}:${minute}`;
  const moment = new Date(`${iso}:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(iso) ? iso.replace("T", " ") : null;
}

export type Who =
  | { kind: "me" }
  | { kind: "person"; person: string }
  | { kind: "address"; address: string }
  | { kind: "several"; addresses: string[] }
  | { kind: "word"; text: string };

const LONGEST = { person: 100, address: 400, word: 200 };

/** Null where no word names anyone. Whatever is pasted around one address is left aside; without an address, several words are one full name. */
export function readWho(words: Word[]): Who | null {
  const named = words.filter((word) => word.text.trim() !== "");
  const [only] = named;
  if (!only) return null;
  const addresses = new Map(named.flatMap(addressesIn).map((address) => [address.toLowerCase(), address]));
  const [address] = addresses.values();
  if (address !== undefined)
    return addresses.size === 1 ? { kind: "address", address } : { kind: "several", addresses: [...addresses.values()] };
  if (named.length > 1) return wordWho(named.map((word) => word.text).join(" "));
  const person = only.quoted ? undefined : PERSON.exec(only.text)?.[1];
  if (person !== undefined && person.length <= LONGEST.person) return { kind: "person", person };
  return !only.quoted && ME.find(only.text) ? { kind: "me" } : wordWho(only.text);
}

/** `<anna@acme.example>` wherever it stands; else what mail programs and lists put around addresses is taken away. */
function addressesIn({ text, quoted }: Word): string[] {
  const inBrackets = [...text.matchAll(/<([^<>\s]+)>/g)].map(([, address = ""]) => bareAddress(address)).filter(isAddress);
  if (inBrackets.length > 0) return inBrackets;
  return (quoted ? [text] : text.split(/[,;]/).map(bareAddress)).filter(isAddress);
}

function bareAddress(text: string): string {
  return text
    .replace(/^[<([{'"]+/, "")
    .replace(/^mailto:/i, "")
    .replace(/(?<![>)\]}'".,:;!?])[>)\]}'".,:;!?]+$/, "");
}

function isAddress(text: string): boolean {
  return text.length <= LONGEST.address && /^[^\s@]+@[^\s@]+$/.test(text);
}

function wordWho(text: string): Who {
  return {
    kind: "word",
    text: text
      .replace(/^@(?=.)/, "")
      .trim()
      .slice(0, LONGEST.word),
  };
}
