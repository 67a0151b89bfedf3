/** From what the mail server did to what is written. */
import type { Claimed, Held, Settlement } from "../db/claims.ts";
import type { MailResult } from "../deps.ts";
import { LINK_TTL_MS } from "../domain/challenge.ts";
import { retryDelayMs, UNKNOWN_RETRY_MS } from "../domain/delivery.ts";

const NOTHING = { settled: true, dueInMs: 0, counts: true, mailed: false, suppress: false };

/** `random` is in [0, 1). */
export function settlementOf(mail: Claimed, result: MailResult, random: number): Settlement {
  const settlement = ended(mail, result, random);
  // A notice to a former address says nothing about the address that is the user's now.
  return mail.purpose === "verify" ? settlement : { ...settlement, mailed: false, suppress: false };
}

function ended(mail: Claimed, result: MailResult, random: number): Settlement {
  const held = { organisationId: mail.organisationId, id: mail.id, fence: mail.fence };
  const { kind, answer } = result;
  switch (kind) {
    case "accepted":
      return { ...NOTHING, ...held, state: "accepted", answer, mailed: true };
    case "failed":
      return { ...NOTHING, ...held, state: "failed", answer, suppress: result.suppress };
    case "deferred": {
      const link = mail.leftMs === null ? null : { lifeMs: LINK_TTL_MS.verify, leftMs: mail.leftMs };
      const delayMs = retryDelayMs(mail.attempts + 1, link, random);
      if (delayMs === undefined) return { ...NOTHING, ...held, state: "failed", answer };
      return { ...NOTHING, ...held, state: "deferred", settled: false, dueInMs: delayMs, answer };
    }
    case "unknown": {
      // After a lost lease nobody knows whether this was the first mail: two at most.
      const last = mail.before === "unknown" || mail.before === "sending";
      return { ...NOTHING, ...held, state: "unknown", settled: last, dueInMs: UNKNOWN_RETRY_MS, answer, mailed: true };
    }
    case "relay-paused":
    case "relay-stopped":
    case "returned":
      return handBack(mail, kind === "returned" ? null : answer);
  }
}

/** Of a mail that an earlier worker knew to be taken and could not write down. */
export function acceptedBefore(held: Held): Settlement {
  return { ...NOTHING, ...held, state: "accepted", answer: null, mailed: true };
}

/** The row as it was before the claim, for whoever comes next. */
export function handBack(mail: Held & Pick<Claimed, "before">, answer: string | null = null): Settlement {
  return {
    ...NOTHING,
    organisationId: mail.organisationId,
    id: mail.id,
    fence: mail.fence,
    state: mail.before === "unknown" ? "unknown" : "queued",
    settled: false,
    counts: false,
    answer,
  };
}
