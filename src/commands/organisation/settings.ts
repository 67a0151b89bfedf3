import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { inTransaction } from "../../db/client.ts";
import { changeSettings, getSettings, isZoneOfDatabase } from "../../db/organisations.ts";
import { nearest } from "../../domain/nearest.ts";
import { SETTING_BOUNDS, SETTING_NAMES, type SettingName, type Settings } from "../../domain/settings.ts";
import { LANGUAGES } from "../../domain/user.ts";
import { SETTING_WORDS } from "../language/aliases.ts";
import type { Actor } from "../asker.ts";
import { command, type CommandForm, type Read } from "../command.ts";
import type { Field, FormValues } from "../form.ts";
import type { Line } from "../language/parse.ts";
import { refuseFlags } from "../read-line.ts";
import { readSetting, SETTING_EXAMPLES, unknownZone, type SettingProblem } from "./read-setting.ts";
import type { Button, Reply } from "../reply.ts";
import { plainReply, type Voice } from "../say.ts";

const within = ({ least, most }: { least: number; most: number }) => z.number().int().min(least).max(most);
const Time = z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/);
const All = z.object({
  approvalOver: within(SETTING_BOUNDS["approval-over"]),
  leaverDays: within(SETTING_BOUNDS["leaver-days"]),
  remindFrom: Time,
  remindUntil: Time,
  timeZone: z.string().max(100),
  language: z.enum(LANGUAGES),
});
const SettingsInput = z.object({
  change: All.partial().default({}),
  ask: z.boolean().default(false),
  /** What the form was opened with: only what was changed in it is written. */
  shown: All.nullable().default(null),
});
type SettingsInput = z.infer<typeof SettingsInput>;

type SettingsOutcome =
  | { kind: "shown"; organisation: string; settings: Settings }
  | { kind: "ask"; settings: Settings }
  | { kind: "unknown-zone"; found: string }
  | { kind: "changed"; changes: { name: SettingName; from: Settings; to: Settings }[] };

/** Shows the settings, or changes some of them; what each was and is gets noted. */
async function settings(deps: Deps, actor: Actor, { change, ask }: SettingsInput): Promise<SettingsOutcome> {
  const { organisationId, principalId } = actor;
  if (ask || Object.values(change).every((value) => value === undefined)) {
    const found = await getSettings(deps.db, organisationId);
    return ask ? { kind: "ask", settings: found } : { kind: "shown", organisation: actor.organisationName, settings: found };
  }
  const { timeZone } = change;
  if (timeZone !== undefined && !(await isZoneOfDatabase(deps.db, timeZone))) return { kind: "unknown-zone", found: timeZone };
  const changes = await inTransaction(deps.db, async (tx) => {
    const { before, after } = await changeSettings(tx, organisationId, change);
    const changed = SETTING_NAMES.filter((name) => written(name, before) !== written(name, after));
    for (const name of changed) {
      const detail = { setting: name, from: written(name, before), to: written(name, after) };
      await noteAudit(tx, { organisationId, principalId, action: "settings", detail });
    }
    return changed.map((name) => ({ name, from: before, to: after }));
  });
  return { kind: "changed", changes };
}

/** A setting's value as it is typed. */
function written(name: SettingName, settings: Settings): string {
  switch (name) {
    case "approval-over":
      return String(settings.approvalOver);
    case "leaver-days":
      return String(settings.leaverDays);
    case "reminders":
      return `${settings.remindFrom}-${settings.remindUntil}`;
    case "time-zone":
      return settings.timeZone;
    case "language":
      return settings.language;
  }
}

function sayValue(name: SettingName, settings: Settings, voice: Voice): string {
  const t = voice.t.replies;
  switch (name) {
    case "approval-over":
      return t.settings.users({ count: new Intl.NumberFormat(voice.t.locale).format(settings.approvalOver) });
    case "leaver-days":
      return voice.t.replies.days({ count: settings.leaverDays });
    case "reminders":
      return `${settings.remindFrom}–${settings.remindUntil}`;
    case "time-zone":
      return settings.timeZone;
    case "language":
      return t.languageNames[settings.language] ?? settings.language;
  }
}

const exampleOf = (name: SettingName): string => `settings ${name} ${SETTING_EXAMPLES[name]}`;

function sayProblem(name: SettingName, problem: SettingProblem, { t }: Voice): string[] {
  const words = t.replies;
  const lines = [words.badValue({ found: problem.found, example: exampleOf(name) })];
  switch (problem.kind) {
    case "not-a-number":
      return [...lines, words.settings.bounds({ least: problem.least, most: new Intl.NumberFormat(t.locale).format(problem.most) })];
    case "not-hours":
      return [...lines, words.settings.hours];
    case "unknown":
      if (problem.suggestion !== null) lines.push(words.didYouMean({ suggestion: problem.suggestion }));
      return problem.allowed.length > 0 ? [...lines, words.allowedValues({ values: problem.allowed.join(", ") })] : lines;
  }
}

function saySettings(outcome: Exclude<SettingsOutcome, { kind: "ask" }>, voice: Voice): Reply {
  const t = voice.t.replies;
  const change: Button = { label: t.settings.change, style: "plain", opens: "form", call: { verb: "settings", input: { ask: true } } };
  switch (outcome.kind) {
    case "shown": {
      const facts = SETTING_NAMES.map((name) => ({ label: t.settings.labels[name], value: sayValue(name, outcome.settings, voice) }));
      const lines = [t.settings.headline({ organisation: outcome.organisation }), t.settings.howTo];
      return { tone: "info", lines, facts, code: SETTING_NAMES.map(exampleOf), buttons: [change], personal: false };
    }
    case "unknown-zone":
      return plainReply("refused", [...sayProblem("time-zone", unknownZone(outcome.found), voice), t.typeHelp]);
    case "changed": {
      const said = outcome.changes.map(({ name, from, to }) =>
        t.settings.changed({ label: t.settings.labels[name], from: sayValue(name, from, voice), to: sayValue(name, to, voice) }),
      );
      const reply = said.length === 0 ? plainReply("info", [t.settings.same]) : plainReply("done", said);
      return { ...reply, buttons: [change] };
    }
  }
}

function read(line: Line, voice: Voice): Read {
  const t = voice.t.replies;
  const refused = refuseFlags(line, "settings", [], voice);
  if (refused) return refused;
  const [word, ...rest] = line.words.map(({ text }) => text);
  if (word === undefined) return { input: {} };
  const no = (...lines: string[]): Read => ({ missing: plainReply("refused", [...lines, t.typeHelp]) });
  const name = SETTING_WORDS.find(word);
  if (name === undefined) {
    const suggestion = nearest(word, SETTING_WORDS.all);
    const meant = suggestion === null ? [] : [t.didYouMean({ suggestion })];
    return no(t.settings.unknown({ found: word }), ...meant, t.allowedValues({ values: SETTING_NAMES.join(", ") }));
  }
  if (rest.length === 0) return no(t.missingValue({ found: name, example: exampleOf(name) }));
  const value = readSetting(name, rest.join(" "));
  return "problem" in value ? no(...sayProblem(name, value.problem, voice)) : { input: { change: value.change } };
}

const form: CommandForm = {
  async build(deps, actor, input, voice) {
    const t = voice.t.replies;
    const shown = SettingsInput.parse(input).shown ?? (await getSettings(deps.db, actor.organisationId));
    const fields = SETTING_NAMES.map((name): Field => {
      const field = { name, label: t.settings.labels[name], required: true };
      if (name !== "language") return { ...field, kind: "text", value: written(name, shown), maxLength: 100, hint: SETTING_EXAMPLES[name] };
      const options = LANGUAGES.map((value) => ({ value, label: t.languageNames[value] ?? value }));
      return { ...field, kind: "choice", options, value: shown.language };
    });
    return { title: t.settings.title, submit: t.settings.save, cancel: t.form.cancel, fields, notice: null };
  },
  submit(values: FormValues, input, voice) {
    const { shown } = SettingsInput.parse(input);
    const change: Partial<Settings> = {};
    const wrong: Record<string, string> = {};
    for (const name of SETTING_NAMES) {
      const value = values[name];
      const found = readSetting(name, typeof value === "string" ? value : "");
      if ("problem" in found) wrong[name] = sayProblem(name, found.problem, voice).join(" ");
      else if (!shown || written(name, { ...shown, ...found.change }) !== written(name, shown)) Object.assign(change, found.change);
    }
    return Object.keys(wrong).length > 0 ? { wrong } : { input: { change } };
  },
};

export const settingsCommand = command({
  verb: "settings",
  usage: ["settings", ...SETTING_NAMES.map(exampleOf)],
  input: SettingsInput,
  need: "own",
  read,
  run: settings,
  say: (outcome, voice) =>
    outcome.kind === "ask" ? { form: { ask: true, shown: outcome.settings } } : { reply: saySettings(outcome, voice), replace: true },
  form,
});
