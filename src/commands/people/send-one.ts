/** One verification mail to one user: decided, queued, and waited for a moment. What `resend`, `set-email` and the pages have in common. */
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { hasOpenLink } from "../../db/challenges.ts";
import { inTransaction } from "../../db/client.ts";
import { getMailEnd, queueSingle, type MailEnd } from "../../db/deliveries.ts";
import { followDelivery, stopFollowing } from "../../db/posts.ts";
import { getSendFacts, type UserCard } from "../../db/users.ts";
import { decideEligibility, type Sending, type SkipReason } from "../../domain/eligibility.ts";
import type { Actor } from "../asker.ts";

/** `earlierWorks`: the link of an earlier mail still opens. */
export type Mailed = { kind: "mailed"; user: UserCard; end: MailEnd; language: string | null; earlierWorks: boolean };
export type Refused = { kind: "refused"; user: UserCard; skip: SkipReason; nextAt: Date | null; sending: Sending; mayForce: boolean };

export type Ask = { force: boolean; reason: string | null; language: string | null };

const POLL_MS = 50;
/** The worker tells the end of a mail no sooner than this after the asker's own answer stopped waiting for it. */
const FOLLOW_AFTER_MS = 2_000;

/** How much the asker's own mails are held back. */
export function sendingOf(actor: Actor, user: UserCard): Sending {
  return user.id === actor.user?.id ? "self" : "single";
}

/** Queues the mail and waits for the mail server's word; what comes later is told by the worker. */
export async function sendOne(deps: Deps, actor: Actor, user: UserCard, ask: Ask): Promise<Mailed | Refused> {
  const queued = await queue(deps, actor, user, ask);
  if ("kind" in queued) return queued;
  const { deliveryId, earlierWorks } = queued;
  return { kind: "mailed", user, end: await waitForEnd(deps, actor.organisationId, deliveryId), language: ask.language, earlierWorks };
}

function queue(deps: Deps, actor: Actor, user: UserCard, ask: Ask): Promise<{ deliveryId: number; earlierWorks: boolean } | Refused> {
  const { organisationId, principalId } = actor;
  const sending = sendingOf(actor, user);
  const forced = ask.force && sending !== "self";
  return inTransaction(deps.db, async (tx) => {
    const facts = await getSendFacts(tx, organisationId, user.id);
    const decided = decideEligibility(facts, sending, forced, facts.now);
    if (!decided.eligible) return refusal(user, decided, sending);
    const earlierWorks = await hasOpenLink(tx, organisationId, user.id);
    const mail = {
      organisationId,
      userId: user.id,
      addressVersion: user.addressVersion,
      sending,
      forced,
      requestedBy: principalId,
      language: ask.language,
    };
    const deliveryId = await queueSingle(tx, mail);
    if (deliveryId === undefined) return refusal(user, { skip: "in-flight", nextAt: null }, sending);
    await followDelivery(tx, organisationId, principalId, deliveryId, deps.settleWaitMs + FOLLOW_AFTER_MS);
    await noteAudit(tx, {
      organisationId,
      principalId,
      action: forced ? "resend-forced" : "resend",
      userId: user.id,
      detail: { delivery: deliveryId, ...(ask.reason ? { reason: ask.reason } : {}) },
    });
    return { deliveryId, earlierWorks };
  });
}

export function refusal(user: UserCard, why: { skip: SkipReason; nextAt: Date | null }, sending: Sending): Refused {
  return { kind: "refused", user, skip: why.skip, nextAt: why.nextAt, sending, mayForce: why.skip === "cooldown" && sending === "single" };
}

/** The mail is queued for good by now: a database that goes away here changes nothing about that. */
async function waitForEnd(deps: Deps, organisationId: number, deliveryId: number): Promise<MailEnd> {
  const until = deps.now().getTime() + deps.settleWaitMs;
  let end: MailEnd = { state: "queued", settled: false, serverAnswer: null, suppressed: false };
  try {
    end = await getMailEnd(deps.db, organisationId, deliveryId);
    while (!end.settled && end.state !== "unknown" && deps.now().getTime() < until) {
      await deps.sleep(POLL_MS);
      end = await getMailEnd(deps.db, organisationId, deliveryId);
    }
    if (end.settled) await stopFollowing(deps.db, organisationId, deliveryId);
  } catch (error) {
    deps.log.warn({ err: error, delivery: deliveryId }, "the end of a mail could not be read");
  }
  return end;
}
