/** A mail server that gives no answer, a late one, or one too many. */
import { connect, createServer, type AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import PostalMime from "postal-mime";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { fakeRelay } from "../support/relay.ts";
import { textOf } from "../support/slack-person.ts";
import { endWaits, mails, openStage, saidLast, sendToAll, soon, tally } from "../support/stage.ts";
import { press } from "../support/web.ts";

const cluster = await startCluster();
afterAll(cluster.stop);

const person = (name: string) => ({ name, loginAddress: `${name.toLowerCase()}@acme.example` });

async function read(source: string) {
  const { to = [], messageId, text = "" } = await PostalMime.parse(source);
  return { to: to[0]?.address ?? "", messageId, link: /http:\S+/.exec(text)?.[0] ?? "" };
}

it("A relay that hangs up after the final dot gets the same mail once more, then the mail stays unknown; its link works", async () => {
  const copies = new Map<string, string[]>();
  let last = "";
  const onData = (source: string): void => {
    last = /^To:.*<(\w+)@acme\.example>/m.exec(source)?.[1] ?? "";
    copies.set(last, [...(copies.get(last) ?? []), source]);
  };
  const hangsUp = () => last === "cia" || copies.get(last)?.length === 1;
  const relay = await fakeRelay((line) => (line === "." && hangsUp() ? null : undefined), { onData });
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: [person("Anna"), person("Bo"), person("Cia")] });

  const answer = await stage.owner.type("resend anna@acme.example");
  expect(textOf(answer)).toMatch(
    /^The mail to Anna .* went out, but the mail server did not confirm it\. One more try follows in 10 minutes\./,
  );
  await sendToAll(stage);
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1: 0 of 2 sent, 2 to be tried again later\./);
  expect(await tally(stage)).toEqual({ remaining: 2 });
  for (const { state, dueIn } of await mails(stage)) {
    expect(state).toBe("unknown");
    expect(dueIn).toBeGreaterThan(570);
    expect(dueIn).toBeLessThanOrEqual(600);
  }

  await endWaits(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 1, unknown: 1 });
  await soon(() => saidLast(stage, "B-1")).toMatch(
    /^B-1 done in .*: 1 of 2 users received mail\. 1 without an answer from the mail server\.\n2 users may have received it twice/,
  );
  await soon(() => saidLast(stage, "Sent to Anna")).toBeDefined();
  expect((await mails(stage)).map(({ state, open, attempts }) => [state, open, attempts])).toEqual([
    ["accepted", false, 2],
    ["accepted", false, 2],
    ["unknown", false, 2],
  ]);

  for (const sources of copies.values()) {
    const [first, second, ...more] = await Promise.all(sources.map(read));
    expect(more).toEqual([]);
    expect(second).toEqual(first);
    expect(first?.link).toContain("/verify/v1.");
    expect((await press({ publicUrl: stage.product.address }, first?.link ?? "")).status).toBe(200);
  }
  expect(textOf(await stage.owner.type("status cia@acme.example"))).toMatch(/^Cia is connected/);
});

/** In front of a relay: the first connection is never greeted, the second is greeted a byte a second, the others are passed on. */
async function slowFront(relayPort: number): Promise<{ url: string; heldMs: number[] }> {
  const heldMs: number[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    const from = performance.now();
    const place = (connections += 1);
    socket.on("error", () => undefined);
    if (place > 2) {
      const onward = connect(relayPort, "127.0.0.1").on("error", () => undefined);
      socket.pipe(onward).pipe(socket);
      return;
    }
    const trickle = place === 2 ? setInterval(() => socket.write("2"), 1_000) : undefined;
    socket.resume().on("close", () => {
      clearInterval(trickle);
      heldMs.push(performance.now() - from);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, heldMs };
}

it("A relay that greets one connection never, another byte by byte, and answers after four seconds holds up no other mail", async () => {
  const relay = await fakeRelay((line, { connection }) => (line === "." && connection === 1 ? wait(4_000, undefined) : undefined));
  const front = await slowFront(relay.port);
  const stage = await openStage(cluster, { smtpUrl: front.url, people: 60, connections: 5 });
  await sendToAll(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 58, remaining: 2 });
  expect(front.heldMs).toEqual([]);
  await expect.poll(() => front.heldMs.length, { timeout: 40_000 }).toBe(2);
  for (const ms of front.heldMs) {
    expect(ms).toBeGreaterThan(28_000);
    expect(ms).toBeLessThan(35_000);
  }
  await soon(async () => (await mails(stage)).filter(({ state, attempts }) => state === "deferred" && attempts === 1).length).toBe(2);
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1: 58 of 60 sent, 2 to be tried again later\./);
  await endWaits(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 60 });
  expect(relay.taken).toHaveLength(60);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(60);
});

it("A relay that answers out of step is never believed about another recipient", async () => {
  const isRefused = (address: string) => /^r\d*[05]@/.test(address);
  const relay = await fakeRelay((line, { mails: sent }) => {
    if (line === "." && sent % 3 === 0) return "250 2.0.0 taken\r\n250 2.0.0 and again";
    if (line === "." && sent % 3 === 1) return "250 2.0.0 taken\r\n550 5.1.1 nobody of that name";
    if (line === "RSET") return "250 2.0.0 ok\r\n250 2.0.0 and again";
    return line.startsWith("RCPT") && isRefused(/<(.*)>/.exec(line)?.[1] ?? "") ? "550 5.1.1 nobody of that name" : undefined;
  });
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: 60 });
  await sendToAll(stage);
  await soon(async () => {
    await endWaits(stage);
    return (await tally(stage))["remaining"] ?? 0;
  }).toBe(0);
  const truth = (address: string) => [isRefused(address) ? "failed" : "accepted", relay.taken.filter(({ to }) => to === address).length];
  for (const { address, state } of await mails(stage)) expect(truth(address)).toEqual([state, isRefused(address) ? 0 : 1]);
  expect(await tally(stage)).toEqual({ accepted: 48, failed: 12 });
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 48 of 60 users received mail\. 12 failed\.$/);
});
