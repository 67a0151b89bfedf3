/** The states of one mail and when the next attempt is due. */

export const OPEN_STATES = ["queued", "sending", "deferred"] as const;
export const DELIVERY_STATES = [...OPEN_STATES, "accepted", "failed", "unknown", "bounced", "skipped", "cancelled"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export type Purpose = "verify" | "reset";

export const LEASE_MS = 60_000;
export const HEARTBEAT_MS = 20_000;

const RETRY_MINUTES = [1, 5, 15, 30, 60, 120, 240] as const;
const JITTER = 0.2;
/** No retry once less than this share of the link's life is left. */
export const LINK_LIFE_NEEDED = 0.1;
/** When data went out and no answer came, the mail is tried once more after this long. */
export const UNKNOWN_RETRY_MS = 10 * 60_000;

/**
 * Milliseconds until attempt `attempts + 1`, or undefined when no further one is worth it. A mail without a link, such as the notice to a
 * former address, is tried to the end of the schedule: its message does not expire. `random` is in [0, 1).
 */
export function retryDelayMs(attempts: number, link: { lifeMs: number; leftMs: number } | null, random: number): number | undefined {
  const minutes = RETRY_MINUTES[attempts - 1];
  if (minutes === undefined) return undefined;
  const delayMs = minutes * 60_000 * (1 - JITTER + 2 * JITTER * random);
  return link && link.leftMs - delayMs < link.lifeMs * LINK_LIFE_NEEDED ? undefined : delayMs;
}

/** How long the relay rests after 421, 452 or 454: 30 s, doubling to 10 min. */
export function nextRelayPauseMs(previousMs: number): number {
  return Math.min(Math.max(30_000, previousMs * 2), 600_000);
}
