import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { inTransaction, type Tx } from "../../db/client.ts";
import { isUniqueViolation } from "../../db/faults.ts";
import { changeLoginAddress, findHolder, queueAddressNotice } from "../../db/login-addresses.ts";
import { getPowers, listOwners } from "../../db/owners.ts";
import { findUser, inScope, type UserCard } from "../../db/users.ts";
import { readAddress } from "../../domain/address.ts";
import { goBeyond } from "../../domain/permission.ts";
import type { Actor } from "../asker.ts";
import { command, type CommandForm } from "../command.ts";
import { readOnePerson, refuseFlags } from "../read-line.ts";
import type { Reply } from "../reply.ts";
import { sendOne, type Mailed, type Refused } from "./send-one.ts";
import { plainReply, sayAddress, type Voice } from "../say.ts";
import { tellEach } from "../tell.ts";
import { sayMailEnd, sayRefusal } from "./say-mail.ts";
import { findWho, sayAmbiguous, sayNotFound, Who, type Ambiguous, type NotFound } from "./who.ts";

const SetEmail = z.object({
  who: Who,
  /** As entered in the form; null to ask for it. */
  address: z.string().max(400).nullable().default(null),
  /** The look-alike warning was seen. */
  sure: z.boolean().default(false),
});
type SetEmail = z.infer<typeof SetEmail>;

type SetEmailOutcome =
  | { kind: "ask"; user: UserCard }
  | { kind: "changed"; user: UserCard; formerTold: boolean; linksDied: boolean; mail: Mailed | Refused }
  | { kind: "same" | "beyond"; user: UserCard }
  | { kind: "taken"; holder: UserCard | undefined; address: string }
  | { kind: "looks-alike"; user: UserCard; address: string }
  | Ambiguous
  | NotFound;

/** Gives a user another login address, then sends one mail there. The change and the death of every earlier link commit together. */
async function setEmail(deps: Deps, actor: Actor, input: SetEmail): Promise<SetEmailOutcome> {
  const found = await findWho(deps, actor, input.who);
  if (found.kind !== "one") return found;
  const { user } = found;
  if (await inTransaction(deps.db, (tx) => refuseBeyond(deps, tx, actor, user))) return { kind: "beyond", user };
  const read = input.address === null ? undefined : readAddress(input.address.trim());
  if (!read?.ok) return { kind: "ask", user };
  if (read.warning && !input.sure) return { kind: "looks-alike", user, address: read.address };
  const { organisationId, principalId } = actor;
  try {
    const changed = await inTransaction(deps.db, async (tx) => {
      if (await refuseBeyond(deps, tx, actor, user)) return "beyond";
      const change = await changeLoginAddress(tx, organisationId, user.id, read);
      if (!change) return undefined;
      const { formerAddress, version, linksDied } = change;
      const formerTold =
        formerAddress !== null && (await queueAddressNotice(tx, organisationId, user.id, formerAddress, version, principalId));
      await noteAudit(tx, { organisationId, principalId, action: "set-email", userId: user.id, detail: { version } });
      return { formerTold, linksDied };
    });
    if (changed === "beyond") return { kind: changed, user };
    if (!changed) return { kind: "same", user };
    const now = (await findUser(deps.db, inScope(organisationId, actor.scope, actor.user?.id), user.id)) ?? user;
    const mail = await sendOne(deps, actor, now, { force: false, reason: null, language: null });
    return { kind: "changed", user: now, ...changed, mail };
  } catch (error) {
    if (!isUniqueViolation(error, "users_login_address")) throw error;
    const holder = await findHolder(deps.db, organisationId, read.key);
    return {
      kind: "taken",
      address: read.address,
      holder: holder && (await findUser(deps.db, inScope(organisationId, actor.scope), holder.id)),
    };
  }
}

/** True where the user's powers go beyond the actor's: noted, and the owners are told. */
async function refuseBeyond(deps: Deps, tx: Tx, actor: Actor, user: UserCard): Promise<boolean> {
  const { organisationId, principalId } = actor;
  if (!goBeyond(await getPowers(tx, organisationId, user.id), actor)) return false;
  await noteAudit(tx, { organisationId, principalId, action: "set-email-refused", userId: user.id });
  const [owners] = await listOwners(tx, organisationId);
  await tellEach(deps, tx, organisationId, owners?.principalIds ?? [], ({ t }) =>
    plainReply("warning", [t.replies.setEmail.beyondTold({ name: user.name, by: actor.user?.name ?? t.replies.bulk.someone })], true),
  );
  return true;
}

function saySetEmail(outcome: Exclude<SetEmailOutcome, { kind: "ask" }>, voice: Voice): Reply {
  const t = voice.t.replies.setEmail;
  switch (outcome.kind) {
    case "not-found":
      return sayNotFound(outcome, voice);
    case "ambiguous":
      return sayAmbiguous(outcome, voice, (who) => ({ verb: "set-email", input: { who } }));
    case "same":
      return plainReply("info", [t.same({ name: outcome.user.name, address: sayAddress(outcome.user.loginAddress) })], true);
    case "beyond":
      return plainReply("refused", [t.beyond({ name: outcome.user.name }), t.beyondNext], true);
    case "taken":
      return plainReply(
        "refused",
        [outcome.holder ? t.taken({ name: outcome.holder.name, userId: outcome.holder.userId }) : t.takenByOther, t.takenNext],
        true,
      );
    case "looks-alike": {
      const call = { verb: "set-email", input: { who: { kind: "user", id: outcome.user.id }, address: outcome.address, sure: true } };
      const again = { verb: "set-email", input: { who: { kind: "user", id: outcome.user.id } } };
      return {
        ...plainReply("warning", [t.looksAlike({ address: outcome.address }), t.looksAlikeNext], true),
        buttons: [
          { label: t.useAnyway, style: "danger", call, once: true },
          { label: t.enterAgain, style: "plain", call: again, opens: "form" },
        ],
      };
    }
    case "changed": {
      const { user, mail } = outcome;
      const said = mail.kind === "refused" ? sayRefusal(mail, voice) : sayMailEnd(mail, voice);
      const now = t.changed({ name: user.name, address: sayAddress(user.loginAddress) });
      const changed = outcome.linksDied ? `${now} ${t.earlierDead}` : now;
      return { ...said, lines: [changed, ...said.lines, ...(outcome.formerTold ? [t.formerTold] : [])] };
    }
  }
}

const form: CommandForm = {
  async build(deps, actor, input, voice) {
    const t = voice.t.replies.setEmail;
    const { who } = SetEmail.parse(input);
    const found = await findWho(deps, actor, who);
    const field = { kind: "text", required: true, value: "", maxLength: 254 } as const;
    return {
      title: t.title,
      submit: t.submit,
      cancel: voice.t.replies.form.cancel,
      fields: [
        { ...field, name: "email", label: t.email },
        { ...field, name: "confirm", label: t.confirm },
      ],
      notice:
        found.kind === "one"
          ? t.about({ name: found.user.name, userId: found.user.userId, address: sayAddress(found.user.loginAddress) })
          : null,
    };
  },
  submit(values, input, voice) {
    const t = voice.t.replies.setEmail;
    const [email, confirm] = [values["email"], values["confirm"]].map((value) => (typeof value === "string" ? value.trim() : ""));
    const read = readAddress(email ?? "");
    if (!read.ok) return { wrong: { email: t.problems[read.problem] } };
    const repeated = readAddress(confirm ?? "");
    if (!repeated.ok || repeated.key !== read.key) return { wrong: { confirm: t.differs } };
    return { input: { ...SetEmail.parse(input), address: read.address } };
  },
};

export const setEmailCommand = command({
  verb: "set-email",
  usage: ["set-email anna@company.se", 'set-email "Anna Berg"'],
  input: SetEmail,
  need: "send",
  read(line, voice) {
    const refused = refuseFlags(line, "set-email", [], voice);
    if (refused) return refused;
    const read = readOnePerson(line, 'set-email "Anna Berg"', voice);
    return "who" in read ? { input: { who: read.who } } : read;
  },
  run: setEmail,
  say: (outcome, voice) =>
    outcome.kind === "ask"
      ? { form: { who: { kind: "user", id: outcome.user.id } } }
      : { reply: saySetEmail(outcome, voice), replace: true },
  form,
});
