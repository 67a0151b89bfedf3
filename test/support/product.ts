/** The real process as production starts it, on loopback, with Slack and the mail server played by the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { freePort } from "./cluster.ts";
import { BOT_TOKEN, SIGNING_SECRET } from "./fake-slack.ts";

export type Product = { child: ChildProcess; address: string; said(): string };
export type Around = {
  /** Undefined: the embedded database in DATA_DIR. */
  databaseUrl: string | undefined;
  smtpUrl: string;
  slackUrl: string;
  connections: number;
  env?: Record<string, string>;
  /** Another release's `src/main.ts`. */
  main?: string;
};

/** Whose key the links of the process are made with. */
export const METRICS_TOKEN = "a token for the metrics";
export const SECRET = Buffer.alloc(32, 3);
const MAIN = join(import.meta.dirname, "../../src/main.ts");

/** Not yet ready: see `until`. Killed at the end of the test. `T1/U1` is its owner. */
export async function startProduct(around: Around, ...args: string[]): Promise<Product> {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), "verify-bot-product-"));
  const address = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env["PATH"],
    NODE_ENV: "production",
    PORT: String(port),
    HOST: "127.0.0.1",
    PUBLIC_URL: address,
    DATABASE_URL: around.databaseUrl,
    DATA_DIR: dataDir,
    SECRET_KEY: SECRET.toString("hex"),
    SMTP_URL: `${around.smtpUrl}?ignoreTLS=true`,
    SMTP_CONNECTIONS: String(around.connections),
    MAIL_FROM: "Verify <verify@acme.example>",
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_API_URL: around.slackUrl,
    OWNER_PRINCIPALS: "slack:T1/U1",
    METRICS_TOKEN,
    ...around.env,
  };
  const child = spawn(process.execPath, [around.main ?? MAIN, ...args], { env, cwd: tmpdir(), stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  onTestFinished(async () => {
    await end(child, "SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { child, address, said: () => said };
}

/** Sends the signal and waits for the end; the exit code, or null where the signal itself ended it. */
export async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  const [code] = await once(child, "exit");
  return code as number | null;
}

export const isReady = async ({ address }: Product) => (await fetch(`${address}/readyz`)).status === 200;

/** Waits until `holds`, as long as the process lives. */
export async function until({ child, said }: Product, holds: () => Promise<boolean> | boolean): Promise<void> {
  while (
    !(await Promise.resolve()
      .then(holds)
      .catch(() => false))
  ) {
    if (child.exitCode !== null) throw new Error(`the process ended: ${said().slice(-4_000)}`);
    await wait(50);
  }
}

/** What the process says on /metrics. */
export async function metricsOf({ address }: Product): Promise<string> {
  return (await fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })).text();
}
