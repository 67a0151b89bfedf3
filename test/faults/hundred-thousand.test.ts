import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { expect, it, onTestFinished } from "vitest";
import type { Db } from "../../src/db/client.ts";
import type { Totals } from "../../src/domain/bulk-send.ts";
import { startSink } from "../bench/processes.ts";
import { endAbandonedLeases } from "../support/send-load.ts";
import { isReady, startProduct, until } from "../support/product.ts";
import { slackPerson, textOf } from "../support/slack-person.ts";
import { sumOf, totalsOf, twoAdmins } from "../support/two-admins.ts";
import { startTeam } from "../support/worker-team.ts";

const USERS = Number(process.env["FAULTS_USERS"] ?? 100_000);
/** Of each kind: connected, without an address, suppressed. The two admins are connected, too. */
const INELIGIBLE = 50;
const MATCHED = USERS + 3 * INELIGIBLE + 2;
const APPROVAL_OVER = 200;
const CONNECTIONS = 40;
const KILL_AFTER_MS = 1_000;
const RESTART_AT = 0.4;
const KILL_UNTIL = 0.8;
const WITHIN_MS = 240_000;

async function insertIneligible(db: Db, organisationId: number): Promise<void> {
  await db.execute(sql`
    insert into users (organisation_id, user_id, name, login_address, login_address_key, verified_at, suppressed_at)
    select ${organisationId}, kind || n, 'Other Person ' || n, address, address,
      case kind when 'connected' then now() end, case kind when 'suppressed' then now() end
    from generate_series(1, ${INELIGIBLE}::int) n, unnest(array['connected', 'empty', 'suppressed']) kind,
      lateral (select case when kind <> 'empty' then kind || n || '@acme.example' end as address) as a`);
}

const allIn = (counts: Record<number, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);

it(
  `A send mails each of ${USERS} users once while workers are killed and Postgres restarts, and says so`,
  { timeout: WITHIN_MS },
  async () => {
    const stage = await twoAdmins(USERS, { aloneUpTo: APPROVAL_OVER });
    const { cluster, db, slack, organisationId } = stage;
    await insertIneligible(db, organisationId);
    await db.execute(sql`analyze`);
    const sink = await startSink();
    onTestFinished(sink.stop);
    const around = {
      databaseUrl: cluster.url,
      smtpUrl: `smtp://127.0.0.1:${sink.port}`,
      slackUrl: slack.apiUrl,
      connections: CONNECTIONS,
      env: { WORKER: "none" },
    };
    const [web, workers] = await Promise.all([startProduct(around), startTeam(around, 2)]);
    await until(web, () => isReady(web));
    const anna = slackPerson(slack, () => web.address);
    const bertil = slackPerson(slack, () => web.address, "U2");

    const preview = await anna.type("bulk status:active");
    expect(textOf(preview)).toContain(`B-1: ${MATCHED} users match. ${USERS} will get mail. ${MATCHED - USERS} will not`);
    await anna.press(preview, `Send ${USERS}`);
    await until(web, () => bertil.conversation().length > 0);
    const approved = await bertil.press(bertil.conversation()[0] ?? {}, "Approve");
    expect(textOf(approved)).toMatch(/^B-1 approved/);

    const polled: Totals[] = [];
    const stopKilling = new AbortController();
    const killing = workers.replaceAfter(KILL_AFTER_MS, [1], stopKilling.signal);
    let restarting: Promise<void> | undefined;
    await until(web, async () => {
      const totals = await totalsOf(stage);
      polled.push(totals);
      if (totals.accepted > USERS * RESTART_AT) restarting ??= cluster.restart("fast");
      if (totals.accepted > USERS * KILL_UNTIL) {
        stopKilling.abort();
        await endAbandonedLeases(db);
      }
      await wait(500);
      return totals.remaining === 0;
    });
    const kills = await killing;
    await restarting;
    const lastSaid = () => textOf(anna.conversation().at(-1));
    await until(web, () => lastSaid().startsWith("B-1 done"));

    expect(polled.filter((totals) => totals.audience !== USERS || sumOf(totals) !== USERS)).toEqual([]);
    const totals = await totalsOf(stage);
    expect(totals).toMatchObject({ audience: USERS, accepted: USERS });
    expect(kills).toBeGreaterThan(3);
    const { mails, doubles } = await sink.count();
    expect(mails - allIn(doubles)).toBe(USERS);
    expect(allIn(doubles)).toBeLessThanOrEqual(CONNECTIONS * kills);
    expect(allIn(doubles)).toBeLessThanOrEqual(totals.twice);
    expect(lastSaid()).toMatch(new RegExp(`^B-1 done in .*: ${totals.accepted} of ${USERS} users received mail\\.`));
    expect(Number(/(\d+) users? may have received it twice/.exec(lastSaid())?.[1] ?? 0)).toBe(totals.twice);
    const shown = anna.conversation().flatMap((message) => {
      const [, sent, of] = /^B-1: (\d+) of (\d+) sent/.exec(textOf(message)) ?? [];
      return sent === undefined ? [] : [{ sent: Number(sent), of: Number(of) }];
    });
    expect(shown).toEqual(shown.map(({ sent }) => ({ sent, of: USERS })).toSorted((one, other) => one.sent - other.sent));
  },
);
