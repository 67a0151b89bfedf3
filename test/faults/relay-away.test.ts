/** A mail server that is away, or asks for patience. */
import { afterAll, expect, it } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { fakeRelay } from "../support/relay.ts";
import { textOf } from "../support/slack-person.ts";
import { endRest, endWaits, mails, openStage, relayOf, saidLast, sendToAll, soon, tally, timesSaid } from "../support/stage.ts";

const cluster = await startCluster();
afterAll(cluster.stop);

const anna = { name: "Anna Berg", loginAddress: "anna@acme.example" };
const others = ["Bo", "Cia", "Dan"].map((name) => ({ name, loginAddress: `${name.toLowerCase()}@acme.example` }));

it("A relay that refuses every connection for ten minutes costs no mail, and everyone is told that it waits", async () => {
  const relay = await fakeRelay();
  await relay.close();
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: [anna, ...others], connections: 8 });
  const answer = await stage.owner.type("resend anna@acme.example");
  expect(textOf(answer)).toMatch(/^Queued for Anna Berg .*\nThe mail server has not taken it yet\. I will tell you here when it has\./);
  await sendToAll(stage);
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1: 0 of 3 sent, 3 to be tried again later\./);
  expect(await tally(stage)).toEqual({ remaining: 3 });
  for (const { dueIn } of await mails(stage)) expect(dueIn).toBeGreaterThan(40);

  await endWaits(stage);
  await soon(async () => (await mails(stage)).map(({ attempts }) => attempts)).toEqual([2, 2, 2, 2]);
  for (const { state, dueIn } of await mails(stage)) {
    expect(state).toBe("deferred");
    expect(dueIn).toBeGreaterThan(220);
    expect(dueIn).toBeLessThanOrEqual(360);
  }

  const back = await fakeRelay(undefined, { port: relay.port });
  await endWaits(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 3 });
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 3 of 3 users received mail\.$/);
  await soon(() => saidLast(stage, "Sent to Anna Berg")).toBeDefined();
  expect(back.taken.map(({ to }) => to).toSorted()).toEqual([anna, ...others].map(({ loginAddress }) => loginAddress));
});

/** 451 for everyone, until they have been tried often enough. */
async function greylists(): ReturnType<typeof tally> {
  const known = new Set<string>();
  let open = false;
  const relay = await fakeRelay((line) => {
    if (!line.startsWith("RCPT") || (open && known.has(line))) return undefined;
    known.add(line);
    return "451 4.7.1 greylisted, try again in 5 minutes";
  });
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: others });
  await sendToAll(stage);
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1: 0 of 3 sent, 3 to be tried again later\./);
  await endWaits(stage);
  await soon(async () => (await mails(stage)).map(({ attempts }) => attempts)).toEqual([2, 2, 2]);
  open = true;
  await endWaits(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 3 });
  expect((await mails(stage)).map(({ attempts }) => attempts)).toEqual([3, 3, 3]);
  expect(relay.taken.map(({ to }) => to).toSorted()).toEqual(others.map(({ loginAddress }) => loginAddress));
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 3 of 3 users received mail\.$/);
  return tally(stage);
}

/** 421 as greeting: it rests, longer each time, and the owner is told once. */
async function greetsWith421(): ReturnType<typeof tally> {
  let busy = true;
  const relay = await fakeRelay((line) => (busy && line === "GREETING" ? "421 4.3.2 too busy" : undefined));
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: 10 });
  await sendToAll(stage);
  for (const pauseMs of [30_000, 60_000, 120_000]) {
    await soon(() => relayOf(stage)).toEqual({ pauseMs, rests: true, stopped: false, answer: "421 4.3.2 too busy" });
    await soon(() => tally(stage)).toEqual({ remaining: 10 });
    if (pauseMs < 120_000) await endRest(stage);
  }
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1: 0 of 10 sent\.\nThe mail server asked us to wait; sending goes on at .*\.$/);
  await soon(() => timesSaid(stage, "The mail server has been asking us to wait")).toBe(1);
  expect((await mails(stage)).every(({ state, attempts }) => state === "queued" && attempts === 0)).toBe(true);
  expect(relay.connections()).toBeLessThanOrEqual(3 * 4);

  busy = false;
  await endRest(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 10 });
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 10 of 10 users received mail\.$/);
  expect(timesSaid(stage, "The mail server has been asking us to wait")).toBe(1);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(10);
  expect(relay.taken).toHaveLength(10);
  return tally(stage);
}

/** 454 above five mails a second: the send slows down. */
async function limitsTheRate(): ReturnType<typeof tally> {
  const taken: number[] = [];
  const relay = await fakeRelay((line) => {
    if (!line.startsWith("RCPT")) return undefined;
    const now = performance.now();
    if (taken.filter((at) => at > now - 1_000).length >= 5) return "454 4.7.0 slower, please";
    taken.push(now);
    return undefined;
  });
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: 20 });
  await sendToAll(stage);
  let rests = 0;
  const endRests = async () => {
    const { rests: atRest = false } = (await relayOf(stage)) ?? {};
    if (!atRest) return;
    rests += 1;
    await endRest(stage);
  };
  await soon(async () => {
    await endRests();
    return tally(stage);
  }).toEqual({ accepted: 20 });
  expect(rests).toBeGreaterThanOrEqual(3);
  expect((await mails(stage)).every(({ attempts }) => attempts === 1)).toBe(true);
  expect(relay.taken).toHaveLength(20);
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 20 of 20 users received mail\.$/);
  return tally(stage);
}

it("A relay that asks for patience, for one recipient or for all mail, gets it: no mail fails and no rest counts as a try", async () => {
  const ends = await Promise.all([greylists(), greetsWith421(), limitsTheRate()]);
  expect(ends).toEqual([{ accepted: 3 }, { accepted: 10 }, { accepted: 20 }]);
});
