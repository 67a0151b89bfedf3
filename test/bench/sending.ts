/** Bulk sends through the real worker, against what one would write without us, into the same sink in the same run. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { deliveries } from "../../src/db/schema/tables.ts";
import { completed, insertDepartment, insertOrganisation, startSend, type Organisation } from "./people.ts";
import type { Postgres } from "./postgres.ts";
import { CONNECTIONS, startProduct, startProgram, startSink, type Product, type Sink } from "./processes.ts";
import type { BareAsk, BareEnd } from "./programs/bare.ts";
import { atLeast, atMost, median, type Measured, type Size } from "./promise.ts";
import { measureRivals } from "./rivals.ts";

/** Far away all take their time: nodemailer, which has nothing to begin and to end with, shows its pace with fewer mails. */
const SIZES = {
  full: { near: { ours: 20_000, bare: 20_000 }, far: { ours: 40_000, bare: 10_000 }, rounds: 3, rivalMails: 2_000 },
  quick: { near: { ours: 5_000, bare: 5_000 }, far: { ours: 12_000, bare: 2_000 }, rounds: 1, rivalMails: 500 },
};
/** How far away the second sink is. */
const FAR_MS = 20;
const WARM_UP = 500;
/** What a mail may cost Postgres where composing and sending one with nodemailer costs 0.73 ms of processor time. */
const POSTGRES_SHARE = 0.08 / 0.73;

type Around = { postgres: Postgres; organisation: Organisation };
/** `sentPerSecond` leaves out the freeze, which is not the workers' work. */
type Pace = { perSecond: number; sentPerSecond: number; postgresMs: number };

async function bare(ask: BareAsk): Promise<BareEnd> {
  const program = await startProgram("bare");
  try {
    await program.ask<BareEnd>({ ...ask, mails: WARM_UP });
    return await program.ask<BareEnd>(ask);
  } finally {
    await program.stop();
  }
}

let departments = 0;

/** From the freeze to the last mail's settlement. */
async function ours({ postgres, organisation }: Around, mails: number): Promise<Pace> {
  const { db } = postgres;
  const departmentId = await insertDepartment(db, organisation, `S${(departments += 1)}-`, mails);
  const cpu = postgres.cpuSeconds();
  const from = performance.now();
  const id = await startSend(db, organisation, departmentId);
  const queued = performance.now();
  const totals = await completed(db, organisation, id);
  const end = performance.now();
  if (totals.accepted !== mails) throw new Error(`${totals.accepted} of ${mails} mails were accepted`);
  const perSecond = (since: number): number => (mails / (end - since)) * 1_000;
  return { perSecond: perSecond(from), sentPerSecond: perSecond(queued), postgresMs: ((postgres.cpuSeconds() - cpu) * 1_000) / mails };
}

const startWorker = (postgres: Postgres, sink: Sink, connections = CONNECTIONS): Promise<Product> =>
  startProduct({ databaseUrl: postgres.url, sinkPort: sink.port, connections }, "worker");

type Compared = { composed: number; prepared: number; ours: number; composedCpuMs: number; postgresMs: number };

/** Medians over the rounds; each round measures all three, one after the other. */
async function compare(around: Around, sink: Sink, mails: { ours: number; bare: number }, rounds: number): Promise<Compared> {
  const ask = { port: sink.port, connections: CONNECTIONS, mails: mails.bare };
  const worker = await startWorker(around.postgres, sink);
  const each: Compared[] = [];
  try {
    await ours(around, WARM_UP);
    for (let round = 0; round < rounds; round += 1) {
      const composed = await bare({ ...ask, how: "composed" });
      const prepared = await bare({ ...ask, how: "prepared" });
      const { perSecond, postgresMs } = await ours(around, mails.ours);
      const paceOf = ({ ms }: BareEnd): number => (mails.bare / ms) * 1_000;
      each.push({
        composed: paceOf(composed),
        prepared: paceOf(prepared),
        ours: perSecond,
        composedCpuMs: composed.cpuMs / mails.bare,
        postgresMs,
      });
    }
  } finally {
    await worker.stop();
  }
  const of = (key: keyof Compared): number => median(each.map((round) => round[key]));
  return {
    composed: of("composed"),
    prepared: of("prepared"),
    ours: of("ours"),
    composedCpuMs: of("composedCpuMs"),
    postgresMs: of("postgresMs"),
  };
}

const rate = (perSecond: number): string => `${Math.round(perSecond)}/s`;

function pacesOf({ composed, prepared, ours: mine }: Compared, where: string): Measured[] {
  return [
    atLeast(`one worker (${rate(mine)}) against nodemailer composing each mail (${rate(composed)})${where}`, mine / composed, 2, "×"),
    atLeast(`one worker (${rate(mine)}) against nodemailer sending prepared mails (${rate(prepared)})${where}`, mine / prepared, 0.75, "×"),
  ];
}

export async function* measureSending(postgres: Postgres, size: Size): AsyncGenerator<Measured> {
  const { near: nearMails, far: farMails, rounds, rivalMails } = SIZES[size];
  const around = { postgres, organisation: await insertOrganisation(postgres.db) };
  const sink = await startSink();
  try {
    const near = await compare(around, sink, nearMails, rounds);
    yield* pacesOf(near, "");
    const share = near.postgresMs / near.composedCpuMs;
    const name = `Postgres a mail (${near.postgresMs.toFixed(3)} ms) against nodemailer composing one (${near.composedCpuMs.toFixed(2)} ms)`;
    yield atMost(name, share, Number(POSTGRES_SHARE.toFixed(3)), "×");
    yield* secondWorker(around, sink, nearMails.ours * 2, rounds);
    yield* killedWorker(around, sink, nearMails.ours);
    for (const rival of await measureRivals({ sinkPort: sink.port, databaseUrl: postgres.url, redisUrl: REDIS, mails: rivalMails })) {
      if ("leftOut" in rival) process.stderr.write(`${rival.leftOut}\n`);
      else yield atLeast(`one worker against ${rival.name} (${rate(rival.mailsPerSecond)})`, near.ours / rival.mailsPerSecond, 1, "×");
    }
  } finally {
    await sink.stop();
  }
  const far = await startSink(FAR_MS);
  try {
    yield* pacesOf(await compare(around, far, farMails, rounds), `, ${FAR_MS} ms away`);
  } finally {
    await far.stop();
  }
}

const REDIS = "redis://127.0.0.1:6379";

/** The relay takes enough connections for two in either case: each worker then has as many as one has elsewhere in this bench. */
async function* secondWorker(around: Around, sink: Sink, mails: number, rounds: number): AsyncGenerator<Measured> {
  const start = () => startWorker(around.postgres, sink, CONNECTIONS * 2);
  const pace = async (): Promise<number> => {
    await ours(around, mails / 2);
    return (await ours(around, mails)).sentPerSecond;
  };
  const gains: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const first = await start();
    const alone = await pace();
    const second = await start();
    gains.push((await pace()) / alone);
    await Promise.all([first.stop(), second.stop()]);
  }
  yield atLeast("two workers against one, on two cores", median(gains), 1.2, "×");
}

const KILLS = 3;

/** A worker is killed in mid-send and started again in the same DATA_DIR, as a supervisor does it. */
async function* killedWorker(around: Around, sink: Sink, mails: number): AsyncGenerator<Measured> {
  const { postgres, organisation } = around;
  const dataDir = mkdtempSync(join(tmpdir(), "verify-bot-bench-"));
  const departmentId = await insertDepartment(postgres.db, organisation, "K-", mails);
  const start = () => startProduct({ databaseUrl: postgres.url, sinkPort: sink.port, env: { DATA_DIR: dataDir } }, "worker");
  let worker = await start();
  await sink.forget();
  const id = await startSend(postgres.db, organisation, departmentId);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = (await sink.count()).mails;
    while ((await sink.count()).mails < before + mails / (KILLS + 2)) await wait(5);
    await worker.kill();
    // Nobody else works here: what it held has nobody to end its lease but us, or a minute.
    await postgres.db.execute(sql`update ${deliveries} set leased_until = now() where state = 'sending'`);
    worker = await start();
  }
  const totals = await completed(postgres.db, organisation, id);
  await worker.stop();
  rmSync(dataDir, { recursive: true, force: true });
  const { doubles } = await sink.count();
  const twice = Object.values(doubles).reduce((sum, count) => sum + count, 0);
  const name = `mails sent twice for each kill -9 of a sending worker (${totals.twice} counted in the report, ${twice} seen)`;
  const measured = atMost(name, twice / KILLS, CONNECTIONS, "");
  yield { ...measured, ok: measured.ok && totals.accepted === mails && totals.twice >= twice };
}
