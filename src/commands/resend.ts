import { z } from "zod";
import type { Deps } from "../deps.ts";
import { inTransaction } from "../db/client.ts";
import { noteAudit } from "../db/audit.ts";
import { getMailEnd, queueSingle, type MailEnd } from "../db/deliveries.ts";
import { followDelivery, stopFollowing } from "../db/posts.ts";
import { getSendFacts, type UserCard } from "../db/users.ts";
import { decideEligibility, type Sending, type SkipReason } from "../domain/eligibility.ts";
import { LANGUAGES } from "../domain/user.ts";
import type { Actor } from "./asker.ts";
import { command } from "./command.ts";
import { readOnePerson, refuseFlags, refuseForceWithoutReason } from "./read-line.ts";
import type { Reply } from "./reply.ts";
import type { Voice } from "./say.ts";
import { sayMailEnd, sayRefusal, sayWouldSend, type Refused } from "./say-mail.ts";
import { findWho, sayAmbiguous, sayNotFound, Who, type Ambiguous, type NotFound } from "./who.ts";

const Resend = z.object({
  who: Who,
  force: z.boolean().default(false),
  reason: z.string().max(500).nullable().default(null),
  dryRun: z.boolean().default(false),
  language: z.enum(LANGUAGES).nullable().default(null),
});
type Resend = z.infer<typeof Resend>;

type Queued = { kind: "queued"; user: UserCard; deliveryId: number; language: string | null };
type ResendOutcome =
  | { kind: "mailed"; user: UserCard; end: MailEnd; language: string | null }
  | { kind: "would-send"; user: UserCard; language: string | null }
  | Refused
  | Ambiguous
  | NotFound;

const POLL_MS = 50;
/** The worker tells the end of a mail no sooner than this after the asker's own answer stopped waiting for it. */
const FOLLOW_AFTER_MS = 2_000;

/** Queues one verification mail and waits a moment for the mail server's word. Refusals are ordinary outcomes; throws only when the database is away. */
async function resend(deps: Deps, actor: Actor, input: Resend): Promise<ResendOutcome> {
  const found = await findWho(deps, actor, input.who);
  if (found.kind !== "one") return found;
  const { user } = found;
  const sending: Sending = user.id === actor.user?.id ? "self" : "single";
  const force = input.force && sending !== "self";
  if (input.dryRun) {
    const facts = await getSendFacts(deps.db, actor.organisationId, user.id);
    const decided = decideEligibility(facts, sending, force, facts.now);
    return decided.eligible ? { kind: "would-send", user, language: input.language } : refusal(user, decided, sending);
  }
  const outcome = await queueMail(deps, actor, user, { sending, force, reason: input.reason, language: input.language });
  if (outcome.kind === "refused") return outcome;
  const end = await waitForEnd(deps, actor.organisationId, outcome.deliveryId);
  return { kind: "mailed", user, end, language: outcome.language };
}

type Ask = { sending: Sending; force: boolean; reason: string | null; language: string | null };

function queueMail(deps: Deps, actor: Actor, user: UserCard, ask: Ask): Promise<Queued | Refused> {
  return inTransaction(deps.db, async (tx) => {
    const facts = await getSendFacts(tx, actor.organisationId, user.id);
    const decided = decideEligibility(facts, ask.sending, ask.force, facts.now);
    if (!decided.eligible) return refusal(user, decided, ask.sending);
    const deliveryId = await queueSingle(tx, {
      organisationId: actor.organisationId,
      userId: user.id,
      addressVersion: user.addressVersion,
      sending: ask.sending,
      forced: ask.force,
      requestedBy: actor.principalId,
      language: ask.language,
    });
    if (deliveryId === undefined) return refusal(user, { skip: "in-flight", nextAt: null }, ask.sending);
    await followDelivery(tx, actor.organisationId, actor.principalId, deliveryId, deps.settleWaitMs + FOLLOW_AFTER_MS);
    await noteAudit(tx, {
      organisationId: actor.organisationId,
      principalId: actor.principalId,
      action: ask.force ? "resend-forced" : "resend",
      userId: user.id,
      detail: { delivery: deliveryId, ...(ask.reason ? { reason: ask.reason } : {}) },
    });
    return { kind: "queued", user, deliveryId, language: ask.language };
  });
}

function refusal(user: UserCard, why: { skip: SkipReason; nextAt: Date | null }, sending: Sending): Refused {
  return { kind: "refused", user, skip: why.skip, nextAt: why.nextAt, sending, mayForce: why.skip === "cooldown" && sending === "single" };
}

/** The mail is queued for good by now: a database that goes away here changes nothing about that. */
async function waitForEnd(deps: Deps, organisationId: number, deliveryId: number): Promise<MailEnd> {
  const until = deps.now().getTime() + deps.settleWaitMs;
  let end: MailEnd = { state: "queued", settled: false, serverAnswer: null };
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

function sayResend(outcome: ResendOutcome, voice: Voice): Reply {
  switch (outcome.kind) {
    case "not-found":
      return sayNotFound(outcome, voice);
    case "ambiguous":
      return sayAmbiguous(outcome, voice, (who) => ({ verb: "resend", input: { who } }));
    case "refused":
      return sayRefusal(outcome, voice);
    case "would-send":
      return sayWouldSend(outcome, voice);
    case "mailed":
      return sayMailEnd(outcome, voice);
  }
}

export const resendCommand = command({
  verb: "resend",
  usage: ["resend anna@company.se", "resend me", 'resend "Anna Berg" --force --reason "lost the mail"'],
  input: Resend,
  need: "self",
  needOf: (input) => (input.who.kind === "me" ? "self" : "send"),
  read(line, voice) {
    const refused = refuseFlags(line, "resend", ["force", "reason", "dryRun", "lang"], voice) ?? refuseForceWithoutReason(line, voice);
    if (refused) return refused;
    const read = readOnePerson(line, "resend anna@company.se", voice);
    if (!("who" in read)) return read;
    const { force, reason, dryRun, lang } = line.flags;
    return { input: { who: read.who, force, reason, dryRun, language: lang } };
  },
  run: resend,
  say: (outcome, voice) => ({ reply: sayResend(outcome, voice) }),
});
