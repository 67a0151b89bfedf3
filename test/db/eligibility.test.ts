import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { rowsOf } from "../../src/db/client.ts";
import { skipReasonSql } from "../../src/db/eligibility.ts";
import { users } from "../../src/db/schema/tables.ts";
import { getSendFacts } from "../../src/db/users.ts";
import { decideEligibility, type Sending } from "../../src/domain/eligibility.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const organisation = await insert.organisation(db);

const HOUR_MS = 60 * 60_000;
const ago = fc.option(fc.constantFrom(1_000, 59_000, 61_000, HOUR_MS, 23 * HOUR_MS, 25 * HOUR_MS, 90 * 24 * HOUR_MS), { nil: null });

const generated = fc.record({
  activated: fc.boolean(),
  hasAddress: fc.boolean(),
  verified: fc.boolean(),
  suppressed: fc.boolean(),
  lastMsAgo: ago,
  open: fc.boolean(),
  selfMailsToday: fc.integer({ min: 0, max: 6 }),
  sending: fc.constantFrom<Sending>("bulk", "single", "self"),
  forced: fc.boolean(),
});

describe("eligibility", () => {
  it("is the same rule as a pure function and as SQL", async () => {
    await fc.assert(
      fc.asyncProperty(generated, async (facts) => {
        const ms = (value: number) => new Date(Date.now() - value);
        const user = await insert.user(db, organisation.id, {
          activated: facts.activated,
          ...(facts.hasAddress ? {} : { loginAddress: null }),
          verifiedAt: facts.verified && facts.hasAddress ? ms(HOUR_MS) : null,
          suppressedAt: facts.suppressed ? ms(HOUR_MS) : null,
          lastVerificationAt: facts.lastMsAgo === null ? null : ms(facts.lastMsAgo),
        });
        for (let count = 0; count < facts.selfMailsToday; count++)
          await insert.delivery(db, organisation.id, user.id, {
            sending: "self",
            state: "accepted",
            settledAt: ms(HOUR_MS),
            createdAt: ms((count + 1) * HOUR_MS),
          });
        if (facts.open) await insert.delivery(db, organisation.id, user.id);
        const { now, ...read } = await getSendFacts(db, organisation.id, user.id);
        const decided = decideEligibility(read, facts.sending, facts.forced, now);
        const [row] = await rowsOf(
          db,
          z.object({ skip: z.string().nullable() }),
          sql`select ${skipReasonSql({ sending: facts.sending, forced: facts.forced })} as skip from ${users} where ${eq(users.id, user.id)}`,
        );
        expect(row?.skip).toBe(decided.eligible ? null : decided.skip);
      }),
      { numRuns: 200 },
    );
  });
});
