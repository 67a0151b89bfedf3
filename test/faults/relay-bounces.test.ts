/** Mail that comes back after the mail server took it. */
import { createTransport } from "nodemailer";
import { afterAll, expect, it } from "vitest";
import { dsn, outOfOffice, PATHS } from "../support/bounces.ts";
import { freePort, startCluster } from "../support/cluster.ts";
import { fakeRelay } from "../support/relay.ts";
import { buttonValue } from "../support/fake-slack.ts";
import { textOf } from "../support/slack-person.ts";
import { mails, openStage, saidLast, sendToAll, soon, tally, timesSaid } from "../support/stage.ts";

const cluster = await startCluster();
afterAll(cluster.stop);

it("A bounce is booked once, by its own tag only, and becomes work for the admin; forged tags and auto-replies change nothing", async () => {
  const relay = await fakeRelay();
  const port = await freePort();
  const env = { BOUNCE_DOMAIN: PATHS.domain, BOUNCE_SECRET: PATHS.secret, BOUNCE_LISTEN: `lmtp://127.0.0.1:${port}` };
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: 5, env });
  const hand = async (message: string, secret = PATHS.secret) => {
    const headers = { authorization: `Bearer ${secret}`, "content-type": "message/rfc822" };
    const answer = await fetch(`${stage.product.address}/bounces`, { method: "POST", headers, body: message });
    return [answer.status, await answer.text()];
  };
  const lmtp = createTransport({ host: "127.0.0.1", port, lmtp: true, ignoreTLS: true });
  const deliver = (to: string) => lmtp.sendMail({ envelope: { from: "", to: [to] }, raw: dsn({ to }) });
  const tagOf = (address: string) => relay.taken.find(({ to }) => to === address)?.from ?? "";

  await sendToAll(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 5 });
  await soon(() => saidLast(stage, "B-1")).toMatch(/: 5 of 5 users received mail\.$/);
  const [tag, byLmtp] = [tagOf("r1@acme.example"), tagOf("r2@acme.example")];
  expect(tag).toMatch(/^b-\d+-\d+-[0-9a-f]{20}@bounces\.acme\.example$/);
  const forged = tag.replace(/[0-9a-f](?=@)/, (digit) => (digit === "0" ? "1" : "0"));

  expect(await hand(outOfOffice(tag))).toEqual([202, '{"counted":false}']);
  expect(await hand(dsn({ to: forged }))).toEqual([202, '{"counted":false}']);
  expect(await hand(dsn({ to: tag, action: "delayed", status: "4.2.2" }))).toEqual([202, '{"counted":false}']);
  expect((await hand(dsn({ to: tag }), "a guess"))[0]).toBe(401);
  await expect(deliver(forged)).rejects.toThrow(/no such return path/);
  expect(await tally(stage)).toEqual({ accepted: 5 });
  expect(timesSaid(stage, "B-1: the mail to")).toBe(0);

  expect(await hand(dsn({ to: tag }))).toEqual([202, '{"counted":true}']);
  expect(await hand(dsn({ to: tag }))).toEqual([202, '{"counted":false}']);
  await deliver(byLmtp);
  expect(await tally(stage)).toEqual({ accepted: 3, failed: 2 });
  await soon(() => saidLast(stage, "B-1 done")).toMatch(/: 3 of 5 users received mail\. 2 failed\.$/);
  await soon(() => timesSaid(stage, "B-1: the mail to")).toBe(1);
  const told = stage.owner.conversation().find((message) => textOf(message).startsWith("B-1: the mail to"));
  expect(buttonValue(told ?? {}, "Set e-mail")).not.toBe("");
  const bounced = (await mails(stage)).filter(({ state }) => state === "bounced");
  expect(bounced.map(({ address }) => address)).toEqual(["r1@acme.example", "r2@acme.example"]);
  for (const each of bounced) expect(each).toMatchObject({ suppressed: true, answer: "550 5.1.1 <address>: no such user" });
  expect(textOf(await stage.owner.type("bulk connection:pending"))).toMatch(/^B-2: 5 users match\. 0 will get mail\..* 2 bounced/);
});
