import { describe, expect, it } from "vitest";
import { AUDIT_ACTIONS } from "../../src/domain/audit.ts";
import { da } from "../../src/words/da.ts";
import { en } from "../../src/words/en.ts";
import { fi } from "../../src/words/fi.ts";
import { nb } from "../../src/words/nb.ts";
import { sv } from "../../src/words/sv.ts";
import { wordsIn } from "../../src/words/words.ts";

/** Any parameter a phrase may take: `<name>` as text; as a count it is not one. */
const sample = new Proxy({}, { get: (_target, name) => `<${String(name)}>` });

/** Every phrase of a catalogue by its path, said with sample parameters. */
function phrases(value: unknown, path: string): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, (value as (p: object) => string)(sample)]];
  return Object.entries(value as object).flatMap(([key, inner]) => phrases(inner, `${path}.${key}`));
}

/** Words that two languages really share, and phrases of nothing but parameters. */
const SHARED =
  /^(?:User-ID|Status|Reset|Verify|Pause|Send|Button|Rapport|Report|Navn|Name|<[\w]+>|[\s<>\w·:/()%.,–-]*<[\w]+>[\s<>\w·:/()%.,–-]*)$/;

const english = new Map(phrases(en, ""));

describe.each([
  ["sv", sv],
  ["nb", nb],
  ["da", da],
  ["fi", fi],
] as const)("the catalogue %s", (language, words) => {
  const said = phrases(words, "").filter(([path]) => path !== ".language" && path !== ".locale");

  it("says everything, and in its own words", () => {
    expect(said.map(([path]) => path).toSorted()).toEqual(
      [...english.keys()].filter((path) => path !== ".language" && path !== ".locale").toSorted(),
    );
    expect(said.filter(([path, text]) => text === english.get(path) && !SHARED.test(text))).toEqual([]);
  });

  it("drops no parameter that English has", () => {
    const names = (text: string) => new Set(text.match(/<\w+>/g));
    const lost = said.filter(([path, text]) => [...names(english.get(path) ?? "")].some((name) => !names(text).has(name)));
    expect(lost.map(([path]) => path)).toEqual([]);
  });

  it("is tidy", () => {
    expect(said.filter(([, text]) => /  |^\s|\s$|undefined|\[object/.test(text))).toEqual([]);
  });

  it("has words for all that the trail notes, and for nothing else", () => {
    const { actions } = words.replies;
    expect(Object.keys(actions).toSorted()).toEqual([...AUDIT_ACTIONS].toSorted());
    expect(new Set(Object.values(actions)).size).toBe(AUDIT_ACTIONS.length);
  });

  it("is found by its tag", () => {
    expect(wordsIn(language)).toBe(words);
  });
});

it("falls back to English for a language that is not ours", () => {
  expect(wordsIn("de")).toBe(en);
  expect(wordsIn("constructor")).toBe(en);
});
