/** The states of a bulk send, and its totals. Progress is a count by state, never a counter. */
import type { DeliveryState } from "./delivery.ts";
import type { SkipCounts, SkipReason } from "./eligibility.ts";

export type SendState =
  | "previewed"
  | "awaiting-approval"
  | "rejected"
  | "lapsed"
  | "scheduled"
  | "running"
  | "paused"
  | "completed"
  | "cancelled";

/** A preview may be confirmed for this long. */
export const PREVIEW_LAPSES_MS = 30 * 60_000;
/** A large send waits this long for another admin's approval. */
export const APPROVAL_LAPSES_MS = 24 * 60 * 60_000;

/** What a preview found: `matched` = `sendable` + the sum of `skips`. */
export type PreviewCounts = { matched: number; sendable: number; skips: SkipCounts };

/** At every instant: audience = accepted + failed + unknown + skipped + cancelled + remaining. A bounced mail was accepted first and counts as failed. */
export type Totals = {
  audience: number;
  accepted: number;
  failed: number;
  unknown: number;
  skipped: number;
  cancelled: number;
  remaining: number;
  /** How many of those remaining the mail server put off; they are tried again later. */
  waiting: number;
  /** How many of those accepted or unknown may have got the mail twice. */
  twice: number;
  skips: SkipCounts;
};

export type StateCount = { state: DeliveryState; skipReason: SkipReason | null; open: boolean; again: boolean; count: number };

export function totalsOf(counts: StateCount[]): Totals {
  const none = { audience: 0, accepted: 0, failed: 0, unknown: 0, skipped: 0, cancelled: 0, remaining: 0 };
  const totals: Totals = { ...none, waiting: 0, twice: 0, skips: {} };
  for (const { state, skipReason, open, again, count } of counts) {
    const bucket = open ? "remaining" : bucketOf(state);
    totals.audience += count;
    totals[bucket] += count;
    if (open && (state === "deferred" || state === "unknown")) totals.waiting += count;
    if (again && (bucket === "accepted" || bucket === "unknown")) totals.twice += count;
    if (state === "skipped" && skipReason) totals.skips[skipReason] = (totals.skips[skipReason] ?? 0) + count;
  }
  return totals;
}

function bucketOf(state: DeliveryState): "accepted" | "failed" | "unknown" | "skipped" | "cancelled" | "remaining" {
  switch (state) {
    case "accepted":
    case "failed":
    case "unknown":
    case "skipped":
    case "cancelled":
      return state;
    case "bounced":
      return "failed";
    case "queued":
    case "sending":
    case "deferred":
      return "remaining";
  }
}

/** `117` → `B-117`. */
export function sendName(number: number): string {
  return `B-${number}`;
}
