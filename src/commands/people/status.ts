import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { findLastDelivery, getSendFacts, type UserCard } from "../../db/users.ts";
import { decideEligibility, type Eligibility } from "../../domain/eligibility.ts";
import { may } from "../../domain/permission.ts";
import { connectionOf, languageOf } from "../../domain/user.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { readOnePerson, refuseFlags } from "../read-line.ts";
import type { Button, Fact, Reply } from "../reply.ts";
import { sayAddress, sayMoment, type Voice } from "../say.ts";
import { sayWhy } from "../sends/say-send.ts";
import { setEmailButton } from "./say-mail.ts";
import { findWho, sayAmbiguous, sayNotFound, Who, type Ambiguous, type NotFound } from "./who.ts";

const Status = z.object({ who: Who });
type Status = z.infer<typeof Status>;

type LastMail = Awaited<ReturnType<typeof findLastDelivery>>;
type StatusOutcome =
  | { kind: "found"; user: UserCard; lastMail: LastMail; eligibility: Eligibility; maySend: boolean; maySet: boolean }
  | Ambiguous
  | NotFound;

/** Where one user stands with their login, and why. */
async function status(deps: Deps, actor: Actor, input: Status): Promise<StatusOutcome> {
  const found = await findWho(deps, actor, input.who);
  if (found.kind !== "one") return found;
  const { user } = found;
  const self = user.id === actor.user?.id;
  const facts = await getSendFacts(deps.db, actor.organisationId, user.id);
  const lastMail = await findLastDelivery(deps.db, actor.organisationId, user.id);
  const eligibility = decideEligibility(facts, self ? "self" : "single", false, facts.now);
  const sends = may({ linked: true, roles: actor.roles }, "send");
  return { kind: "found", user, lastMail, eligibility, maySend: self || sends, maySet: sends && !self };
}

function sayStatus(outcome: StatusOutcome, voice: Voice): Reply {
  switch (outcome.kind) {
    case "not-found":
      return sayNotFound(outcome, voice);
    case "ambiguous":
      return sayAmbiguous(outcome, voice, (who) => ({ verb: "status", input: { who } }));
    case "found":
      return sayFound(outcome, voice);
  }
}

function sayFound({ user, lastMail, eligibility, maySend, maySet }: Extract<StatusOutcome, { kind: "found" }>, voice: Voice): Reply {
  const t = voice.t.replies;
  const connection = connectionOf({
    activated: user.activated,
    hasAddress: user.loginAddress !== null,
    verified: user.verifiedAt !== null,
  });
  const named = { name: user.name, connection: t.connections[connection] };
  const since = connection === "connected" ? user.verifiedAt : null;
  const headline = since ? t.status.headlineSince({ ...named, since: sayMoment(since, voice) }) : t.status.headline(named);
  const suppressed = connection === "pending" && user.suppressedAt !== null;
  const facts: Fact[] = [
    { label: t.status.address, value: sayAddress(user.loginAddress) },
    { label: t.status.company, value: user.company ?? "–" },
    { label: t.status.department, value: user.department ?? "–" },
    { label: t.status.office, value: user.office ?? "–" },
    { label: t.status.language, value: t.languageNames[languageOf(user.language) ?? "en"] ?? "–" },
    { label: t.status.lastMail, value: sayLastMail(lastMail, voice) },
  ];
  if (suppressed && user.suppressedReason) facts.push({ label: t.report.answer, value: user.suppressedReason });
  if (connection === "pending" && !suppressed) facts.push({ label: t.status.next, value: sayNext(eligibility, voice) });
  const send: Button = {
    label: t.status.send,
    style: "primary",
    call: { verb: "resend", input: { who: { kind: "user", id: user.id } } },
    once: true,
  };
  const command = `unsuppress ${/\s/.test(user.userId) ? `"${user.userId}"` : user.userId} --reason "…"`;
  const wantsAddress = suppressed || connection === "no-address";
  const buttons = [...(eligibility.eligible && maySend ? [send] : []), ...(wantsAddress && maySet ? [setEmailButton(user.id, voice)] : [])];
  return {
    tone: connection === "connected" ? "done" : suppressed ? "warning" : "info",
    lines: [
      headline,
      suppressed ? t.status.suppressed : t.status.why[connection],
      ...(suppressed && maySet ? [t.status.suppressedNext({ command })] : []),
    ],
    facts,
    ...(buttons.length > 0 ? { buttons } : {}),
    personal: true,
  };
}

function sayLastMail(mail: LastMail, voice: Voice): string {
  const t = voice.t.replies.status;
  if (!mail) return t.never;
  const state = t.mailStates[mail.state as keyof typeof t.mailStates];
  return `${sayMoment(mail.settledAt ?? mail.createdAt, voice)} · ${state}`;
}

function sayNext(eligibility: Eligibility, voice: Voice): string {
  const t = voice.t.replies;
  if (eligibility.eligible) return t.status.nextNow;
  return eligibility.nextAt ? t.status.nextAt({ at: sayMoment(eligibility.nextAt, voice) }) : sayWhy(eligibility.skip, 1, voice);
}

export const statusCommand = command({
  verb: "status",
  usage: ["status", "status anna@company.se", 'status "Anna Berg"'],
  input: Status,
  need: "self",
  needOf: (input) => (input.who.kind === "me" ? "self" : "read"),
  read(line, voice) {
    const refused = refuseFlags(line, "status", [], voice);
    if (refused) return refused;
    if (line.words.length === 0 && line.selection.length === 0) return { input: { who: { kind: "me" } } };
    const read = readOnePerson(line, "status anna@company.se", voice);
    return "who" in read ? { input: { who: read.who } } : read;
  },
  run: status,
  say: (outcome, voice) => ({ reply: sayStatus(outcome, voice) }),
});
