import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { openToken, sealToken } from "../../src/domain/sealed-token.ts";

const key = randomBytes(32);
const sealed = sealToken(key, "slack/T1", "xoxb-secret", randomBytes(32));

it("A sealed token opens for the same row with the same key", () => {
  expect(openToken(key, "slack/T1", sealed)).toBe("xoxb-secret");
});

it("One token is sealed differently each time, and nothing of it shows", () => {
  expect(sealToken(key, "slack/T1", "xoxb-secret", randomBytes(32))).not.toBe(sealed);
  expect(sealed).not.toContain("xoxb");
});

it.each([
  ["another row", () => openToken(key, "slack/T2", sealed)],
  ["another key", () => openToken(randomBytes(32), "slack/T1", sealed)],
  ["a changed end", () => openToken(key, "slack/T1", `${sealed.slice(0, -2)}${sealed.endsWith("AA") ? "BB" : "AA"}`)],
  ["half of it", () => openToken(key, "slack/T1", sealed.slice(0, 70))],
  ["nothing", () => openToken(key, "slack/T1", "")],
  ["another version", () => openToken(key, "slack/T1", sealed.replace("s1.", "s2."))],
])("A sealed token does not open for %s", (_, open) => {
  expect(open()).toBeUndefined();
});

it("A salt that is too short is refused", () => {
  expect(() => sealToken(key, "slack/T1", "xoxb-secret", randomBytes(8))).toThrow("salt");
});
