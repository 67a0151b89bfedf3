import { and, eq, isNull } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { openLinks } from "../../../src/commands/link/confirm.ts";
import { claimDue } from "../../../src/db/claims.ts";
import { inTransaction } from "../../../src/db/client.ts";
import { queueSingle } from "../../../src/db/deliveries.ts";
import { challenges, deliveries, users } from "../../../src/db/schema/tables.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import { mailedUser } from "../../support/web.ts";

const { db } = await testDatabase();
const deps = testDeps(db);
const followLink = openLinks(deps);

const openChallenges = (userId: number) =>
  db.$count(challenges, and(eq(challenges.userId, userId), isNull(challenges.usedAt), isNull(challenges.supersededAt)));

describe("a confirm and a resend at the same moment", () => {
  const claimAll = () => claimDue(db, { relay: "test", singles: 100, bulk: 100, probe: false });

  it("leave the user connected and no challenge open, in 30 rounds", async () => {
    for (let round = 0; round < 30; round++) {
      const { user, organisation, token } = await mailedUser(db, deps);
      const mail = { organisationId: organisation.id, userId: user.id, addressVersion: 1, sending: "single", forced: false } as const;
      const resend = async () => {
        const id = await inTransaction(db, (tx) => queueSingle(tx, { ...mail, requestedBy: null, language: null }));
        await claimAll();
        return id;
      };
      const [outcome] = await Promise.all([followLink(token, "confirm"), resend()]);
      expect(outcome.kind).toBe("confirmed");
      await claimAll();
      const [row] = await db.select().from(users).where(eq(users.id, user.id));
      expect(row?.verifiedAt).toBeInstanceOf(Date);
      expect({ round, open: await openChallenges(user.id) }).toEqual({ round, open: 0 });
      expect(await db.$count(deliveries, and(eq(deliveries.userId, user.id), eq(deliveries.state, "queued")))).toBe(0);
    }
  });
});
