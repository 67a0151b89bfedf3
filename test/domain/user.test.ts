import { describe, expect, it } from "vitest";
import { connectionOf, firstNameOf, languageOf, maskAddress } from "../../src/domain/user.ts";

describe("a user's connection", () => {
  it.each([
    [{ activated: true, hasAddress: false, verified: false }, "no-address"],
    [{ activated: true, hasAddress: true, verified: false }, "pending"],
    [{ activated: true, hasAddress: true, verified: true }, "connected"],
    [{ activated: false, hasAddress: true, verified: true }, "deactivated"],
    [{ activated: false, hasAddress: false, verified: false }, "deactivated"],
  ] as const)("The connection of %o is %s", (facts, connection) => {
    expect(connectionOf(facts)).toBe(connection);
  });
});

it.each([
  ["sv-SE", "sv"],
  ["no", "nb"],
  ["nn_NO", "nb"],
  ["de", undefined],
  ["constructor", undefined],
  ["", undefined],
  [null, undefined],
])("The language tag %s is taken for %s", (tag, language) => {
  expect(languageOf(tag)).toBe(language);
});

it("A masked address is still recognised by its owner", () => {
  expect(maskAddress("anna.berg@acme.example")).toBe("a***@acme.example");
});

it("People are spoken to by their first name", () => {
  expect(firstNameOf("  Anna Berg")).toBe("Anna");
});
