import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { inBatches } from "../../src/db/batch.ts";

const PATIENT = 60_000;

/** Runs that end when they are told to. */
function held(options: { most?: number; patienceMs?: number } = {}) {
  const runs: { items: number[]; end(): void; fail(): void }[] = [];
  const double = inBatches<number, number>({ most: 100, patienceMs: PATIENT, ...options }, (items) => {
    const { promise, resolve, reject } = Promise.withResolvers<number[]>();
    runs.push({ items, end: () => resolve(items.map((item) => item * 2)), fail: () => reject(new Error("away")) });
    return promise;
  });
  return { runs, double, itemsOf: () => runs.map(({ items }) => items) };
}

it("does at once what comes alone, and together what comes meanwhile", async () => {
  const { runs, double, itemsOf } = held();
  const answers = [1, 2, 3].map(double);
  expect(itemsOf()).toEqual([[1]]);
  runs[0]?.end();
  await answers[0];
  await wait(0);
  expect(itemsOf()).toEqual([[1], [2, 3]]);
  runs[1]?.end();
  expect(await Promise.all(answers)).toEqual([2, 4, 6]);
});

it("takes no more together than it may", async () => {
  const { runs, double, itemsOf } = held({ most: 2 });
  const answers = [1, 2, 3, 4].map(double);
  for (let run = 0; run < 3; run += 1) {
    runs[run]?.end();
    await wait(0);
  }
  expect(itemsOf()).toEqual([[1], [2, 3], [4]]);
  expect(await Promise.all(answers)).toEqual([2, 4, 6, 8]);
});

it("that fails fails for its own items, and the next ones go on", async () => {
  const { runs, double } = held();
  const [first, second] = [double(1), double(2)];
  runs[0]?.fail();
  await expect(first).rejects.toThrow("away");
  await wait(0);
  runs[1]?.end();
  expect(await second).toBe(4);
});

it("that never ends holds up nobody for long", async () => {
  const { runs, double } = held({ patienceMs: 5 });
  void double(1);
  const second = double(2);
  await expect.poll(() => runs.length).toBe(2);
  runs[1]?.end();
  expect(await second).toBe(4);
});
