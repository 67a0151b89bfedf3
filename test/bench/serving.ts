/** How quickly people are answered: previews over a million users, acknowledgements while mails leave, ten thousand confirms at one moment. */
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db } from "../../src/db/client.ts";
import { challenges, users } from "../../src/db/schema/tables.ts";
import { linkToken } from "../../src/domain/challenge.ts";
import { deriveKeys } from "../../src/keys.ts";
import { formTokens } from "../../src/web/press.ts";
import { insertDepartment, insertMillion, insertOrganisation, startSend, type Organisation } from "./people.ts";
import type { Postgres } from "./postgres.ts";
import { SECRET, startProduct, startProgram, startSink, type Product, type Sink } from "./processes.ts";
import type { CrowdAsk, CrowdEnd } from "./programs/crowd.ts";
import { atMost, quantile, type Measured, type Size } from "./promise.ts";
import { startSlack, type Slack } from "./slack.ts";

const SIZES = {
  full: { users: 1_000_000, frozen: 100_000, previews: 40, crowd: 10_000, ackSeconds: 10, sending: 100_000 },
  quick: { users: 100_000, frozen: 10_000, previews: 40, crowd: 2_000, ackSeconds: 3, sending: 30_000 },
};
const COMMANDS_A_SECOND = 50;
/** Connections that a proxy in front of us keeps. */
const PROXY_CONNECTIONS = 256;
const FEW_CONNECTIONS = 4;
const CONFIRMS_MEANWHILE = 1_000;
const WARM_UP_PREVIEWS = 5;

type Stage = { postgres: Postgres; organisation: Organisation; sink: Sink; slack: Slack; product: Product };
type Press = CrowdAsk["presses"][number];

export async function* measureServing(postgres: Postgres, size: Size): AsyncGenerator<Measured> {
  const sink = await startSink();
  const slack = await startSlack();
  const organisation = await insertOrganisation(postgres.db);
  const product = await startProduct({ databaseUrl: postgres.url, sinkPort: sink.port, slackUrl: slack.apiUrl });
  const stage = { postgres, organisation, sink, slack, product };
  try {
    yield* acknowledged(stage, SIZES[size]);
    yield* confirmed(stage, SIZES[size]);
    yield* previewed(stage, SIZES[size]);
  } finally {
    await product.stop();
    slack.stop();
    await sink.stop();
  }
}

/** Milliseconds until each of `seconds` × 50 commands was acknowledged, sent at an even pace whatever the answers take. */
async function acks({ slack, product }: Stage, seconds: number): Promise<number[]> {
  const asked: Promise<number>[] = [];
  for (let index = 0; index < seconds * COMMANDS_A_SECOND; index += 1) {
    asked.push(slack.say(product.address, "status me").then(({ ackMs }) => ackMs));
    await wait(1_000 / COMMANDS_A_SECOND);
  }
  return Promise.all(asked);
}

async function* acknowledged(stage: Stage, { ackSeconds, sending }: (typeof SIZES)[Size]): AsyncGenerator<Measured> {
  await acks(stage, 2);
  const idle = quantile(await acks(stage, ackSeconds), 0.99);
  const departmentId = await insertDepartment(stage.postgres.db, stage.organisation, "A-", sending);
  await stage.sink.forget();
  await startSend(stage.postgres.db, stage.organisation, departmentId);
  while ((await stage.sink.count()).mails < sending / 20) await wait(20);
  const busy = quantile(await acks(stage, ackSeconds), 0.99);
  const left = sending - (await stage.sink.count()).mails;
  if (left <= 0) throw new Error("the mails had all left before the last command was acknowledged");
  yield atMost(`acknowledgement of a command, ${COMMANDS_A_SECOND} a second, while the same process sends, p99`, busy, 100, " ms");
  yield atMost(`the same against an idle process (p99 ${idle.toFixed(1)} ms)`, busy / idle, 5, "×");
  while ((await stage.sink.count()).mails < sending) await wait(50);
}

const Row = z.object({ id: z.coerce.number(), userId: z.coerce.number() });

/** An open link's button for every user of a department. */
async function pressesFor(db: Db, { organisationId }: Organisation, departmentId: number): Promise<Press[]> {
  const rows = await rowsOf(
    db,
    Row,
    sql`insert into ${challenges} (organisation_id, user_id, purpose, address_version, expires_at)
      select organisation_id, id, 'verify', address_version, now() + interval '1 day' from ${users}
      where organisation_id = ${organisationId} and department_id = ${departmentId}
      returning id, user_id as "userId"`,
  );
  await db.execute(sql`vacuum analyze ${challenges}`);
  const keys = deriveKeys({ current: SECRET, previous: undefined });
  const formOf = formTokens(keys.form);
  return rows.map(({ id, userId }) => {
    const token = linkToken(keys.link, { id, organisationId, userId, purpose: "verify", addressVersion: 1 });
    return { token, form: formOf(token) };
  });
}

async function press({ product }: Stage, presses: Press[], connections = PROXY_CONNECTIONS): Promise<CrowdEnd> {
  const program = await startProgram("crowd");
  try {
    const ask: CrowdAsk = { port: Number(new URL(product.address).port), origin: product.address, connections, presses };
    return await program.ask<CrowdEnd>(ask);
  } finally {
    await program.stop();
  }
}

async function* confirmed(stage: Stage, { crowd }: (typeof SIZES)[Size]): AsyncGenerator<Measured> {
  const { postgres, organisation } = stage;
  const presses = await pressesFor(postgres.db, organisation, await insertDepartment(postgres.db, organisation, "C-", crowd));
  const { ms, statuses } = await press(stage, presses);
  const failed = crowd - (statuses[200] ?? 0);
  yield atMost(`of ${crowd} confirms at one moment, those that failed`, failed, 0, "");
  yield atMost(`${crowd} confirms at one moment, p99`, quantile(ms, 0.99) / 1_000, 2, " s");
}

/** Until the answer is there, with its counts and reasons. */
async function answered({ slack, product }: Stage, text: string): Promise<number> {
  const { answer } = await slack.say(product.address, text);
  const { ms, message } = await answer;
  if (!/users match/.test(JSON.stringify(message))) throw new Error(`/verify ${text} was answered ${JSON.stringify(message)}`);
  return ms;
}

async function* previewed(stage: Stage, { users: count, frozen, previews }: (typeof SIZES)[Size]): AsyncGenerator<Measured> {
  const { postgres, organisation } = stage;
  const { departments, frozenDepartmentId } = await insertMillion(postgres.db, organisation, count, frozen);
  const presses = await pressesFor(postgres.db, organisation, frozenDepartmentId);
  const preview = (index: number) => answered(stage, `bulk department:${departments[index % departments.length]} --dry-run`);
  for (let index = 0; index < WARM_UP_PREVIEWS; index += 1) await preview(departments.length - 1 - index);
  const some: number[] = [];
  for (let index = 0; index < previews; index += 1) some.push(await preview(index));
  yield atMost(`preview of one department of ${count} users, with reasons, p95`, quantile(some, 0.95), 50, " ms");
  const everyone = [await answered(stage, "bulk pending>0d --dry-run"), await answered(stage, "bulk status:active,inactive --dry-run")];
  yield atMost(`preview of everyone of ${count} users`, Math.max(...everyone) / 1_000, 1.5, " s");

  const freezing = answered(stage, "bulk department:Frozen");
  const meanwhile = press(stage, presses.slice(0, CONFIRMS_MEANWHILE), FEW_CONNECTIONS);
  yield atMost(`freezing ${frozen} of ${count} users, until its preview is answered`, (await freezing) / 1_000, 1.5, " s");
  const { slowestMs, statuses } = await meanwhile;
  if (statuses[200] !== CONFIRMS_MEANWHILE) throw new Error(`confirms during a freeze were answered ${JSON.stringify(statuses)}`);
  yield atMost(`the slowest of ${CONFIRMS_MEANWHILE} confirms of those users meanwhile`, slowestMs, 500, " ms");
}
