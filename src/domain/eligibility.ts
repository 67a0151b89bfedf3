/**
 * Who gets verification mail: the one rule. `db/eligibility.ts` says the same as SQL; a property test holds the two equal.
 * Decided at preview and again in the transaction that claims each delivery.
 */
import type { ConnectionFacts } from "./user.ts";

/** Why a matched user gets no mail, in the order in which the reasons are tried. */
export const SKIP_REASONS = ["deactivated", "no-address", "connected", "suppressed", "in-flight", "cooldown"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export type SkipCounts = Partial<Record<SkipReason, number>>;

/** The cooldown depends on who asks. */
export type Sending = "bulk" | "single" | "self";

export const COOLDOWN_MS: Record<Sending, number> = { bulk: 24 * 60 * 60_000, single: 60_000, self: 60_000 };
/** Mails a person may ask for themselves in 24 hours. */
export const SELF_MAILS_A_DAY = 5;

export type EligibilityFacts = ConnectionFacts & {
  suppressed: boolean;
  inFlight: boolean;
  lastVerificationAt: Date | null;
  /** When the oldest of the last five self-asked mails of 24 hours was queued, once there are five; else null. */
  fifthSelfMailAt: Date | null;
};

export type Eligibility = { eligible: true } | { eligible: false; skip: SkipReason; nextAt: Date | null };

/** `force` overrides the cooldown only. `nextAt` says when a mail is possible again, if waiting is enough. */
export function decideEligibility(facts: EligibilityFacts, sending: Sending, force: boolean, now: Date): Eligibility {
  const no = (skip: SkipReason, nextAt: Date | null = null): Eligibility => ({ eligible: false, skip, nextAt });
  if (!facts.activated) return no("deactivated");
  if (!facts.hasAddress) return no("no-address");
  if (facts.verified) return no("connected");
  if (facts.suppressed) return no("suppressed");
  if (facts.inFlight) return no("in-flight");
  const nextAt = cooldownEnd(facts, sending);
  if (!force && nextAt > now.getTime()) return no("cooldown", new Date(nextAt));
  return { eligible: true };
}

function cooldownEnd(facts: EligibilityFacts, sending: Sending): number {
  const afterLast = facts.lastVerificationAt ? facts.lastVerificationAt.getTime() + COOLDOWN_MS[sending] : 0;
  const afterFifth = sending === "self" && facts.fifthSelfMailAt ? facts.fifthSelfMailAt.getTime() + COOLDOWN_MS.bulk : 0;
  return Math.max(afterLast, afterFifth);
}
