import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { getSendFacts, type UserCard } from "../../db/users.ts";
import { decideEligibility } from "../../domain/eligibility.ts";
import { LANGUAGES } from "../../domain/user.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { readOnePerson, refuseFlags, refuseForceWithoutReason } from "../read-line.ts";
import type { Reply } from "../reply.ts";
import type { Voice } from "../say.ts";
import { sayMailEnd, sayRefusal, sayWouldSend } from "./say-mail.ts";
import { refusal, sendingOf, sendOne, type Mailed, type Refused } from "./send-one.ts";
import { findWho, sayAmbiguous, sayNotFound, Who, type Ambiguous, type NotFound } from "./who.ts";

const Resend = z.object({
  who: Who,
  force: z.boolean().default(false),
  reason: z.string().max(500).nullable().default(null),
  dryRun: z.boolean().default(false),
  language: z.enum(LANGUAGES).nullable().default(null),
});
type Resend = z.infer<typeof Resend>;

type ResendOutcome = Mailed | { kind: "would-send"; user: UserCard; language: string | null } | Refused | Ambiguous | NotFound;

/** One verification mail. Refusals are ordinary outcomes; throws only when the database is away. */
async function resend(deps: Deps, actor: Actor, input: Resend): Promise<ResendOutcome> {
  const found = await findWho(deps, actor, input.who);
  if (found.kind !== "one") return found;
  const { user } = found;
  if (!input.dryRun) return sendOne(deps, actor, user, input);
  const sending = sendingOf(actor, user);
  const facts = await getSendFacts(deps.db, actor.organisationId, user.id);
  const decided = decideEligibility(facts, sending, input.force && sending !== "self", facts.now);
  return decided.eligible ? { kind: "would-send", user, language: input.language } : refusal(user, decided, sending);
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
