/** An organisation on a database of its own, its owner in Slack, a mail server and the running product. Until the end of the test. */
import { sql } from "drizzle-orm";
import { expect, onTestFinished } from "vitest";
import { z } from "zod";
import { openPostgres, rowsOf, type Db } from "../../src/db/client.ts";
import { migratePostgres } from "../../src/db/migrate.ts";
import { insertPeople } from "./send-load.ts";
import type { Cluster } from "./cluster.ts";
import { fakeSlack, type FakeSlack } from "./fake-slack.ts";
import * as insert from "./insert.ts";
import { createDatabase } from "./postgres.ts";
import { isReady, startProduct, until, type Around, type Product } from "./product.ts";
import { slackPerson, textOf, type SlackPerson } from "./slack-person.ts";

type Person = { name: string; loginAddress: string };

export type Staging = {
  smtpUrl: string;
  /** So many `r<n>@acme.example`, or these. */
  people: number | Person[];
  connections?: number;
  env?: Record<string, string>;
};

export type Stage = {
  db: Db;
  databaseUrl: string;
  organisationId: number;
  slack: FakeSlack;
  owner: SlackPerson;
  product: Product;
  /** What another process is started with. */
  around: Around;
};

let stages = 0;

export async function openStage(cluster: Cluster, { smtpUrl, people, connections = 4, env = {} }: Staging): Promise<Stage> {
  const databaseUrl = await createDatabase(cluster.url, `stage_${(stages += 1)}`);
  await migratePostgres(databaseUrl);
  const { db, close } = openPostgres(databaseUrl, { max: 2 });
  onTestFinished(close);
  const { organisationId } = await insertPeople(db, typeof people === "number" ? people : 0);
  if (typeof people !== "number") {
    for (const { name, loginAddress } of people)
      await insert.user(db, organisationId, { name, loginAddress, loginAddressKey: loginAddress.toLowerCase() });
  }
  const slack = await fakeSlack();
  const around = { databaseUrl, smtpUrl, slackUrl: slack.apiUrl, connections, env };
  const product = await startProduct(around);
  await until(product, () => isReady(product));
  return { db, databaseUrl, organisationId, slack, owner: slackPerson(slack, () => product.address), product, around };
}

/** Polls, with time to spare on a busy machine. */
export function soon<T>(read: () => T) {
  return expect.poll(read, { timeout: 30_000, interval: 100 });
}

/** Types and confirms a bulk send to everyone who may have a mail. */
export async function sendToAll({ owner }: Stage): Promise<void> {
  const preview = await owner.type("bulk connection:pending");
  const started = await owner.press(preview, /^Send/);
  expect(textOf(started)).toMatch(/^B-1 started/);
}

/** What the owner's own conversation says now of things that begin so. */
export const saidLast = ({ owner }: Stage, start: string): string | undefined =>
  owner
    .conversation()
    .map(textOf)
    .findLast((text) => text.startsWith(start));

/** How often a new message, not an edit, began so. */
export const timesSaid = ({ slack }: Stage, start: string): number =>
  slack.toldTo("chat.postMessage").filter((message) => textOf(message).startsWith(start)).length;

const Bucket = z.object({ bucket: z.string(), count: z.coerce.number(), audience: z.coerce.number() });

/** What became of the bulk send's people, by the kinds that its totals have. Fails where these are not everyone in the frozen audience, once each. */
export async function tally({ db }: Stage): Promise<Record<string, number>> {
  const rows = await rowsOf(
    db,
    Bucket,
    sql`select case when settled_at is null then 'remaining' when state = 'bounced' then 'failed' else state end as bucket, count(distinct user_id),
        (select count(*) from recipients where skip_reason is null) as audience
      from deliveries where bulk_send_id is not null group by 1`,
  );
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(rows[0]?.audience);
  return Object.fromEntries(rows.map(({ bucket, count }) => [bucket, count]));
}

const Row = z.object({
  name: z.string(),
  address: z.string(),
  state: z.string(),
  open: z.boolean(),
  attempts: z.number(),
  answer: z.string().nullable(),
  suppressed: z.boolean(),
  /** Seconds until it may be tried again. */
  dueIn: z.coerce.number(),
});

/** Every mail, single ones too, in the order of names. */
export function mails({ db }: Stage): Promise<z.infer<typeof Row>[]> {
  return rowsOf(
    db,
    Row,
    sql`select u.name, u.login_address as address, d.state, d.settled_at is null as open, d.attempts, d.server_answer as answer,
        u.suppressed_at is not null as suppressed, extract(epoch from d.due_at - now()) as "dueIn"
      from deliveries d join users u on u.organisation_id = d.organisation_id and u.id = d.user_id order by u.name, d.id`,
  );
}

/** Brings forward what waits for another try, as if its time had come. */
export async function endWaits({ db }: Stage): Promise<void> {
  await db.execute(sql`update deliveries set due_at = now() where settled_at is null and state in ('deferred', 'unknown')`);
}

const RelayRow = z.object({ pauseMs: z.number(), rests: z.boolean(), stopped: z.boolean(), answer: z.string().nullable() });

/** The mail server as the workers see it. */
export async function relayOf({ db }: Stage): Promise<z.infer<typeof RelayRow> | undefined> {
  const rows = await rowsOf(
    db,
    RelayRow,
    sql`select pause_ms as "pauseMs", coalesce(paused_until > now(), false) as rests, stopped_at is not null as stopped, server_answer as answer from relays`,
  );
  return rows[0];
}

/** Ends the mail server's rest, as if its time had come. */
export async function endRest({ db }: Stage): Promise<void> {
  await db.execute(sql`update relays set paused_until = now() where paused_until is not null`);
}

/** As if the mail server had refused us long ago: one mail is tried. */
export async function letProbe({ db }: Stage): Promise<void> {
  await db.execute(sql`update relays set stopped_at = now() - interval '6 minutes' where stopped_at is not null`);
}
