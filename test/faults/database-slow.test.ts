import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { end, isReady, startProduct, until, type Product } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { slackPerson, textOf } from "../support/slack-person.ts";
import { slowLink } from "../support/slow-link.ts";
import { linkPath, twoAdmins } from "../support/two-admins.ts";

const REQUESTS = 200;
const ANSWERED_WITHIN_MS = 6_000;
const ALIVE_WITHIN_MS = 1_000;
const SLOW_MS = 4_000;

type Answer = { status: number; ms: number };

async function ask(url: string): Promise<Answer> {
  const from = performance.now();
  const answer = await fetch(url);
  await answer.text();
  return { status: answer.status, ms: performance.now() - from };
}

/** So many people open their page at once, while somebody asks again and again whether the process lives. */
async function crowd({ address }: Product, path: string): Promise<{ pages: Answer[]; alive: Answer[] }> {
  const answered = new AbortController();
  const alive: Answer[] = [];
  const asking = (async () => {
    while (!answered.signal.aborted) {
      alive.push(await ask(`${address}/livez`));
      await wait(50);
    }
  })();
  const pages = await Promise.all(Array.from({ length: REQUESTS }, () => ask(address + path)));
  answered.abort();
  await asking;
  return { pages, alive };
}

const statuses = (answers: Answer[]) => [...new Set(answers.map(({ status }) => status))];
const slowest = (answers: Answer[]) => Math.max(...answers.map(({ ms }) => ms));

it("The process answers every request in time while the database is slow, and works again once it is quick", async () => {
  const stage = await twoAdmins(1);
  const { cluster, slack } = stage;
  const link = await slowLink(cluster.url);
  const relay = await fakeRelay();
  const product = await startProduct({ databaseUrl: link.url, smtpUrl: relay.url, slackUrl: slack.apiUrl, connections: 2 });
  await until(product, () => isReady(product));
  const anna = slackPerson(slack, () => product.address);
  const page = await linkPath(stage);
  expect(statuses((await crowd(product, page)).pages)).toEqual([200]);

  const troubles = [
    { begin: () => link.delay(SLOW_MS), finish: () => link.delay(0) },
    { begin: link.hold, finish: link.release },
  ];
  for (const { begin, finish } of troubles) {
    begin();
    const [{ pages, alive }, ready, said] = await Promise.all([
      crowd(product, page),
      ask(`${product.address}/readyz`),
      anna.type("resend R1").then(textOf),
    ]);
    expect(statuses(pages)).toEqual([503]);
    expect(slowest(pages)).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(statuses(alive)).toEqual([200]);
    expect(slowest(alive)).toBeLessThan(ALIVE_WITHIN_MS);
    expect(ready.status).toBe(503);
    expect(said).toMatch(/^Something went wrong on our side. Nothing was sent. Reference/);
    finish();
    await until(product, () => isReady(product));
    expect(statuses((await crowd(product, page)).pages)).toEqual([200]);
  }

  expect(relay.taken).toEqual([]);
  expect(textOf(await anna.type("resend R1"))).toMatch(/^Sent to Many Person 1/);
  expect(relay.taken).toHaveLength(1);
  expect(await end(product.child, "SIGTERM")).toBe(0);
});
