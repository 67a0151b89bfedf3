import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { freePort, startCluster } from "../support/cluster.ts";
import { fakeSlack } from "../support/fake-slack.ts";
import { end, isReady, startProduct, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";

const away = async (port: number) => ({
  databaseUrl: `postgres://verify@127.0.0.1:${port}/postgres`,
  smtpUrl: (await fakeRelay()).url,
  slackUrl: (await fakeSlack()).apiUrl,
  connections: 2,
});

const statusOf = async (url: string) => (await fetch(url)).status;

it("The process waits for its database at start, alive but not ready, and works once it is there", async () => {
  const port = await freePort();
  const product = await startProduct(await away(port));
  await until(product, async () => (await statusOf(`${product.address}/livez`)) === 200);
  await wait(2_000);
  expect(await statusOf(`${product.address}/livez`)).toBe(200);
  expect(await statusOf(`${product.address}/readyz`)).toBe(503);
  const cluster = await startCluster(port);
  onTestFinished(cluster.stop);
  await until(product, () => isReady(product));
  expect(await end(product.child, "SIGTERM")).toBe(0);
});

it("A process that waits for its database still stops when told to", async () => {
  const product = await startProduct(await away(await freePort()));
  await until(product, async () => (await statusOf(`${product.address}/livez`)) === 200);
  const told = performance.now();
  expect(await end(product.child, "SIGTERM")).toBe(0);
  expect(performance.now() - told).toBeLessThan(10_000);
});
