import fc from "fast-check";
import { expect, it } from "vitest";
import { totalsOf, type StateCount } from "../../src/domain/bulk-send.ts";
import { DELIVERY_STATES } from "../../src/domain/delivery.ts";
import { SKIP_REASONS } from "../../src/domain/eligibility.ts";

const counted = (over: Partial<StateCount>): StateCount => ({
  state: "queued",
  skipReason: null,
  open: true,
  again: false,
  count: 1,
  ...over,
});

it("The totals add up to the audience, whatever became of the mails", () => {
  const count = fc.record({
    state: fc.constantFrom(...DELIVERY_STATES),
    skipReason: fc.option(fc.constantFrom(...SKIP_REASONS)),
    open: fc.boolean(),
    again: fc.boolean(),
    count: fc.integer({ min: 1, max: 1_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(count), (counts) => {
      const { audience, accepted, failed, unknown, skipped, cancelled, remaining, waiting } = totalsOf(counts);
      expect(accepted + failed + unknown + skipped + cancelled + remaining).toBe(audience);
      expect(audience).toBe(counts.reduce((sum, each) => sum + each.count, 0));
      expect(waiting).toBeLessThanOrEqual(remaining);
    }),
  );
});

it("The totals tell mails the server did not take yet from mails not offered to it yet", () => {
  const totals = totalsOf([
    counted({ state: "deferred", count: 5 }),
    counted({ state: "unknown", count: 2 }),
    counted({ state: "unknown", open: false, count: 1 }),
    counted({ state: "queued", count: 10 }),
    counted({ state: "sending", count: 3 }),
  ]);
  expect(totals).toMatchObject({ audience: 21, remaining: 20, waiting: 7, unknown: 1 });
});
