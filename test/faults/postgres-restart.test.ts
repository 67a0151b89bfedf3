import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { openPostgres } from "../../src/db/client.ts";
import { migratePostgres } from "../../src/db/migrate.ts";
import { linkToken } from "../../src/domain/challenge.ts";
import { deriveKeys } from "../../src/keys.ts";
import { deliveryStates, endAbandonedLeases, insertPeople, queueMails } from "../support/send-load.ts";
import { startCluster } from "../support/cluster.ts";
import { command, fakeSlack, signed, type FakeSlack } from "../support/fake-slack.ts";
import * as insert from "../support/insert.ts";
import { end, isReady, SECRET, startProduct, until, type Product, metricsOf } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";

const USERS = 3_000;
const CONNECTIONS = 10;
const RELAY_ANSWERS_AFTER_MS = 60;
const RESTARTS = Array.from({ length: 10 }, (_, round) => (round % 2 === 0 ? "fast" : "immediate"));
const ANSWERS_WITHIN_MS = 6_000;

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

it("A restart of Postgres loses no mail, hangs nobody and kills no process", async () => {
  const cluster = await startCluster();
  onTestFinished(cluster.stop);
  await migratePostgres(cluster.url);
  const { db, close } = openPostgres(cluster.url, { max: 2 });
  onTestFinished(close);
  const relay = await fakeRelay((line) => (line === "." ? wait(RELAY_ANSWERS_AFTER_MS, undefined) : undefined));
  const slack = await fakeSlack();
  const organisation = await insertPeople(db, USERS);
  const reader = await insert.user(db, organisation.organisationId);
  const challenge = await insert.challenge(db, organisation.organisationId, reader.id);
  const token = linkToken(deriveKeys({ current: SECRET, previous: undefined }).link, { ...challenge, purpose: "verify" });
  const product = await startProduct({ databaseUrl: cluster.url, smtpUrl: relay.url, slackUrl: slack.apiUrl, connections: CONNECTIONS });
  await until(product, () => isReady(product));

  const stopping = new AbortController();
  const { answers, done } = people(product, slack, token, stopping.signal);
  await queueMails(db, organisation);
  await until(product, () => relay.taken.length > USERS / 20);
  for (const mode of RESTARTS) {
    await cluster.restart(mode);
    await wait(1_000);
  }
  expect(relay.taken.length).toBeLessThan(USERS);
  await until(product, async () => {
    await endAbandonedLeases(db);
    return (await deliveryStates(db)).every(({ open }) => !open);
  });
  await until(product, () => isReady(product));
  stopping.abort();
  await done;

  expect(product.child.exitCode).toBeNull();
  expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  expect(answers.filter(({ ms }) => ms > ANSWERS_WITHIN_MS)).toEqual([]);
  expect(answers.some(({ status }) => status === 503)).toBe(true);
  expect(await deliveryStates(db)).toEqual([{ state: "accepted", open: false, count: USERS }]);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(USERS);
  expect(relay.taken.length - USERS).toBeLessThanOrEqual(CONNECTIONS * RESTARTS.length);
  expect(await metricsOf(product)).toMatch(/verify_bot_database_connections_lost\{[^}]*\} [1-9]/);
  expect(await end(product.child, "SIGTERM")).toBe(0);
});
