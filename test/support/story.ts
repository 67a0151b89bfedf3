/** A stage for stories: an organisation with people in chat, a worker that really sends to a relay, and both platforms' wires in front. */
import { and, eq, isNull, sql } from "drizzle-orm";
import { expect, onTestFinished } from "vitest";
import type { Db } from "../../src/db/client.ts";
import { posts, type organisations } from "../../src/db/schema/tables.ts";
import type { Timer, WorkerDeps } from "../../src/deps.ts";
import { openMailer } from "../../src/mail/smtp.ts";
import { PACE, startDelivery } from "../../src/worker/deliver.ts";
import { runTimer } from "../../src/worker/timers.ts";
import { postDue } from "../../src/worker/progress.ts";
import { PATHS } from "./bounces.ts";
import { testDeps } from "./deps.ts";
import { temporaryFolder } from "./folder.ts";
import * as insert from "./insert.ts";
import type { Person } from "./person.ts";
import { fakeRelay, type Script } from "./relay.ts";
import { openSlack } from "./slack-people.ts";
import { openTeams } from "./teams-people.ts";
import { emptyQueue, relayName } from "./worker.ts";

export const PLATFORMS = ["slack", "teams"] as const;
type Name = (typeof PLATFORMS)[number];

const FAST = { ...PACE, pollMs: 30, settleEveryMs: 15, sweepEveryMs: 200 };
const DAY_MS = 86_400_000;
export const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);

/** Both wires on one database, until the end of the file. */
export async function openStory(db: Db) {
  const timers: Timer[] = [];
  const deps = testDeps(db, {
    timers: { add: (_tx, timer) => Promise.resolve(void timers.push(timer)) },
    settleWaitMs: 5_000,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 10))),
  });
  const platforms = { slack: await openSlack(deps), teams: await openTeams(deps) };

  /** A new organisation, and its worker until the end of the test. */
  async function begin(name: Name, values: Partial<typeof organisations.$inferInsert> = {}, script?: Script) {
    await emptyQueue(db);
    timers.length = 0;
    const platform = platforms[name];
    const { id } = await insert.organisation(db, values);
    await insert.workspace(db, id, { platform: name, workspace: platform.workspaceOf(id) });
    const relay = await fakeRelay(script);
    const mailer = openMailer({ url: relay.url, connections: 1 });
    const worker: WorkerDeps = {
      ...deps,
      mailer,
      relay: relayName(relay.url),
      rate: undefined,
      from: { name: "Acme HR", address: "hr@bot.example" },
      returnPaths: PATHS,
      chat: { slack: platforms.slack.postTo, teams: platforms.teams.postTo },
      dataDir: temporaryFolder(),
    };
    const delivery = startDelivery(worker, FAST);
    onTestFinished(async () => {
      await delivery.stop();
      mailer.close();
    });

    /** What waits to be said is said now. */
    const talk = async () => {
      const waiting = and(eq(posts.organisationId, id), isNull(posts.doneAt));
      await db
        .update(posts)
        .set({ nextAttemptAt: sql`now()` })
        .where(waiting);
      await postDue(worker);
    };
    return {
      id,
      relay,
      talk,
      /** Someone linked in chat, with or without a role, who has written to the bot before. */
      async person(who: string, role: "owner" | "admin" | "auditor" | null, companies: string[] = []): Promise<Person> {
        const user = await insert.user(db, id, { name: who, language: "en", verifiedAt: new Date() });
        if (role) await insert.role(db, id, user.id, role);
        for (const company of companies) await insert.authorisation(db, id, user.id, await insert.company(db, id, company));
        const person = platform.idOf(id, who);
        await insert.principal(db, id, { platform: name, workspace: platform.workspaceOf(id), person, userId: user.id });
        const entered = platform.enter(id, who);
        await entered.say("help");
        return entered;
      },
      /** In the stock of North, pending for nine days, unless said otherwise. */
      user({ name, ...user }: { name: string } & Parameters<typeof insert.user>[2]) {
        const loginAddress = `${name.toLowerCase().replaceAll(" ", ".")}@acme.example`;
        return insert.user(db, id, { name, loginAddress, company: "North", department: "Lager", addressSetAt: daysAgo(9), ...user });
      },
      /** Whom the relay took a mail for, without the domain. */
      sentTo: () => relay.taken.map(({ to }) => to.replace(/@.*/, "")).toSorted(),
      /** Somebody's newest message that says this, as the worker goes on talking. */
      async told(person: Person, words: RegExp): Promise<string> {
        const find = async () => {
          await talk();
          return person.messages().findLast(({ text }) => words.test(text))?.text ?? person.messages().at(-1)?.text;
        };
        await expect.poll(find, { timeout: 15_000, interval: 25 }).toMatch(words);
        return (await find()) ?? "";
      },
      /** Timers that were put off. */
      timers: () => [...timers],
      async run(due: Timer[]) {
        for (const job of due) await runTimer(deps, job);
      },
    };
  }
  return { deps, begin };
}
