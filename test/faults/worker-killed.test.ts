import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { openPostgres } from "../../src/db/client.ts";
import { migratePostgres } from "../../src/db/migrate.ts";
import { deliveryStates, endAbandonedLeases, insertPeople, queueMails } from "../support/send-load.ts";
import { startCluster } from "../support/cluster.ts";
import { fakeSlack } from "../support/fake-slack.ts";
import { end, startProduct, until, type Product } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { startTeam } from "../support/worker-team.ts";

const USERS = 1_200;
const CONNECTIONS = 5;
const RELAY_ANSWERS_AFTER_MS = 20;
const KILLING_MS = 30_000;

async function stage() {
  const cluster = await startCluster();
  onTestFinished(cluster.stop);
  await migratePostgres(cluster.url);
  const { db, close } = openPostgres(cluster.url, { max: 2 });
  onTestFinished(close);
  const relay = await fakeRelay((line) => (line === "." ? wait(RELAY_ANSWERS_AFTER_MS, undefined) : undefined));
  const around = { databaseUrl: cluster.url, smtpUrl: relay.url, slackUrl: (await fakeSlack()).apiUrl, connections: CONNECTIONS };
  const organisation = await insertPeople(db, USERS);
  return { db, relay, organisation, around, startWorker: () => startProduct(around, "worker") };
}

const isStarted = (worker: Product) => until(worker, () => worker.said().includes("worker started"));

it("Two workers killed after each second of work for half a minute leave every mail sent, and twice only what was on the wire", async () => {
  const { db, relay, organisation, around } = await stage();
  const team = await startTeam(around, 2);
  await queueMails(db, organisation);
  const stopKilling = new AbortController();
  const killing = team.replaceAfter(1_000, [0, 1], stopKilling.signal);
  await wait(KILLING_MS);
  stopKilling.abort();
  const kills = await killing;
  const sentMeanwhile = relay.taken.length;
  await until(team.one(0), async () => {
    await endAbandonedLeases(db);
    return (await deliveryStates(db)).every(({ open }) => !open);
  });
  expect(kills).toBeGreaterThan(5);
  expect(sentMeanwhile).toBeGreaterThan(kills);
  expect(await deliveryStates(db)).toEqual([{ state: "accepted", open: false, count: USERS }]);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(USERS);
  expect(relay.taken.length - USERS).toBeLessThanOrEqual(CONNECTIONS * kills);
});

it("A worker asked to stop in the middle of sending finishes what is on the wire and hands back the rest", async () => {
  const { db, relay, organisation, startWorker } = await stage();
  const first = await startWorker();
  await isStarted(first);
  await queueMails(db, organisation);
  await until(first, () => relay.taken.length > 50);
  const told = performance.now();
  expect(await end(first.child, "SIGTERM")).toBe(0);
  expect(performance.now() - told).toBeLessThan(30_000);
  const states = await deliveryStates(db);
  expect(states.map(({ state }) => state)).toEqual(["accepted", "queued"]);
  expect(states[0]?.count).toBe(relay.taken.length);
  const second = await startWorker();
  await until(second, async () => (await deliveryStates(db)).every(({ open }) => !open));
  expect(relay.taken).toHaveLength(USERS);
});
