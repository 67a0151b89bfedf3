import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { deriveKeys, ownSecret } from "../src/keys.ts";

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);

describe("keys", () => {
  it("The keys differ from one another and from the secret", () => {
    const { link, form, session, token, hash } = deriveKeys({ current: NEW, previous: undefined });
    const all = [NEW, link.byId[link.current], form, session, token, hash].map((key) => key?.toString("hex"));
    expect(new Set(all).size).toBe(6);
  });

  it("The keys are the same at every start", () => {
    expect(deriveKeys({ current: NEW, previous: undefined })).toEqual(deriveKeys({ current: NEW, previous: undefined }));
  });

  it("Links of the previous secret work while it is given", () => {
    const before = deriveKeys({ current: OLD, previous: undefined });
    const rotating = deriveKeys({ current: NEW, previous: OLD });
    expect(rotating.link.current).not.toBe(before.link.current);
    expect(rotating.link.byId[before.link.current]).toEqual(before.link.byId[before.link.current]);
    expect(deriveKeys({ current: NEW, previous: undefined }).link.byId[before.link.current]).toBeUndefined();
  });

  it("A key's name fits into a link", () => {
    expect(deriveKeys({ current: NEW, previous: undefined }).link.current).toMatch(/^[\w-]{6}$/);
  });
});

describe("the embedded default's own secret", () => {
  it("The embedded default's secret is made once, readable by its owner alone", () => {
    const dir = mkdtempSync(join(tmpdir(), "verify-bot-keys-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const dataDir = join(dir, "data");
    expect(ownSecret(dataDir, OLD)).toEqual(OLD);
    expect(ownSecret(dataDir, NEW)).toEqual(OLD);
    expect(readdirSync(dataDir)).toEqual(["secret-key"]);
    expect(statSync(join(dataDir, "secret-key")).mode & 0o777).toBe(0o600);
  });
});
