import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { end, startProduct, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { endWaits, mails, openStage, saidLast, sendToAll, soon, tally } from "../support/stage.ts";

const PEOPLE = 40;

const cluster = await startCluster();
afterAll(cluster.stop);

it("A process told to stop in the middle of a send ends what is on the wire within 30 s and leaves the rest to the next", async () => {
  let stuck = true;
  let last = "";
  const copies = new Map<string, number>();
  const onData = (source: string): void => {
    last = /<(r\d+)@acme\.example>/.exec(source)?.[1] ?? "";
    copies.set(last, (copies.get(last) ?? 0) + 1);
  };
  const relay = await fakeRelay(
    (line) => {
      if (!stuck) return undefined;
      if (line.includes("<r1@") || (line === "." && last === "r3")) return "";
      return line === "." ? wait(last === "r2" ? 4_000 : 300, undefined) : undefined;
    },
    { onData },
  );
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: PEOPLE });
  await sendToAll(stage);
  await until(stage.product, () => relay.taken.length >= 3);
  expect(relay.taken.map(({ to }) => to)).not.toContain("r2@acme.example");
  const told = performance.now();
  expect(await end(stage.product.child, "SIGTERM")).toBe(0);
  expect(performance.now() - told).toBeLessThan(30_000);

  const left = new Map((await mails(stage)).map((mail) => [mail.address, mail]));
  expect(left.get("r1@acme.example")).toMatchObject({ state: "queued", attempts: 0 });
  expect(left.get("r2@acme.example")).toMatchObject({ state: "accepted", attempts: 1 });
  expect(left.get("r3@acme.example")).toMatchObject({ state: "unknown", open: true, attempts: 1 });
  const taken = relay.taken.length;
  expect(await tally(stage)).toEqual({ accepted: taken, remaining: PEOPLE - taken });
  expect([...left.values()].filter(({ state, attempts }) => state === "queued" && attempts === 0)).toHaveLength(PEOPLE - taken - 1);

  stuck = false;
  await startProduct(stage.around);
  await soon(async () => {
    await endWaits(stage);
    return tally(stage);
  }).toEqual({ accepted: PEOPLE });
  expect(relay.taken).toHaveLength(PEOPLE);
  expect([...copies].filter(([, count]) => count > 1)).toEqual([["r3", 2]]);
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 40 of 40 users received mail\.\n1 user may have received it twice/);
});
