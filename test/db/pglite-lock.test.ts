import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockDataDir } from "../../src/db/pglite-lock.ts";

const PROGRAM = join(import.meta.dirname, "../support/programs/hold-data-dir.ts");
const ROUNDS = 3;

let dataDir = "";
const children = new Set<ChildProcess>();

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "verify-bot-lock-"));
});
afterEach(async () => {
  await Promise.all([...children].map(kill));
  rmSync(dataDir, { recursive: true, force: true });
});

function holder(): { child: ChildProcess; line(pattern: RegExp): Promise<number> } {
  const child = spawn(process.execPath, [PROGRAM, dataDir], { stdio: ["ignore", "pipe", "inherit"], cwd: tmpdir() });
  children.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (pattern: RegExp) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`it ended without saying ${pattern}`);
      const [, number] = pattern.exec(value) ?? [];
      if (number !== undefined) return Number(number);
    }
  };
  return { child, line };
}

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

it("refuses a second process and names the first one", async () => {
  const first = holder();
  await first.line(/^saved (\d+)/);
  expect(await holder().line(/^in use by (\d+)/)).toBe(first.child.pid);
  expect(lockDataDir(dataDir)).toEqual({ kind: "taken", pid: first.child.pid });
  expect(await first.line(/^saved (\d+)/)).toBeGreaterThan(1);
});

it("is free again when its holder was killed, and every acknowledged row is there", async () => {
  let saved = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { child, line } = holder();
    expect(await line(/^found (\d+)/)).toBeGreaterThanOrEqual(saved);
    for (let more = 0; more < 20; more++) saved = await line(/^saved (\d+)/);
    await kill(child);
  }
});

it("may be taken again once it was given back", () => {
  const first = lockDataDir(dataDir);
  if (first.kind === "held") first.release();
  const second = lockDataDir(dataDir);
  expect(second.kind).toBe("held");
  if (second.kind === "held") second.release();
});
