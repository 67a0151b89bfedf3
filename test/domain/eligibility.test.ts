import { describe, expect, it } from "vitest";
import { decideEligibility, type EligibilityFacts, type SkipReason } from "../../src/domain/eligibility.ts";

const now = new Date("2026-11-22T12:00:00Z");
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const pending: EligibilityFacts = {
  activated: true,
  hasAddress: true,
  verified: false,
  suppressed: false,
  inFlight: false,
  lastVerificationAt: null,
  fifthSelfMailAt: null,
};

describe("who gets verification mail", () => {
  it("A user gets mail who is activated, has an address, is neither connected nor suppressed, and was not mailed lately", () => {
    expect(decideEligibility(pending, "bulk", false, now)).toEqual({ eligible: true });
  });

  it.each<[string, Partial<EligibilityFacts>, SkipReason]>([
    ["a deactivated user, whatever else holds", { activated: false, hasAddress: false, verified: true }, "deactivated"],
    ["a user without a login address", { hasAddress: false }, "no-address"],
    ["a connected user, even when suppressed", { verified: true, suppressed: true }, "connected"],
    ["a user whose mail bounced", { suppressed: true }, "suppressed"],
    ["a user with a mail on its way", { inFlight: true, lastVerificationAt: ago(1) }, "in-flight"],
    ["a user mailed 23 hours ago", { lastVerificationAt: ago(23 * 60) }, "cooldown"],
  ])("No mail goes to %s", (_who, facts, skip) => {
    expect(decideEligibility({ ...pending, ...facts }, "bulk", false, now)).toMatchObject({ eligible: false, skip });
  });

  it.each(["connected", "deactivated", "no-address", "suppressed", "in-flight"] as const)(
    "Force does not override the reason %s",
    (skip) => {
      const facts = {
        connected: { verified: true },
        deactivated: { activated: false },
        "no-address": { hasAddress: false },
        suppressed: { suppressed: true },
        "in-flight": { inFlight: true },
      }[skip];
      expect(decideEligibility({ ...pending, ...facts }, "single", true, now)).toMatchObject({ eligible: false, skip });
    },
  );

  it("The refusal says when the cooldown ends, and force ends it now", () => {
    const facts = { ...pending, lastVerificationAt: ago(0.5) };
    expect(decideEligibility(facts, "single", false, now)).toEqual({
      eligible: false,
      skip: "cooldown",
      nextAt: new Date(now.getTime() + 30_000),
    });
    expect(decideEligibility(facts, "single", true, now)).toEqual({ eligible: true });
  });

  it("A person may ask for their own mail five times in 24 hours", () => {
    const facts = { ...pending, lastVerificationAt: ago(10), fifthSelfMailAt: ago(60) };
    expect(decideEligibility(facts, "single", false, now)).toEqual({ eligible: true });
    expect(decideEligibility(facts, "self", false, now)).toEqual({
      eligible: false,
      skip: "cooldown",
      nextAt: new Date(ago(60).getTime() + 24 * 60 * 60_000),
    });
  });
});
