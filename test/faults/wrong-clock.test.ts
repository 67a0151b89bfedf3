import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { rowsOf, type Db } from "../../src/db/client.ts";
import { deliveryStates, queueMails } from "../support/send-load.ts";
import { command, signed } from "../support/fake-slack.ts";
import { end, isReady, startProduct, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { slackPerson, textOf } from "../support/slack-person.ts";
import { twoAdmins } from "../support/two-admins.ts";
import { clockOff } from "../support/wrong-clock.ts";

const USERS = 800;
const RELAY_ANSWERS_AFTER_MS = 20;

const Ends = z.object({ lease: z.coerce.number().nullable(), links: z.coerce.number().nullable() });

/** The longest lease, in seconds from now, and the longest life of a link, in hours, by the database's clock. */
async function endsIn(db: Db): Promise<z.infer<typeof Ends>> {
  const [row] = await rowsOf(
    db,
    Ends,
    sql`select (select extract(epoch from max(leased_until) - now()) from deliveries where state = 'sending') as lease,
      (select extract(epoch from max(expires_at) - now()) / 3600 from challenges) as links`,
  );
  if (!row) throw new Error("no row");
  return row;
}

describe.each(["+3d", "-1h"])("a clock that is off by %s", (off) => {
  it("A worker with a wrong clock changes no lease and no link, and sends no mail twice", async () => {
    const { cluster, db, slack, organisationId, ownerId } = await twoAdmins(USERS);
    const relay = await fakeRelay((line) => (line === "." ? wait(RELAY_ANSWERS_AFTER_MS, undefined) : undefined));
    const around = { databaseUrl: cluster.url, smtpUrl: relay.url, slackUrl: slack.apiUrl, connections: 4 };
    const wrong = await startProduct({ ...around, env: clockOff(off) }, "worker");
    await until(wrong, () => wrong.said().includes("worker started"));
    await queueMails(db, { organisationId, ownerId });
    const polled: z.infer<typeof Ends>[] = [];
    const poll = async () => void polled.push(await endsIn(db));
    await until(wrong, async () => (await poll(), relay.taken.length > USERS / 3));
    const right = await startProduct(around, "worker");
    await until(right, async () => (await poll(), (await deliveryStates(db)).every(({ open }) => !open)));

    const leases = polled.flatMap(({ lease }) => lease ?? []);
    expect(leases.length).toBeGreaterThan(5);
    expect(leases.filter((seconds) => seconds <= 0 || seconds > 60)).toEqual([]);
    expect(polled.filter(({ links }) => links !== null && (links > 24 || links < 23.9))).toEqual([]);
    expect(relay.taken).toHaveLength(USERS);
    expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(USERS);
    expect(await end(wrong.child, "SIGTERM")).toBe(0);
  });

  it("A web process that refuses Slack for its wrong clock names the clock in its log, while links go on working", async () => {
    const { cluster, db, slack } = await twoAdmins(1);
    const relay = await fakeRelay();
    const around = { databaseUrl: cluster.url, smtpUrl: relay.url, slackUrl: slack.apiUrl, connections: 2 };
    const [right, wrong] = await Promise.all([
      startProduct(around),
      startProduct({ ...around, env: { ...clockOff(off), WORKER: "none" } }),
    ]);
    await Promise.all([right, wrong].map((web) => until(web, () => isReady(web))));
    expect(textOf(await slackPerson(slack, () => right.address).type("resend R1"))).toMatch(/^Sent to/);
    const [, token] = /\/verify\/(v1\.[\w.-]+)/.exec(relay.taken[0]?.source.replaceAll("=\r\n", "") ?? "") ?? [];
    expect((await fetch(`${wrong.address}/verify/${token}`)).status).toBe(200);

    const before = await db.$count(sql`inbound_ids`);
    const [headers, body] = signed(new URLSearchParams(command(slack, "status R1")).toString());
    const refused = await fetch(`${wrong.address}/slack/events`, { method: "POST", headers, body: String(body) });
    expect(refused.status).toBe(401);
    await until(wrong, () => /"reason":"clock".*a Slack request was refused/.test(wrong.said()));
    expect(await db.$count(sql`inbound_ids`)).toBe(before);
  });
});
