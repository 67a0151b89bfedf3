import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import type { Totals } from "../../src/domain/bulk-send.ts";
import { startSink } from "../bench/processes.ts";
import { isReady, startProduct, until } from "../support/product.ts";
import { slackPerson, textOf } from "../support/slack-person.ts";
import { sumOf, totalsOf, twoAdmins } from "../support/two-admins.ts";

const USERS = 10_000;
const CONNECTIONS = 10;
const RELAY_ANSWERS_AFTER_MS = 5;

it("Every mail of a send of ten thousand cancelled half-way is sent or cancelled, and the admin is told how many", async () => {
  const stage = await twoAdmins(USERS);
  const sink = await startSink(RELAY_ANSWERS_AFTER_MS);
  onTestFinished(sink.stop);
  const product = await startProduct({
    databaseUrl: stage.cluster.url,
    smtpUrl: `smtp://127.0.0.1:${sink.port}`,
    slackUrl: stage.slack.apiUrl,
    connections: CONNECTIONS,
  });
  await until(product, () => isReady(product));
  const anna = slackPerson(stage.slack, () => product.address);
  const preview = await anna.type("bulk connection:pending");
  await anna.press(preview, `Send ${USERS}`);

  const polled: Totals[] = [];
  const poll = async () => {
    polled.push(await totalsOf(stage));
    await wait(50);
    return polled.at(-1) ?? (await totalsOf(stage));
  };
  const lastSaid = () => anna.conversation().at(-1) ?? {};
  await until(product, async () => (await poll()).accepted >= USERS / 2);
  const pressed = await anna.press(lastSaid(), "Cancel");
  expect(textOf(pressed)).toMatch(/^B-1 cancelled: /);
  await until(product, async () => (await poll()).remaining === 0);

  expect(polled.filter((totals) => totals.audience !== USERS || sumOf(totals) !== USERS)).toEqual([]);
  const totals = await totalsOf(stage);
  expect(totals).toMatchObject({ failed: 0, unknown: 0, skipped: 0, remaining: 0 });
  expect(totals.accepted).toBeLessThan(USERS);
  // An edit that was under way when the last mails ended is followed by one more.
  await until(product, () => textOf(lastSaid()).startsWith(`B-1 cancelled: ${totals.accepted} `));
  expect(textOf(lastSaid())).toBe(`B-1 cancelled: ${totals.accepted} of ${USERS} users received mail.\n${totals.cancelled} cancelled.`);
  expect(await sink.count()).toMatchObject({ mails: totals.accepted, doubles: {} });
});
