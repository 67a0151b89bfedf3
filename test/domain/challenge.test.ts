import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkToken, readToken, vouches, type LinkFacts, type LinkKeys } from "../../src/domain/challenge.ts";

const keys: LinkKeys = { current: "2", byId: { "1": Buffer.alloc(32, 1), "2": Buffer.alloc(32, 2) } };
const facts: LinkFacts = { id: 41, organisationId: 7, userId: 9, purpose: "verify", addressVersion: 3 };

const isVouched = (text: string, about: LinkFacts = facts, by: LinkKeys = keys) => {
  const token = readToken(text);
  return token !== undefined && vouches(by, token, about);
};

describe("a link token", () => {
  it("A link token vouches for exactly the facts it was made from", () => {
    const positive = fc.integer({ min: 1, max: 2 ** 40 });
    const someFacts: fc.Arbitrary<LinkFacts> = fc.record({
      id: positive,
      organisationId: positive,
      userId: positive,
      purpose: fc.constantFrom("verify", "reset"),
      addressVersion: positive,
    });
    fc.assert(
      fc.property(someFacts, someFacts, (mine, others) => {
        const token = linkToken(keys, mine);
        expect(isVouched(token, mine)).toBe(true);
        expect(isVouched(token, others)).toBe(JSON.stringify(mine) === JSON.stringify(others));
      }),
    );
  });

  it("A link token is the same each time it is made", () => {
    expect(linkToken(keys, facts)).toBe(linkToken(keys, { ...facts }));
  });

  it("A link token made with the previous key works while that key is known, and not after", () => {
    const token = linkToken({ ...keys, current: "1" }, facts);
    expect(isVouched(token)).toBe(true);
    expect(isVouched(token, facts, { current: "2", byId: { "2": Buffer.alloc(32, 2) } })).toBe(false);
  });

  it.each([
    ["another purpose", { ...facts, purpose: "reset" }],
    ["another organisation", { ...facts, organisationId: 8 }],
    ["another user", { ...facts, userId: 10 }],
    ["a changed address", { ...facts, addressVersion: 4 }],
    ["another challenge", { ...facts, id: 42 }],
  ] satisfies [string, LinkFacts][])("does not vouch for %s", (_what, other) => {
    expect(isVouched(linkToken(keys, facts), other)).toBe(false);
  });

  const good = linkToken(keys, facts);
  const [, , , mac = ""] = good.split(".");
  it.each([
    ["nothing", ""],
    ["cut short", good.slice(0, -1)],
    ["made longer", `${good}A`],
    ["in another case", good.toUpperCase()],
    ["with another version", good.replace("v1", "v2")],
    ["with a padded number", good.replace(".41.", ".041.")],
    ["with a negative number", good.replace(".41.", ".-41.")],
    ["with a number too large to hold", good.replace(".41.", ".99999999999999999999.")],
    ["with a key id from the prototype", `v1.constructor.41.${mac}`],
    ["with an unknown key id", `v1.3.41.${mac}`],
    ["with a line break at the end", `${good}\n`],
    ["with another mac", `v1.2.41.${"A".repeat(43)}`],
    ["with its last character respelt", good.slice(0, -1) + String.fromCharCode(good.charCodeAt(good.length - 1) + 1)],
  ])("A link token is refused %s", (_how, text) => {
    expect(isVouched(text)).toBe(false);
  });
});
