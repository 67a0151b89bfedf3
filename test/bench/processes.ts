/** Processes of the bench: our product as production starts it, and the programs it is measured against. */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import packageJson from "../../package.json" with { type: "json" };
import { freePort } from "../support/cluster.ts";
import { SIGNING_SECRET } from "../support/fake-slack.ts";
import type { SinkAsk, SinkCount } from "./programs/sink.ts";

const HERE = import.meta.dirname;
const MAIN = join(HERE, "../../src/main.ts");

/** How `npm start` and the image run Node. */
const NODE_FLAGS = packageJson.scripts.start.match(/--[a-z-]+=\d+/g) ?? [];

export const SECRET = Buffer.alloc(32, 3);

const running = new Set<ChildProcess>();

/** For a bench that is broken off. */
export const killAll = (): Promise<unknown> => Promise.all([...running].map((child) => end(child, "SIGKILL")));

function remember(child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
}

/** A forked program that answers each message with one of its own. */
export type Program = { ask<T>(message: unknown): Promise<T>; first: unknown; stop(): Promise<void> };

export async function startProgram(name: string, ...args: string[]): Promise<Program> {
  const child = fork(join(HERE, "programs", `${name}.ts`), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  remember(child);
  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error(`${name} ended`));
      child.once("exit", onExit);
      child.once("message", (message) => {
        child.off("exit", onExit);
        resolve(message);
      });
    });
  const first = await next();
  return {
    first,
    ask: async <T>(message: unknown) => {
      const answer = next();
      child.send(message as object);
      return (await answer) as T;
    },
    stop: () => end(child, "SIGKILL"),
  };
}

export type Sink = {
  port: number;
  count(): Promise<SinkCount>;
  forget(): Promise<SinkCount>;
  stage(): Promise<SinkCount>;
  stop(): Promise<void>;
};

/** A mail server that answers `delayMs` after each packet. */
export async function startSink(delayMs = 0): Promise<Sink> {
  const program = await startProgram("sink", String(delayMs));
  const { port } = program.first as { port: number };
  const ask = (message: SinkAsk) => program.ask<SinkCount>(message);
  return { port, count: () => ask("count"), forget: () => ask("forget"), stage: () => ask("stage"), stop: program.stop };
}

export type Around = { databaseUrl: string; sinkPort: number; slackUrl?: string; connections?: number; env?: Record<string, string> };
export type Product = {
  address: string;
  readyAfterMs: number;
  said(): string;
  rss(): Memory;
  stop(): Promise<void>;
  kill(): Promise<void>;
};
/** In MB. */
export type Memory = { now: number; peak: number };

/** The real process; `args` may be `worker`. Resolves when it is ready. `T1/U1` is its owner. */
export async function startProduct(around: Around, ...args: string[]): Promise<Product> {
  const worker = args.includes("worker");
  const env = (address: string) => ({
    NODE_ENV: "production",
    LOG_LEVEL: worker ? "info" : "warn",
    PUBLIC_URL: address,
    DATABASE_URL: around.databaseUrl,
    SECRET_KEY: SECRET.toString("hex"),
    SMTP_URL: `smtp://127.0.0.1:${around.sinkPort}?ignoreTLS=true`,
    SMTP_CONNECTIONS: String(around.connections ?? CONNECTIONS),
    MAIL_FROM: "Verify <verify@acme.example>",
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_BOT_TOKEN: "xoxb-bench",
    SLACK_API_URL: around.slackUrl ?? "http://127.0.0.1:9/api/",
    OWNER_PRINCIPALS: "slack:T1/U1",
    ...around.env,
  });
  return launch(env, args, ({ address, said }) => (worker ? said().includes("worker started") : answers(`${address}/readyz`)));
}

/** What `npm start` is without any configuration, in a new data directory. Resolves when its playground is there. */
export function startEmbedded(): Promise<Product> {
  return launch(
    () => ({}),
    [],
    ({ address }) => answers(`${address}/playground`),
  );
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

type Launched = Pick<Product, "address" | "said">;

async function launch(
  settings: (address: string) => Record<string, string>,
  args: string[],
  isReady: (launched: Launched) => boolean | Promise<boolean>,
): Promise<Product> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const ownDir = mkdtempSync(join(tmpdir(), "verify-bot-bench-"));
  const env = { PATH: process.env["PATH"], PORT: String(port), HOST: "127.0.0.1", DATA_DIR: ownDir, ...settings(address) };
  const from = performance.now();
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, ...args], {
    env,
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  remember(child);
  child.once("exit", () => rmSync(ownDir, { recursive: true, force: true }));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000)));
  const said = (): string => output;
  while (!(await isReady({ address, said }))) {
    if (child.exitCode !== null) throw new Error(`the process ended: ${output}`);
    await wait(20);
  }
  const readyAfterMs = performance.now() - from;
  return { address, readyAfterMs, said, rss: () => memoryOf(child), stop: () => end(child, "SIGTERM"), kill: () => end(child, "SIGKILL") };
}

export const CONNECTIONS = 10;

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

function memoryOf({ pid }: ChildProcess): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mb = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { now: mb("VmRSS"), peak: mb("VmHWM") };
}
