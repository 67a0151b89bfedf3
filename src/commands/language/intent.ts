/** Plain words → what somebody wants. A deterministic scorer: which concepts a sentence holds, in any of the five languages, and how surely. */
import { LEXICON, type Concept } from "./lexicon.ts";

export const INTENTS = [
  "admin-request",
  "somebody-else",
  "locked",
  "no-mail",
  "link",
  "address",
  "forgot-password",
  "cannot-log-in",
  "human",
  "thanks",
  "how",
  "hello",
] as const;
export type Intent = (typeof INTENTS)[number];

/** `someone`: an address or a name of somebody else. */
type Fact = Concept | "someone";
/** All facts of a rule have to be there; `!` in front: must not be there. */
type Rule = readonly (Fact | `!${Fact}`)[];

/** Any one of an intent's rules is enough. The first intent with the best score wins: what is more special stands first. */
const RULES: Record<Intent, readonly Rule[]> = {
  "admin-request": [
    ["send", "mail", "someone"],
    ["send", "link", "someone"],
    ["mail", "someone", "renew", "!not", "!wrong"],
  ],
  "somebody-else": [
    ["other", "not"],
    ["other", "forgot"],
    ["other", "locked"],
    ["other", "login"],
  ],
  locked: [["locked"]],
  "no-mail": [
    ["mail", "not", "arrived", "!expired"],
    ["link", "not", "arrived", "!expired"],
    ["mail", "arrived", "!wrong", "!expired"],
    ["mail", "not", "!address", "!expired", "!wrong"],
    ["not", "arrived", "!login", "!password", "!link", "!expired"],
    ["send", "mail", "!someone", "!wrong"],
    ["send", "link", "!someone"],
    ["send", "mail", "me"],
    ["send", "link", "me"],
  ],
  link: [
    ["link", "expired"],
    ["link", "not"],
    ["link", "trouble"],
  ],
  address: [
    ["address", "wrong"],
    ["address", "renew"],
    ["mail", "wrong", "!arrived", "!expired"],
  ],
  "forgot-password": [["password"], ["forgot", "password"]],
  "cannot-log-in": [["login", "not"], ["login", "trouble"], ["login", "me"], ["login"]],
  human: [["human"]],
  how: [["help"]],
  thanks: [["thanks"]],
  hello: [["hello"]],
};

/** `who`: the address or the name of somebody else in the sentence, as it was written. */
export type Understood = { intent: Intent; score: number; who: string | null };

const LONGEST = 300;
/** A word of this likeness to a stem is taken for it. */
const ALIKE = 0.6;
const SHORTEST_FUZZY = 4;

type Part = { text: string; grams: Set<string> };
type Stem = { parts: Part[]; whole: boolean };

const STEMS: [Concept, Stem[]][] = byConcept();

/** What a sentence most probably means, with a score in (0, 1]; undefined where no rule holds. */
export function readIntent(sentence: string): Understood | undefined {
  const text = sentence.slice(0, LONGEST);
  const folded = foldWords(text);
  const who = findSomeone(text);
  const found = new Map<Fact, number>(STEMS.map(([concept, stems]) => [concept, likeness(folded, stems)]));
  found.set("someone", who === null ? 0 : 1);
  const strengthOf = (part: Rule[number]) =>
    part.startsWith("!") ? Number(!found.get(part.slice(1) as Fact)) : (found.get(part as Fact) ?? 0);
  const scoreOf = (intent: Intent) => Math.max(0, ...RULES[intent].map((rule) => Math.min(...rule.map(strengthOf))));
  const [best] = INTENTS.map((intent) => ({ intent, score: scoreOf(intent), who })).toSorted((a, b) => b.score - a.score);
  return best && best.score > 0 ? best : undefined;
}

const ADDRESS = /^[^\s@]{1,64}@[^\s@]{1,255}$/;
const TO = /^(?:till?|åt|to)$/i;
const NOT_A_NAME = new Set("mig mej meg mej me myself det den de dem it a an en et ett min mitt my the".split(" "));
const NAME = /^\p{Lu}[\p{L}'’-]+$/u;

/** The first address; else the word behind "to", with the capitalised words that follow it; else capitalised words inside the sentence. */
function findSomeone(text: string): string | null {
  const words = text.split(/\s+/).map((word) => word.replace(/^[("<]+|(?<![)">,;:!?.])[)">,;:!?.]+$/g, ""));
  const address = words.find((word) => ADDRESS.test(word));
  if (address !== undefined) return address;
  const behind = words.findIndex((word) => TO.test(word)) + 1;
  const start = behind > 0 && words[behind] ? behind : words.findIndex((word, at) => at > 0 && NAME.test(word));
  const [first, ...rest] = start > 0 ? words.slice(start) : [];
  if (!first || NOT_A_NAME.has(first.toLowerCase())) return null;
  const end = rest.findIndex((word) => !NAME.test(word));
  return [first, ...rest.slice(0, end < 0 ? undefined : end)].join(" ");
}

/** Small letters without accents, and spaces in place of everything that is no letter or digit, but for what stands inside a word. */
function foldWords(text: string): string[] {
  return text
    .toLowerCase()
    .replaceAll("ø", "o")
    .replaceAll("æ", "ae")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[’‘´`]/g, "'")
    .split(/[^\p{L}\p{N}'@.-]+/u)
    .map((word) => word.replace(/^[.'-]+|[.'-]+$/g, ""))
    .filter((word) => word !== "");
}

/** How surely the words hold one of the stems: 1 to the letter, less with a typing error, 0 where they do not. */
function likeness(words: string[], stems: Stem[]): number {
  let best = 0;
  for (const stem of stems) {
    best = Math.max(
      best,
      stem.parts.length > 1 ? phraseLikeness(words, stem.parts) : Math.max(0, ...words.map((word) => wordLikeness(word, stem))),
    );
    if (best === 1) return 1;
  }
  return best;
}

function wordLikeness(word: string, { parts: [part], whole }: Stem): number {
  if (!part || word === part.text || (!whole && word.startsWith(part.text))) return 1;
  return whole ? 0 : partLikeness(word.slice(0, part.text.length + 1), part);
}

function partLikeness(word: string, part: Part): number {
  if (word.length < SHORTEST_FUZZY || part.text.length < SHORTEST_FUZZY || word[0] !== part.text[0]) return 0;
  const alike = dice(gramsOf(word), part.grams);
  return alike >= ALIKE ? alike : 0;
}

/** The phrase's words in their order, with at most one other word between two of them: `kommer ikke inn` holds `kommer inn`. */
function phraseLikeness(words: string[], parts: Part[]): number {
  const fit = (word: string | undefined, part: Part, isLast: boolean) => {
    if (word === undefined) return 0;
    return word === part.text || (isLast && word.startsWith(part.text)) ? 1 : partLikeness(word, part);
  };
  const from = (start: number) => {
    let at = start;
    let least = 1;
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      if (index > 0 && fit(words[at], part, isLast) === 0) at += 1;
      least = Math.min(least, fit(words[at], part, isLast));
      at += 1;
    }
    return least;
  };
  return Math.max(0, ...words.map((_word, start) => from(start)));
}

function byConcept(): [Concept, Stem[]][] {
  const all = new Map<Concept, Map<string, Stem>>();
  for (const words of Object.values(LEXICON)) {
    for (const [concept, list] of Object.entries(words) as [Concept, string][]) {
      const stems = all.get(concept) ?? new Map<string, Stem>();
      for (const entry of list.split(/\s+/)) {
        const whole = entry.startsWith("=");
        const parts = foldWords(entry.replace("=", "").replaceAll("+", " ")).map((text) => ({ text, grams: gramsOf(text) }));
        stems.set(entry, { parts, whole });
      }
      all.set(concept, stems);
    }
  }
  return [...all].map(([concept, stems]) => [concept, [...stems.values()]]);
}

function gramsOf(word: string): Set<string> {
  const padded = ` ${word}`;
  return new Set(Array.from({ length: Math.max(0, padded.length - 1) }, (_, at) => padded.slice(at, at + 3)));
}

function dice(a: Set<string>, b: Set<string>): number {
  let shared = 0;
  for (const gram of a) if (b.has(gram)) shared += 1;
  return (2 * shared) / (a.size + b.size);
}
