/** Changing where a user logs in. The version rises with every change: open links die and queued mail to the old address is cancelled. */
import { and, eq, isNotNull, isNull, ne, sql } from "drizzle-orm";
import type { Db, Tx } from "./client.ts";
import { challenges, deliveries, users } from "./schema/tables.ts";

export type NewAddress = { address: string; key: string };

/** Sets a user's login address, in the caller's transaction; undefined when nothing changed. Throws the unique violation of `users_login_address`. */
export async function changeLoginAddress(tx: Tx, organisationId: number, userId: number, { address, key }: NewAddress) {
  const own = and(eq(users.organisationId, organisationId), eq(users.id, userId));
  const [before] = await tx
    .select({ address: users.loginAddress, key: users.loginAddressKey, verifiedAt: users.verifiedAt, suppressedAt: users.suppressedAt })
    .from(users)
    .where(own)
    .for("no key update");
  if (!before || before.key === key) return undefined;
  const [after] = await tx
    .update(users)
    .set({
      loginAddress: address,
      loginAddressKey: key,
      addressVersion: sql`${users.addressVersion} + 1`,
      addressSetAt: sql`now()`,
      verifiedAt: null,
      suppressedAt: null,
      suppressedReason: null,
      lastVerificationAt: null,
      updatedAt: sql`now()`,
    })
    .where(own)
    .returning({ version: users.addressVersion });
  if (!after) return undefined;
  const dead = await tx
    .update(challenges)
    .set({ supersededAt: sql`now()` })
    .where(
      and(
        eq(challenges.organisationId, organisationId),
        eq(challenges.userId, userId),
        isNull(challenges.usedAt),
        isNull(challenges.supersededAt),
      ),
    )
    .returning({ worked: sql<boolean>`${challenges.expiresAt} > now()` });
  await tx
    .update(deliveries)
    .set({ state: "cancelled", settledAt: sql`now()` })
    .where(
      and(
        eq(deliveries.organisationId, organisationId),
        eq(deliveries.userId, userId),
        eq(deliveries.purpose, "verify"),
        isNull(deliveries.settledAt),
        ne(deliveries.state, "sending"),
      ),
    );
  // Mail to an address that bounced would only bounce again.
  return {
    version: after.version,
    linksDied: dead.some(({ worked }) => worked),
    formerAddress: before.suppressedAt && !before.verifiedAt ? null : before.address,
  };
}

/** Tells the former address of a user that it no longer logs in. False while an earlier notice to this user is still on its way. */
export async function queueAddressNotice(
  tx: Tx,
  organisationId: number,
  userId: number,
  address: string,
  version: number,
  by: number,
): Promise<boolean> {
  const queued = await tx
    .insert(deliveries)
    .values({ organisationId, userId, purpose: "address-changed", sending: "single", address, addressVersion: version, requestedBy: by })
    .onConflictDoNothing()
    .returning({ id: deliveries.id });
  return queued.length === 1;
}

/** Who has this address already, as far as the organisation knows. */
export async function findHolder(db: Db, organisationId: number, key: string) {
  const [row] = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.organisationId, organisationId), eq(users.loginAddressKey, key)));
  return row;
}

/** Takes mail to a user's address up again after a bounce; false when it was not suppressed. */
export async function unsuppressUser(tx: Tx, organisationId: number, userId: number): Promise<boolean> {
  const freed = await tx
    .update(users)
    .set({ suppressedAt: null, suppressedReason: null, updatedAt: sql`now()` })
    .where(and(eq(users.organisationId, organisationId), eq(users.id, userId), isNotNull(users.suppressedAt)))
    .returning({ id: users.id });
  return freed.length === 1;
}
