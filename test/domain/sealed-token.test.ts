import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { openToken, sealToken } from "../../src/domain/sealed-token.ts";

const key = randomBytes(32);
const sealed = sealToken(key, "slack/T1", "xoxb-secret", randomBytes(32));

it("opens what it sealed, for the same row with the same key", () => {
  expect(openToken(key, "slack/T1", sealed)).toBe("xoxb-secret");
});

it("seals one token differently each time, and shows nothing of it", () => {
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
])("does not open for %s", (_, open) => {
  expect(open()).toBeUndefined();
});

it("refuses a salt that is too short", () => {
  expect(() => sealToken(key, "slack/T1", "xoxb-secret", randomBytes(8))).toThrow("salt");
});
