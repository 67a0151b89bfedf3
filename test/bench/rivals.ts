/** What people use instead, each in its own usual way, sending the same verification mails into the same sink. */
import { execFile, fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { LANGUAGES } from "../../src/domain/user.ts";
import { verificationMail, type WordedMail } from "../../src/mail/verification-mail.ts";
import { wordsIn } from "../../src/words/words.ts";
import { createDatabase, dropDatabase } from "../support/postgres.ts";

export type RivalsAsk = { sinkPort: number; databaseUrl: string; redisUrl: string; mails: number; signal?: AbortSignal };
export type RivalPace = { name: string; mailsPerSecond: number } | { name: string; leftOut: string };

type Ask = { sinkPort: number; mails: number; words: WordedMail[]; link: string; databaseUrl: string; redisUrl: string };
type End = { ms: number } | { failed: string };

const RIVALS = [
  { name: "BullMQ + nodemailer", program: "bullmq.mjs" },
  { name: "better-auth", program: "better-auth.mjs" },
  { name: "parse-server", program: "parse-server.mjs" },
];

const PROGRAMS = join(import.meta.dirname, "rivals");
const INSTALL_WITHIN_MS = 5 * 60_000;
const START_WITHIN_MS = 60_000;
const CLEANED_UP_WITHIN_MS = 5_000;
/** A rival slower than this has lost anyhow. */
const SLOWEST_PER_SECOND = 20;
const LINK = "https://link.acme.example/";
const EXPIRES = new Date("2026-12-01T08:00:00Z");

/** One after the other. A rival that cannot be measured is left out with a sentence that says why. The database is a new one on `databaseUrl`'s server. */
export async function measureRivals({ signal, ...around }: RivalsAsk): Promise<RivalPace[]> {
  const installed = await install(signal);
  signal?.throwIfAborted();
  if ("failed" in installed) return RIVALS.map(({ name }) => leftOut(name, installed.failed));
  const paces: RivalPace[] = [];
  for (const { name, program } of RIVALS) {
    const end = await measure(join(installed.folder, program), around, signal);
    signal?.throwIfAborted();
    paces.push("failed" in end ? leftOut(name, end.failed) : { name, mailsPerSecond: (around.mails / end.ms) * 1_000 });
  }
  return paces;
}

const leftOut = (name: string, reason: string): RivalPace => ({ name, leftOut: `${name} is left out: ${reason}` });

/** Into a folder named for what is in it, so that the next run finds it there. */
async function install(signal: AbortSignal | undefined): Promise<{ folder: string } | { failed: string }> {
  const hash = createHash("sha256")
    .update(readFileSync(join(PROGRAMS, "package.json")))
    .digest("hex");
  const folder = join(tmpdir(), `verify-bot-rivals-${hash.slice(0, 16)}`);
  if (!existsSync(folder)) {
    const unfinished = mkdtempSync(`${folder}-`);
    try {
      cpSync(join(PROGRAMS, "package.json"), join(unfinished, "package.json"));
      await npmInstall(unfinished, signal);
      renameSync(unfinished, folder);
    } catch (error) {
      return { failed: `npm could not install it: ${reasonIn(error)}` };
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  cpSync(PROGRAMS, folder, { recursive: true });
  return { folder };
}

async function npmInstall(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const beside = dirname(process.execPath);
  await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", "--omit=dev", "--ignore-scripts", "--loglevel=error"], {
    cwd: folder,
    env: { ...process.env, PATH: [beside, process.env["PATH"]].join(delimiter) },
    timeout: INSTALL_WITHIN_MS,
    ...(signal && { signal }),
  });
}

function reasonIn(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return faultIn(stderr ?? "") ?? message;
}

async function measure(file: string, around: Omit<RivalsAsk, "signal">, signal: AbortSignal | undefined): Promise<End> {
  const database = `verify_bot_rivals_${randomBytes(6).toString("hex")}`;
  const withinMs = START_WITHIN_MS + (around.mails / SLOWEST_PER_SECOND) * 1_000;
  const tooLate = AbortSignal.timeout(withinMs);
  try {
    const databaseUrl = await createDatabase(around.databaseUrl, database);
    const ask = { ...around, databaseUrl, words: verificationMails(), link: LINK };
    return await runProgram(file, ask, signal ? AbortSignal.any([signal, tooLate]) : tooLate);
  } catch (error) {
    return { failed: tooLate.aborted ? `it was not done in ${Math.round(withinMs / 1_000)} s` : reasonIn(error) };
  } finally {
    await dropDatabase(around.databaseUrl, database).catch(() => undefined);
  }
}

function verificationMails(): WordedMail[] {
  const facts = { name: "Many Person", organisationName: "Bench", link: LINK, expiresAt: EXPIRES, timeZone: "Europe/Stockholm" };
  return LANGUAGES.map((language) => verificationMail(facts, wordsIn(language)));
}

async function runProgram(file: string, ask: Ask, signal: AbortSignal): Promise<End> {
  const child = fork(file, {
    cwd: dirname(file),
    env: { ...process.env, NODE_ENV: "production" },
    execArgv: ["--max-semi-space-size=16"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  const ended = once(child, "exit");
  const endedEarly = ended.then(() => Promise.reject(new Error(faultIn(said) ?? "it ended before it was done")));
  const next = () => Promise.race([once(child, "message", { signal }), endedEarly]);
  try {
    await next();
    child.send(ask);
    const [end] = (await next()) as [End];
    return end;
  } finally {
    if (child.connected) child.disconnect();
    const killing = setTimeout(() => child.kill("SIGKILL"), CLEANED_UP_WITHIN_MS);
    await ended.catch(() => undefined);
    clearTimeout(killing);
  }
}

/** The first line that names a fault, of what npm or a crashed Node printed. */
const faultIn = (said: string): string | undefined => said.split("\n").find((line) => /error/i.test(line));
