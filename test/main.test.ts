import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const STARTS_WITHIN_MS = 60_000;

type Started = { child: ChildProcess; output(): string; exit: Promise<number | null> };

/** The real process, with nothing in its environment but what is given here. */
function start(env: Record<string, string>, ...args: string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env["PATH"], ...env }, cwd: tmpdir() });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return { child, output: () => said, exit: once(child, "close").then(([code]) => code as number | null) };
}

async function addressOf(started: Started): Promise<string> {
  for (;;) {
    const [, address] = /(http:\/\/127\.0\.0\.1:\d+)\/playground/.exec(started.output()) ?? [];
    if (address) return address;
    await Promise.race([once(started.child.stdout ?? started.child, "data"), started.exit]);
    if (started.child.exitCode !== null) throw new Error(`it ended: ${started.output()}`);
  }
}

describe("the embedded default", () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), "verify-bot-main-")), "data");
  let first: Started;
  let address = "";

  beforeAll(async () => {
    first = start({ PORT: "0", DATA_DIR: dataDir });
    address = await addressOf(first);
  }, STARTS_WITHIN_MS);
  afterAll(async () => {
    first.child.kill("SIGKILL");
    await first.exit;
    rmSync(join(dataDir, ".."), { recursive: true, force: true });
  });

  it("The start prints a short banner and nothing else", () => {
    expect(first.output().trim().split("\n")).toHaveLength(2);
  });

  it.each(["/livez", "/readyz", "/metrics", "/playground/"])("The embedded default answers %s", async (path) => {
    expect((await fetch(address + path)).status).toBe(200);
  });

  it("The embedded default keeps its secret where only its owner reads it", () => {
    expect(statSync(join(dataDir, "secret-key")).mode & 0o777).toBe(0o600);
  });

  it("The embedded default refuses a second process on its data and names itself", { timeout: STARTS_WITHIN_MS }, async () => {
    const second = start({ PORT: "0", DATA_DIR: dataDir });
    expect(await second.exit).toBe(1);
    expect(second.output()).toContain(`process ${first.child.pid} has the data directory`);
  });

  it("The embedded default stops when told to, and gives its data back", { timeout: STARTS_WITHIN_MS }, async () => {
    const stopped = performance.now();
    first.child.kill("SIGTERM");
    expect(await first.exit).toBe(0);
    expect(performance.now() - stopped).toBeLessThan(30_000);
    expect(existsSync(join(dataDir, "lock.pid"))).toBe(false);
  });
});

describe("a configuration with problems", () => {
  it("A start with problems ends with code 78 and names every variable", async () => {
    const started = start({ NODE_ENV: "production", SLACK_SIGNING_SECRET: "" });
    expect(await started.exit).toBe(78);
    for (const name of ["SECRET_KEY", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SMTP_URL", "MAIL_FROM", "PUBLIC_URL"]) {
      expect(started.output()).toContain(name);
    }
  });

  it("No configuration lets the playground be reached from outside", async () => {
    const started = start({ HOST: "0.0.0.0" });
    expect(await started.exit).toBe(78);
    expect(started.output()).toContain("HOST");
  });
});
