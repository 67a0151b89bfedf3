import * as fc from "fast-check";
import { expect, it } from "vitest";
import { VERBS as VERB_WORDS } from "../../../src/commands/language/aliases.ts";
import { formatSelection, parseLine, readWho, type Line } from "../../../src/commands/language/parse.ts";
import { PART_KEYS, TEXT_KEYS, type Term } from "../../../src/domain/filter.ts";
import { LANGUAGES } from "../../../src/domain/user.ts";

const VERBS = VERB_WORDS.canonicals;

function lineOf(text: string): Line {
  const parsed = parseLine(text, VERBS);
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.problem)}`);
  return parsed.line;
}

const selectionOf = (text: string) => lineOf(`bulk ${text}`).selection;

const pieces = fc.constantFrom(
  ...'bulk status department: -department: "Malmö C" pending > < 7d , -- — " \' \\ &nbsp; &lt; <@U1|x> <mailto:a@b|a@b> <at> </at> --reason --at --lang sv : = \u0000 \ud800 \u200b é ß İ never-sent &#38; &#x1F600; ``'.split(
    " ",
  ),
  " ",
  "\r\n",
);

it("never throws, whatever the text", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 3500 }),
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (text) => {
      for (const line of [text, `bulk ${text}`]) {
        const parsed = parseLine(line, VERBS);
        expect(parsed.ok ? readWho(parsed.line.words)?.kind : parsed.problem.kind).not.toBe("");
      }
    }),
    { numRuns: 500 },
  );
});

const value = fc
  .string({ unit: fc.constantFrom(..."aBÅöæØ é09“”«\"'\\,:;-–—<>&()./@#=+!?|_`%lt;amp".split("")), minLength: 1, maxLength: 12 })
  .map((text) => text.replace(/\s+/g, " ").trim())
  .filter((text) => text !== "");
const set = <T>(one: fc.Arbitrary<T>) => fc.uniqueArray(one, { minLength: 1, maxLength: 4 });
const term: fc.Arbitrary<Term> = fc.oneof(
  fc.record({ not: fc.boolean(), key: fc.constantFrom(...TEXT_KEYS, ...PART_KEYS), values: set(value) }),
  fc.record({
    not: fc.boolean(),
    key: fc.constant("status" as const),
    values: set(fc.constantFrom("active" as const, "inactive" as const)),
  }),
  fc.record({
    not: fc.boolean(),
    key: fc.constant("connection" as const),
    values: set(fc.constantFrom("pending" as const, "connected" as const, "no-address" as const, "deactivated" as const)),
  }),
  fc.record({ not: fc.boolean(), key: fc.constant("lang" as const), values: set(fc.constantFrom(...LANGUAGES)) }),
  fc.record({
    not: fc.boolean(),
    key: fc.constant("pending-age" as const),
    than: fc.constantFrom(">" as const, "<" as const),
    days: fc.nat(3650),
  }),
  fc.record({ not: fc.boolean(), key: fc.constantFrom("never-sent" as const, "bounced" as const) }),
);

/** What a chat client makes of typed text. */
const asSent = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

it("reads a formatted selection back as the same selection", () => {
  fc.assert(
    fc.property(fc.array(term, { maxLength: 6 }), (selection) => {
      expect(selectionOf(asSent(formatSelection(selection)))).toEqual(selection);
    }),
    { numRuns: 500 },
  );
});
