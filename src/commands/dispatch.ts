/** Everything typed, pressed or submitted comes in here and goes out as one answer. */
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { findAction, pressOnce, saveActions } from "../db/actions.ts";
import { noteAudit } from "../db/audit.ts";
import { listNames } from "../db/parts.ts";
import { may } from "../domain/permission.ts";
import { languageOf } from "../domain/user.ts";
import { wordsIn } from "../words/words.ts";
import { findActor } from "./actor.ts";
import type { Actor, Answer, Asker } from "./asker.ts";
import { findCommand, VERBS } from "./catalog.ts";
import type { Command } from "./command.ts";
import type { Form, FormValues, Option, OptionSource } from "./form.ts";
import { parseLine } from "./language/parse.ts";
import { readPlainWords } from "./language/plain-words.ts";
import { sayUnsure } from "./people/ask.ts";
import { readyReply } from "./ready.ts";
import { apologise } from "./receive.ts";
import type { Call, ReadyReply, Reply } from "./reply.ts";
import { plainReply, sayMailOff, type Voice } from "./say.ts";
import { expandSaved } from "./sends/saved.ts";
import { sayProblem } from "./say-problem.ts";

const StoredCall = z.object({ verb: z.string(), input: z.unknown() });
const MOST_OPTIONS = 100;

/** A line of the command language, without `/verify` or the bot's mention in front. Never throws: a fault is a reply with a reference. */
export function dispatchText(deps: Deps, asker: Asker, text: string): Promise<Answer> {
  return answering(deps, asker, async (actor, voice) => {
    const parsed = parseLine(text, VERBS);
    const plain = readPlainWords(text, parsed);
    if (plain === "unsure") return said(deps, actor, sayUnsure(voice));
    if (plain) return run(deps, actor, { verb: "password", input: plain }, voice, false);
    if (!parsed.ok) return said(deps, actor, sayProblem(parsed.problem, voice));
    const command = findCommand(parsed.line.verb ?? "help");
    if (!command) return said(deps, actor, plainReply("refused", [voice.t.replies.typeHelp]));
    const line = may(rightsOf(actor), "read") ? await expandSaved(deps, actor, parsed.line, voice) : parsed.line;
    const read = "missing" in line ? line : command.read(line, voice);
    if ("missing" in read)
      return may(rightsOf(actor), command.need) ? said(deps, actor, read.missing) : said(deps, actor, sayNotAllowed(actor, command, voice));
    return run(deps, actor, { verb: command.verb, input: read.input }, voice, false);
  });
}

/** A pressed button: the id it carried. Another person's, an unknown or an expired id is refused in words. */
export function dispatchAction(deps: Deps, asker: Asker, actionId: string): Promise<Answer> {
  return answering(deps, asker, async (actor, voice) => {
    const t = voice.t.replies;
    const found = await openAction(deps, actor, actionId);
    if (found.kind !== "call") return said(deps, actor, plainReply("refused", [found.kind === "stale" ? t.staleButton : t.foreignButton]));
    if (found.once && !(await pressOnce(deps.db, actor.organisationId, actionId)))
      return said(deps, actor, plainReply("info", [t.pressedAlready]));
    return run(deps, actor, found.call, voice, true);
  });
}

/** A submitted form. */
export function dispatchForm(deps: Deps, asker: Asker, actionId: string, values: FormValues): Promise<Answer> {
  return answering(deps, asker, async (actor, voice) => {
    const filled = await fillForm(deps, actor, voice, actionId, values);
    if (filled.kind === "refused") return said(deps, actor, filled.reply);
    if (!("wrong" in filled.read)) return run(deps, actor, { verb: filled.command.verb, input: filled.read.input }, voice, false);
    const { wrong } = filled.read;
    const form = await showForm(deps, actor, filled.command, filled.input, voice, actionId);
    const fields = form.fields.map((field) => {
      const error = wrong[field.name];
      return error === undefined ? field : { ...field, error };
    });
    return { kind: "form-again", form: { ...form, fields } };
  });
}

/** The same form with its live notice for the values chosen so far; null when the form is gone, not the asker's, or has a wrong value. */
export async function refreshForm(deps: Deps, asker: Asker, actionId: string, values: FormValues): Promise<Form | null> {
  const actor = await findActor(deps, asker);
  if (!actor) return null;
  const voice = voiceOf(deps, actor);
  const filled = await fillForm(deps, actor, voice, actionId, values);
  if (filled.kind === "refused" || "wrong" in filled.read) return null;
  return showForm(deps, actor, filled.command, filled.read.input, voice, actionId);
}

/** At most 100 options whose label holds `typed`; none for someone who may not send. */
export async function listOptions(deps: Deps, asker: Asker, source: OptionSource, typed: string): Promise<Option[]> {
  const actor = await findActor(deps, asker);
  if (!actor || !may(rightsOf(actor), "send")) return [];
  switch (source) {
    case "departments":
      return (await listNames(deps.db, actor, "department", typed.slice(0, 100), MOST_OPTIONS)).map((name) => ({
        value: name,
        label: name,
      }));
  }
}

const rightsOf = (actor: Actor) => ({ linked: actor.user !== null, roles: actor.roles });

function voiceOf(deps: Deps, actor: Actor): Voice {
  return { t: wordsIn(actor.language), timeZone: actor.timeZone, now: deps.now() };
}

async function answering(deps: Deps, asker: Asker, work: (actor: Actor, voice: Voice) => Promise<Answer>): Promise<Answer> {
  try {
    const actor = await findActor(deps, asker);
    if (actor) return await work(actor, voiceOf(deps, actor));
    const { t } = { t: wordsIn(languageOf(asker.locale) ?? "en") };
    return { kind: "reply", reply: ready(plainReply("refused", [t.replies.stranger])), replace: false };
  } catch (error) {
    return { kind: "reply", reply: apologise(deps, error, asker.locale), replace: false };
  }
}

/** A reply that has no buttons to keep. */
function ready({ buttons: _none, ...reply }: Reply): ReadyReply {
  return reply;
}

const heardBy = ({ mailStopped, user, roles }: Actor) => ({ mailStopped, known: user !== null || roles.length > 0 });

/** Every reply to somebody we know goes out here. */
async function said(deps: Deps, actor: Actor, reply: Reply, replace = false): Promise<Answer> {
  const lines = [...reply.lines, ...sayMailOff(heardBy(actor), voiceOf(deps, actor))];
  return { kind: "reply", reply: await readyReply(deps, actor, { ...reply, lines }), replace };
}

/** Permission is asked for every call, wherever it comes from. `pressed`: the reply may take the place of the card it came from. */
async function run(deps: Deps, actor: Actor, call: Call, voice: Voice, pressed: boolean): Promise<Answer> {
  const command = findCommand(call.verb);
  const need = command?.needOf(call.input);
  if (!command || !need) return said(deps, actor, plainReply("refused", [voice.t.replies.staleButton]));
  if (!may(rightsOf(actor), need)) return said(deps, actor, sayNotAllowed(actor, command, voice));
  const answer = await command.answer(deps, actor, call.input, voice);
  if ("form" in answer) return { kind: "form", form: await showForm(deps, actor, command, answer.form, voice, undefined) };
  const { file } = answer.reply;
  const kept = file && { file: { ...file, again: await keepCall(deps, actor, call) } };
  // The switch itself says how it stands now; what was read before it was thrown no longer holds.
  const heard = command.verb === "mail" ? { ...actor, mailStopped: false } : actor;
  return said(deps, heard, { ...answer.reply, ...kept }, pressed && answer.replace === true);
}

async function keepCall(deps: Deps, actor: Actor, call: Call): Promise<string> {
  const id = deps.randomId(16);
  await saveActions(deps.db, actor.organisationId, actor.principalId, [{ id, call, once: false }]);
  return id;
}

function sayNotAllowed(actor: Actor, command: Command, { t }: Voice): Reply {
  const unknown = actor.user === null && actor.roles.length === 0;
  return plainReply(
    "refused",
    unknown ? [t.replies.notLinked, t.replies.notLinkedNext] : [t.replies.notAllowed({ verb: command.verb }), t.replies.notAllowedNext],
  );
}

type Opened = { kind: "call"; call: Call; once: boolean } | { kind: "stale" } | { kind: "foreign" };

async function openAction(deps: Deps, actor: Actor, actionId: string): Promise<Opened> {
  const row = await findAction(deps.db, actor.organisationId, actionId);
  if (!row) return { kind: "stale" };
  if (row.principalId !== actor.principalId) {
    await noteAudit(deps.db, { organisationId: actor.organisationId, principalId: actor.principalId, action: "foreign-button-refused" });
    return { kind: "foreign" };
  }
  if (row.expired) return { kind: "stale" };
  return { kind: "call", call: StoredCall.parse(row.call), once: row.once };
}

type Filled =
  | { kind: "refused"; reply: Reply }
  | { kind: "filled"; command: Command; input: unknown; read: { input: unknown } | { wrong: Record<string, string> } };

async function fillForm(deps: Deps, actor: Actor, voice: Voice, actionId: string, values: FormValues): Promise<Filled> {
  const t = voice.t.replies;
  const found = await openAction(deps, actor, actionId);
  if (found.kind !== "call")
    return { kind: "refused", reply: plainReply("refused", [found.kind === "stale" ? t.staleButton : t.foreignButton]) };
  const command = findCommand(found.call.verb);
  if (!command?.form) return { kind: "refused", reply: plainReply("refused", [t.staleButton]) };
  if (!may(rightsOf(actor), command.need)) return { kind: "refused", reply: sayNotAllowed(actor, command, voice) };
  return { kind: "filled", command, input: found.call.input, read: command.form.submit(values, found.call.input, voice) };
}

async function showForm(
  deps: Deps,
  actor: Actor,
  command: Command,
  input: unknown,
  voice: Voice,
  actionId: string | undefined,
): Promise<Form> {
  if (!command.form) throw new Error(`${command.verb} has no form`);
  const body = await command.form.build(deps, actor, input, voice);
  const id = actionId ?? deps.randomId(16);
  if (actionId === undefined)
    await saveActions(deps.db, actor.organisationId, actor.principalId, [{ id, call: { verb: command.verb, input }, once: false }]);
  const notice = [body.notice ?? "", ...sayMailOff(heardBy(actor), voice)].filter(Boolean).join(" ");
  return { ...body, notice: notice || null, actionId: id };
}
