/** What our processes weigh, and how long they take to be there. */
import { setTimeout as wait } from "node:timers/promises";
import { completed, insertDepartment, insertOrganisation, startSend } from "./people.ts";
import type { Postgres } from "./postgres.ts";
import { startEmbedded, startProduct, startSink, type Memory, type Sink } from "./processes.ts";
import { atMost, median, type Measured, type Size } from "./promise.ts";

const SIZES = { full: { few: 1_000, many: 1_000_000, starts: 3 }, quick: { few: 1_000, many: 20_000, starts: 1 } };
const IDLE_MS = 5_000;

export async function* measureFootprint(postgres: Postgres, size: Size): AsyncGenerator<Measured> {
  const { few, many, starts } = SIZES[size];
  const sink = await startSink();
  try {
    yield* started(postgres, sink, starts);
    yield* grown(postgres, sink, few, many);
  } finally {
    await sink.stop();
  }
}

async function* started(postgres: Postgres, sink: Sink, starts: number): AsyncGenerator<Measured> {
  const embedded: number[] = [];
  const production: number[] = [];
  const idle: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const playground = await startEmbedded();
    embedded.push(playground.readyAfterMs / 1_000);
    await playground.stop();
    const product = await startProduct({ databaseUrl: postgres.url, sinkPort: sink.port });
    production.push(product.readyAfterMs / 1_000);
    await wait(IDLE_MS);
    idle.push(product.rss().now);
    await product.stop();
  }
  yield atMost("start of the embedded default, from nothing to its playground", median(embedded), 10, " s");
  yield atMost("start of a production process with Slack, until ready", median(production), 3, " s");
  yield atMost("resident memory of a production process with Slack, idle", median(idle), 250, " MB");
}

async function* grown(postgres: Postgres, sink: Sink, few: number, many: number): AsyncGenerator<Measured> {
  const organisation = await insertOrganisation(postgres.db);
  const web = await startProduct({ databaseUrl: postgres.url, sinkPort: sink.port, env: { WORKER: "none" } });
  const send = async (name: string, count: number): Promise<{ worker: Memory; web: Memory }> => {
    const departmentId = await insertDepartment(postgres.db, organisation, name, count);
    const worker = await startProduct({ databaseUrl: postgres.url, sinkPort: sink.port }, "worker");
    await completed(postgres.db, organisation, await startSend(postgres.db, organisation, departmentId));
    const memory = { worker: worker.rss(), web: web.rss() };
    await worker.stop();
    return memory;
  };
  const before = await send("F-", few);
  const after = await send("G-", many);
  await web.stop();
  const sizes = (which: "worker" | "web"): string => `${Math.round(before[which].peak)} to ${Math.round(after[which].peak)} MB`;
  yield atMost(
    `growth of a worker from ${few} to ${many} recipients (${sizes("worker")})`,
    after.worker.peak - before.worker.peak,
    30,
    " MB",
  );
  yield atMost(`growth of the web process meanwhile (${sizes("web")})`, after.web.peak - before.web.peak, 10, " MB");
}
