/** A Postgres server of a test's own, with an organisation whose two owners, Anna (U1) and Bertil (U2), are in Slack. Until the end of the test. */
import { eq } from "drizzle-orm";
import { onTestFinished } from "vitest";
import { openPostgres, type Db } from "../../src/db/client.ts";
import { getTotals } from "../../src/db/sends.ts";
import { migratePostgres } from "../../src/db/migrate.ts";
import { organisations, principals } from "../../src/db/schema/tables.ts";
import type { Totals } from "../../src/domain/bulk-send.ts";
import { linkToken } from "../../src/domain/challenge.ts";
import { deriveKeys } from "../../src/keys.ts";
import { insertPeople } from "./send-load.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { fakeSlack, type FakeSlack } from "./fake-slack.ts";
import * as insert from "./insert.ts";
import { SECRET } from "./product.ts";

export type TwoAdmins = { cluster: Cluster; db: Db; slack: FakeSlack; organisationId: number; ownerId: number };

/** `aloneUpTo`: how many one of them may mail without the other's approval. */
export async function twoAdmins(users: number, { aloneUpTo = 1_000_000, cluster }: { aloneUpTo?: number; cluster?: Cluster } = {}) {
  const server = cluster ?? (await startCluster());
  if (!cluster) onTestFinished(server.stop);
  await migratePostgres(server.url);
  const { db, close } = openPostgres(server.url, { max: 2 });
  onTestFinished(close);
  const { organisationId, ownerId } = await insertPeople(db, users);
  await db.update(organisations).set({ approvalOver: aloneUpTo }).where(eq(organisations.id, organisationId));
  const connected = { verifiedAt: new Date(), language: "en" };
  const anna = await insert.user(db, organisationId, { ...connected, name: "Anna Lind" });
  await db.update(principals).set({ userId: anna.id }).where(eq(principals.id, ownerId));
  const bertil = await insert.user(db, organisationId, { ...connected, name: "Bertil Berg" });
  await insert.role(db, organisationId, bertil.id, "owner");
  await insert.principal(db, organisationId, { workspace: "T1", person: "U2", userId: bertil.id });
  return { cluster: server, db, slack: await fakeSlack(), organisationId, ownerId } satisfies TwoAdmins;
}

/** The path of a link that a new user of theirs got, made with the key of `startProduct`. */
export async function linkPath({ db, organisationId }: TwoAdmins): Promise<string> {
  const { id } = await insert.user(db, organisationId);
  const challenge = await insert.challenge(db, organisationId, id);
  const { link } = deriveKeys({ current: SECRET, previous: undefined });
  return `/verify/${linkToken(link, { ...challenge, purpose: "verify" })}`;
}

/** The totals of the organisation's only bulk send, by its own count. */
export async function totalsOf({ db, organisationId }: TwoAdmins): Promise<Totals> {
  const bulk = await db.query.sends.findFirst({ columns: { id: true } });
  if (!bulk) throw new Error("there is no bulk send");
  return getTotals(db, organisationId, bulk.id);
}

/** Everyone a bulk send is about, wherever they stand. */
export const sumOf = ({ accepted, failed, unknown, skipped, cancelled, remaining }: Totals): number =>
  accepted + failed + unknown + skipped + cancelled + remaining;
