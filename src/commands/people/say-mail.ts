/** The words for one mail: what became of it, or why there is none. */
import { languageOf } from "../../domain/user.ts";
import type { MailEnd } from "../../db/deliveries.ts";
import type { UserCard } from "../../db/users.ts";
import { plainReply, sayAddress, sayAgo, sayMoment, type Voice } from "../say.ts";
import type { Button, Reply } from "../reply.ts";
import type { Refused } from "./send-one.ts";

type Mailed = { user: Pick<UserCard, "name" | "loginAddress" | "language">; language: string | null };

const personal = (tone: Reply["tone"], lines: string[]): Reply => plainReply(tone, lines, true);

function named({ user, language }: Mailed, { t }: Voice) {
  const spoken = languageOf(language ?? user.language) ?? "en";
  return { name: user.name, address: sayAddress(user.loginAddress), language: t.replies.languageNames[spoken] ?? spoken };
}

export function sayWouldSend(mailed: Mailed, voice: Voice): Reply {
  return personal("info", [voice.t.replies.resend.wouldSend(named(mailed, voice))]);
}

/** "Sent" is said only once the mail server took it. */
export function sayMailEnd(mailed: Mailed & { end: MailEnd; earlierWorks?: boolean }, voice: Voice): Reply {
  const t = voice.t.replies.resend;
  const names = named(mailed, voice);
  const { end } = mailed;
  const answer = end.serverAnswer ? [t.answer({ answer: end.serverAnswer })] : [];
  switch (end.state) {
    case "accepted":
      return personal("done", [t.sent(names), mailed.earlierWorks ? `${t.sentNext} ${t.earlierWorks}` : t.sentNext]);
    case "failed":
    case "bounced":
      return personal("warning", [t.failed(names), ...answer, end.suppressed ? t.suppressedEnd : t.failedNext]);
    case "unknown":
      return personal("warning", [end.settled ? t.unknownEnd(names) : t.unknown(names)]);
    case "skipped":
    case "cancelled":
      return personal("warning", [t.stopped(names)]);
    case "queued":
    case "sending":
    case "deferred":
      return personal("info", [t.queued(names), t.queuedNext]);
  }
}

/** Opens the form for another login address. */
export function setEmailButton(userId: number, { t }: Voice): Button {
  const call = { verb: "set-email", input: { who: { kind: "user", id: userId } } };
  return { label: t.replies.bounce.setEmail, style: "primary", opens: "form", call };
}

/** Every refusal says why, and what to do next. */
export function sayRefusal(refused: Refused, voice: Voice): Reply {
  const t = voice.t.replies.resend;
  const { user } = refused;
  const { name } = user;
  const own = refused.sending === "self";
  const address = sayAddress(user.loginAddress);
  switch (refused.skip) {
    case "connected":
      return personal("refused", [
        t.connected({ name, since: user.verifiedAt ? sayMoment(user.verifiedAt, voice) : "–" }),
        t.connectedNext,
      ]);
    case "no-address":
      return own
        ? personal("refused", [t.noAddress({ name }), t.selfNext])
        : withSetEmail(user, [t.noAddress({ name }), t.noAddressNext], voice);
    case "deactivated":
      return personal("refused", [t.deactivated({ name }), own ? t.selfNext : t.deactivatedNext]);
    case "suppressed": {
      const why = t.suppressed({ name, address });
      return own ? personal("refused", [why, t.selfNext]) : withSetEmail(user, [why, t.suppressedNext], voice);
    }
    case "in-flight":
      return personal("refused", [t.inFlight({ name }), t.inFlightNext]);
    case "cooldown":
      return sayCooldown(refused, voice);
  }
}

function withSetEmail(user: UserCard, lines: string[], voice: Voice): Reply {
  return { ...personal("refused", lines), buttons: [setEmailButton(user.id, voice)] };
}

function sayCooldown({ user, nextAt, sending, mayForce }: Refused, voice: Voice): Reply {
  const t = voice.t.replies.resend;
  const next = nextAt ? sayMoment(nextAt, voice) : "–";
  const recent = user.lastVerificationAt && nextAt && nextAt.getTime() - user.lastVerificationAt.getTime() <= 60_000;
  if (sending === "self" && !recent) return personal("refused", [t.selfLimit({ next })]);
  const ago = user.lastVerificationAt ? sayAgo(user.lastVerificationAt, voice) : "–";
  const said = personal("refused", [t.cooldown({ name: user.name, ago, next })]);
  if (!mayForce) return said;
  const call = { verb: "resend", input: { who: { kind: "user", id: user.id }, force: true, reason: t.sendAnywayReason } };
  const confirm = { title: t.sendAnywayTitle, text: t.sendAnywayText({ name: user.name }), yes: t.sendAnyway, no: voice.t.replies.bulk.no };
  return { ...said, buttons: [{ label: t.sendAnyway, style: "plain", call, once: true, confirm }] };
}
