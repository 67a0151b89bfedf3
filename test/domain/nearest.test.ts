import * as fc from "fast-check";
import { expect, it } from "vitest";
import { blur, nearest } from "../../src/domain/nearest.ts";

it.each([
  ["stauts", ["status", "resend"], "status"],
  ["Malmo C", ["Malmö B", "Malmö C"], "Malmö C"],
  ["rodgrod", ["Rødgrød"], "Rødgrød"],
  ["dep", ["department"], "department"],
  ["depa", ["deploys", "departments", "department"], "department"],
  ["cat", ["dog"], null],
  ["x", ["xy"], null],
  ["", ["status"], null],
  ["status", [], null],
])("The nearest to %j among %j is %j", (word, candidates, found) => {
  expect(nearest(word, candidates)).toBe(found);
});

it("A word finds itself, however it is cased, whatever the other candidates", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", minLength: 3, maxLength: 20 })),
      fc.stringMatching(/^[a-zåäö]{3,20}$/),
      (others, word) => {
        const found = nearest(word.toUpperCase(), [...others, word]);
        expect(found === null ? null : blur(found)).toBe(blur(word));
      },
    ),
  );
});

it("Long words do not slow the search down", () => {
  expect(nearest("x".repeat(3000), ["x".repeat(2999)])).toBeNull();
});
