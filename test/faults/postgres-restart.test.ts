import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { inTransaction, openPostgres, rowsOf, type Database, type Db } from "../../src/db/client.ts";
import { migratePostgres } from "../../src/db/migrate.ts";
import { linkToken } from "../../src/domain/challenge.ts";
import { deriveKeys } from "../../src/keys.ts";
import { type Cluster, freePort, startCluster } from "../support/cluster.ts";
import { BOT_TOKEN, command, fakeSlack, signed, SIGNING_SECRET, type FakeSlack } from "../support/fake-slack.ts";
import * as insert from "../support/insert.ts";
import { fakeRelay, type FakeRelay } from "../support/relay.ts";

const USERS = 3_000;
const CONNECTIONS = 10;
const RELAY_ANSWERS_AFTER_MS = 30;
const RESTARTS = ["fast", "immediate", "fast", "immediate"] as const;
const ANSWERS_WITHIN_MS = 6_000;
const SECRET = Buffer.alloc(32, 3);
const MAIN = join(import.meta.dirname, "../../src/main.ts");

type Stage = { cluster: Cluster; relay: FakeRelay; slack: FakeSlack; database: Database };
type Product = { child: ChildProcess; address: string; said(): string };

async function setStage(): Promise<Stage> {
  const cluster = await startCluster();
  onTestFinished(cluster.stop);
  const relay = await fakeRelay((line) => (line === "." ? wait(RELAY_ANSWERS_AFTER_MS, undefined) : undefined));
  await migratePostgres(cluster.url);
  const database = openPostgres(cluster.url, { max: 2 });
  onTestFinished(() => database.close());
  return { cluster, relay, slack: await fakeSlack(), database };
}

async function startProduct({ cluster, relay, slack }: Stage): Promise<Product> {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), "verify-bot-restart-"));
  const address = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env["PATH"],
    NODE_ENV: "production",
    PORT: String(port),
    HOST: "127.0.0.1",
    PUBLIC_URL: address,
    DATABASE_URL: cluster.url,
    DATA_DIR: dataDir,
    SECRET_KEY: SECRET.toString("hex"),
    SMTP_URL: `${relay.url}?ignoreTLS=true`,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    OWNER_PRINCIPALS: "slack:T1/U1",
    MAIL_FROM: "Verify <verify@acme.example>",
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_API_URL: slack.apiUrl,
  };
  let said = "";
  const child = spawn(process.execPath, [MAIN], { env, cwd: tmpdir(), stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(dataDir, { recursive: true, force: true });
  });
  const product = { child, address, said: () => said };
  await until(product, () => isReady(product));
  return product;
}

const isReady = async ({ address }: Product) => (await fetch(`${address}/readyz`)).status === 200;

async function until({ child, said }: Product, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) {
    if (child.exitCode !== null) throw new Error(`the process ended: ${said().slice(-4_000)}`);
    await wait(100);
  }
}

type Answer = { what: string; status: number; ms: number };

/** People who go on clicking and typing until `signal` aborts. */
function people({ address }: Product, slack: FakeSlack, token: string, signal: AbortSignal): { answers: Answer[]; done: Promise<unknown> } {
  const answers: Answer[] = [];
  const ask = {
    page: () => fetch(`${address}/verify/${token}`),
    readiness: () => fetch(`${address}/readyz`),
    slack: () => {
      const [headers, body] = signed(new URLSearchParams(command(slack, "status me")).toString());
      return fetch(`${address}/slack/events`, { method: "POST", headers, body: String(body) });
    },
  };
  const one = async (what: keyof typeof ask) => {
    while (!signal.aborted) {
      const from = performance.now();
      const status = await ask[what]().then(
        async (answer) => {
          await answer.text();
          return answer.status;
        },
        () => 0,
      );
      answers.push({ what, status, ms: performance.now() - from });
      await wait(10);
    }
  };
  return { answers, done: Promise.all((["page", "page", "page", "readiness", "slack"] as const).map(one)) };
}

const Count = z.object({ state: z.string(), open: z.boolean(), count: z.coerce.number() });
const states = (db: Db) =>
  rowsOf(db, Count, sql`select state, settled_at is null as open, count(*) from deliveries group by 1, 2 order by 1`);

it("loses no mail, hangs nobody and kills no process", async () => {
  const stage = await setStage();
  const { cluster, relay, slack, database } = stage;
  const organisation = await insert.organisation(database.db);
  await insert.workspace(database.db, organisation.id, { workspace: "T1" });
  const { id: createdBy } = await insert.principal(database.db, organisation.id, { workspace: "T1", person: "U1", configuredOwner: true });
  await database.db.execute(sql`
    insert into users (organisation_id, user_id, name, login_address, login_address_key)
    select ${organisation.id}, 'R' || n, 'Restart Person ' || n, 'r' || n || '@acme.example', 'r' || n || '@acme.example' from generate_series(1, ${USERS}::int) n`);
  const reader = await insert.user(database.db, organisation.id);
  const challenge = await insert.challenge(database.db, organisation.id, reader.id);
  const token = linkToken(deriveKeys({ current: SECRET, previous: undefined }).link, { ...challenge, purpose: "verify" });
  const product = await startProduct(stage);
  const { child, address } = product;

  const stopping = new AbortController();
  const { answers, done } = people(product, slack, token, stopping.signal);
  await inTransaction(database.db, async (tx) => {
    const bulk = await insert.bulkSend(tx, organisation.id, { createdBy });
    await tx.execute(sql`
      insert into deliveries (organisation_id, user_id, bulk_send_id, requested_by, sending, address_version)
      select organisation_id, id, ${bulk.id}, ${createdBy}, 'bulk', address_version from users where user_id like 'R%'`);
  });
  await until(product, () => Promise.resolve(relay.taken.length > USERS / 20));
  for (const mode of RESTARTS) {
    await cluster.restart(mode);
    await wait(1_000);
  }
  // What was sent but not settled waits for its lease to end: let that be now.
  await until(product, async () => {
    await database.db.execute(
      sql`update deliveries set due_at = now() where settled_at is null and state = 'sending' and due_at > now() + interval '20 seconds' and due_at < now() + interval '45 seconds'`,
    );
    return (await states(database.db)).every(({ open }) => !open);
  });
  await until(product, () => isReady(product));
  stopping.abort();
  await done;

  expect(child.exitCode).toBeNull();
  expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  expect(answers.filter(({ ms }) => ms > ANSWERS_WITHIN_MS)).toEqual([]);
  expect(answers.some(({ status }) => status === 503)).toBe(true);
  expect(await states(database.db)).toEqual([{ state: "accepted", open: false, count: USERS }]);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(USERS);
  expect(relay.taken.length - USERS).toBeLessThanOrEqual(CONNECTIONS * RESTARTS.length);
  expect(await (await fetch(`${address}/metrics`)).text()).toMatch(/verify_bot_database_connections_lost\{[^}]*\} [1-9]/);

  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});
