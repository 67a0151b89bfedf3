/** Plain words from somebody who is stuck: the answer comes from their true state, with the one button that helps. */
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { findUserOfPerson, getSendFacts, inScope, type UserCard } from "../../db/users.ts";
import { decideEligibility, type Eligibility } from "../../domain/eligibility.ts";
import { may } from "../../domain/permission.ts";
import { firstNameOf } from "../../domain/user.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { INTENTS, type Intent } from "../language/intent.ts";
import type { Button, Call, Reply } from "../reply.ts";
import { plainReply, sayAddress, sayAgo, type Voice } from "../say.ts";
import { tellAdminButton } from "./tell-admin.ts";

const Ask = z.object({ intent: z.enum(INTENTS).default("forgot-password"), who: z.string().max(200).nullable().default(null) });
type Ask = z.infer<typeof Ask>;

type LoginPages = { loginUrl: string | undefined; forgotPasswordUrl: string | undefined };
type AskOutcome =
  | { kind: "not-linked" }
  | { kind: "small-talk"; about: "hello" | "thanks" | "how" | "human" | "somebody-else"; name: string }
  | { kind: "offer"; who: string }
  | { kind: "stuck"; user: UserCard; eligibility: Eligibility; organisation: string; pages: LoginPages };

/** Sends nothing: it says how things stand, and its buttons do what helps. Also for somebody whose user is no longer active. */
async function ask(deps: Deps, actor: Actor, { intent, who }: Ask): Promise<AskOutcome> {
  const { organisationId, organisationName, roles } = actor;
  const user = await findUserOfPerson(deps.db, inScope(organisationId, { kind: "all" }), actor.principal);
  if (!user) return { kind: "not-linked" };
  const about = smallTalk(intent);
  if (about === "offer") {
    const sends = who !== null && may({ linked: true, roles }, "send");
    return sends ? { kind: "offer", who } : { kind: "small-talk", about: "somebody-else", name: user.name };
  }
  if (about) return { kind: "small-talk", about, name: user.name };
  const facts = await getSendFacts(deps.db, organisationId, user.id);
  return {
    kind: "stuck",
    user,
    eligibility: decideEligibility(facts, "self", false, facts.now),
    organisation: organisationName,
    pages: deps,
  };
}

/** What needs no look at the asker's state; undefined where the state decides. */
function smallTalk(intent: Intent): "hello" | "thanks" | "how" | "human" | "somebody-else" | "offer" | undefined {
  switch (intent) {
    case "hello":
    case "thanks":
    case "how":
    case "human":
    case "somebody-else":
      return intent;
    case "admin-request":
      return "offer";
    case "locked":
    case "no-mail":
    case "link":
    case "address":
    case "forgot-password":
    case "cannot-log-in":
      return undefined;
  }
}

function sayAsk(outcome: AskOutcome, voice: Voice): Reply {
  const t = voice.t.replies;
  switch (outcome.kind) {
    case "not-linked":
      return plainReply("refused", [t.notLinked, t.notLinkedNext]);
    case "small-talk":
      return saySmallTalk(outcome, voice);
    case "offer": {
      const call = { verb: "resend", input: { who: whoOf(outcome.who) } };
      return {
        ...plainReply("info", [t.ask.offer({ who: outcome.who })], true),
        buttons: [{ label: t.ask.offerButton, style: "primary", call, once: true }],
      };
    }
    case "stuck":
      return sayStuck(outcome, voice);
  }
}

const whoOf = (who: string) => (who.includes("@") ? { kind: "address", address: who } : { kind: "word", text: who });

function saySmallTalk({ about, name }: Extract<AskOutcome, { kind: "small-talk" }>, voice: Voice): Reply {
  const t = voice.t.replies.ask;
  switch (about) {
    case "hello":
    case "how":
      return { ...plainReply("info", [t.hello({ name: firstNameOf(name) })], true), buttons: askButtons(voice) };
    case "thanks":
      return plainReply("info", [t.thanks]);
    case "human":
      return { ...plainReply("info", [t.human], true), buttons: [tellAdminButton(t.tellAdmin, "primary")] };
    case "somebody-else":
      return plainReply("info", [t.somebodyElse]);
  }
}

/** One sentence why, spoken to the person, and one button that helps. */
function sayStuck({ user, eligibility, organisation, pages }: Extract<AskOutcome, { kind: "stuck" }>, voice: Voice): Reply {
  const t = voice.t.replies.ask;
  const named = { name: firstNameOf(user.name), address: sayAddress(user.loginAddress) };
  const said = (lines: string[], ...buttons: Button[]): Reply => ({ ...plainReply("info", lines, true), buttons });
  const again: Button = { label: t.sendAgain, style: "primary", call: { verb: "resend", input: { who: { kind: "me" } } }, once: true };
  const wrong = tellAdminButton(t.wrongAddress, "plain");
  const lookFor = t.lookFor({ subject: voice.t.mails.verification.subject({ organisation }) });
  if (eligibility.eligible) return said([t.pending(named), t.pendingNext], again, wrong);
  switch (eligibility.skip) {
    case "deactivated":
      return said([t.deactivated(named), t.deactivatedNext]);
    case "no-address":
      return said([t.noAddress(named), t.adminNext], tellAdminButton(t.tellAdmin, "primary"));
    case "suppressed":
      return said([t.bounced(named), t.adminNext], tellAdminButton(t.tellAdmin, "primary"));
    case "connected":
      return said([t.connected(named), t.connectedNext], ...loginButtons(pages, voice));
    case "in-flight":
      return said([t.onItsWay(named), lookFor], wrong);
    case "cooldown":
      return said([t.mailed({ ...named, ago: user.lastVerificationAt ? sayAgo(user.lastVerificationAt, voice) : "–" }), lookFor], wrong);
  }
}

function loginButtons({ loginUrl, forgotPasswordUrl }: LoginPages, { t }: Voice): Button[] {
  const { setPassword, logIn } = t.replies.ask;
  return [
    ...(forgotPasswordUrl === undefined ? [] : [{ label: setPassword, style: "primary", url: forgotPasswordUrl } as const]),
    ...(loginUrl === undefined ? [] : [{ label: logIn, style: "plain", url: loginUrl } as const]),
  ];
}

/** What the bot is mostly asked for, each a press away. */
function askButtons({ t }: Voice): Button[] {
  const { cannotLogIn, noMail, whatElse } = t.replies.ask;
  const button = (label: string, call: Call): Button => ({ label, style: "plain", call });
  return [
    button(cannotLogIn, { verb: "password", input: { intent: "cannot-log-in" } }),
    button(noMail, { verb: "password", input: { intent: "no-mail" } }),
    button(whatElse, { verb: "help", input: {} }),
  ];
}

/** For words that nobody understands: a question back, and nothing quoted. */
export function sayUnsure(voice: Voice): Reply {
  return { ...plainReply("info", [voice.t.replies.ask.unsure]), buttons: askButtons(voice) };
}

export const passwordCommand = command({
  verb: "password",
  usage: ["password"],
  input: Ask,
  need: "self",
  // Somebody whose user is no longer active is told so.
  needOf: () => "anyone",
  read: () => ({ input: {} }),
  run: ask,
  say: (outcome, voice) => ({ reply: sayAsk(outcome, voice) }),
});
