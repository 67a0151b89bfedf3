import { describe, expect, it } from "vitest";
import { connectionOf, firstNameOf, languageOf, maskAddress } from "../../src/domain/user.ts";

describe("a user's connection", () => {
  it.each([
    [{ activated: true, hasAddress: false, verified: false }, "no-address"],
    [{ activated: true, hasAddress: true, verified: false }, "pending"],
    [{ activated: true, hasAddress: true, verified: true }, "connected"],
    [{ activated: false, hasAddress: true, verified: true }, "deactivated"],
    [{ activated: false, hasAddress: false, verified: false }, "deactivated"],
  ] as const)("of %o is %s", (facts, connection) => {
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
])("takes the language tag %s for %s", (tag, language) => {
  expect(languageOf(tag)).toBe(language);
});

it("masks an address so that its owner recognises it", () => {
  expect(maskAddress("anna.berg@acme.example")).toBe("a***@acme.example");
});

it("speaks to people by their first name", () => {
  expect(firstNameOf("  Anna Berg")).toBe("Anna");
});
