import { sql } from "drizzle-orm";
import { expect, it } from "vitest";
import * as insert from "../support/insert.ts";
import { end, isReady, startProduct, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { slackPerson, textOf } from "../support/slack-person.ts";
import { deliveryStates } from "../support/send-load.ts";
import { twoAdmins } from "../support/two-admins.ts";

const ROUNDS = 10;
const USERS_A_ROUND = 200;

/** What a reply to a confirmation says: how many were queued, how many others had queued, and who. */
function readStart(text: string): { queued: number; already: number; by: string | undefined } {
  const [, queued] = /started: (\d+) mails? on the way/.exec(text) ?? [];
  const [, already, by] = /(\d+) already had a mail on its way, started by (.+)\.$/m.exec(text) ?? [];
  if (queued === undefined) throw new Error(`not started: ${text}`);
  return { queued: Number(queued), already: Number(already ?? 0), by };
}

it("Two admins who confirm the same selection at the same moment cause one mail each, and the second is told how many the first has queued", async () => {
  const { cluster, db, slack, organisationId } = await twoAdmins(ROUNDS * USERS_A_ROUND);
  const relay = await fakeRelay();
  for (let round = 0; round < ROUNDS; round++) {
    const department = await insert.department(db, organisationId, `Team${round}`);
    await db.execute(sql`update users set department_id = ${department}
      where user_id like 'R%' and substr(user_id, 2)::int % ${ROUNDS}::int = ${round}::int`);
  }
  const around = { databaseUrl: cluster.url, smtpUrl: relay.url, slackUrl: slack.apiUrl, connections: 4 };
  const withoutWorker = { ...around, env: { WORKER: "none" } };
  const [one, other] = await Promise.all([startProduct(withoutWorker), startProduct(withoutWorker)]);
  await Promise.all([one, other].map((web) => until(web, () => isReady(web))));
  const anna = slackPerson(slack, () => one.address);
  const bertil = slackPerson(slack, () => other.address, "U2");

  for (let round = 0; round < ROUNDS; round++) {
    const previews = [await anna.type(`bulk department:Team${round}`), await bertil.type(`bulk department:Team${round}`)] as const;
    const label = `Send ${USERS_A_ROUND}`;
    const said = await Promise.all([anna.press(previews[0], label), bertil.press(previews[1], label)]);
    const [annas, bertils] = said.map((message) => readStart(textOf(message)));
    const first = annas?.queued === USERS_A_ROUND;
    expect(first ? annas : bertils).toEqual({ queued: USERS_A_ROUND, already: 0, by: undefined });
    expect(first ? bertils : annas).toEqual({ queued: 0, already: USERS_A_ROUND, by: first ? "Anna Lind" : "Bertil Berg" });
  }

  const worker = await startProduct(around, "worker");
  await until(worker, async () => (await deliveryStates(db)).every(({ open }) => !open));
  expect(relay.taken).toHaveLength(ROUNDS * USERS_A_ROUND);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(ROUNDS * USERS_A_ROUND);
  expect(await end(worker.child, "SIGTERM")).toBe(0);
});
