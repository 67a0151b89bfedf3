/** Selections under a name: `save weekly pending>7d`, then `bulk saved:weekly`. What is kept are the filters; who may be seen is decided when they are used. */
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { countAudience } from "../../db/sends.ts";
import { findSaved, listSaved, removeSaved, saveSelection } from "../../db/saved.ts";
import { findUnknownNames, type UnknownName } from "../../db/selection.ts";
import type { Selection } from "../../domain/filter.ts";
import { nearest } from "../../domain/nearest.ts";
import { SAVED_WORDS } from "../language/aliases.ts";
import type { Actor } from "../asker.ts";
import { audienceOf } from "./preview.ts";
import { command } from "../command.ts";
import { describeSelection } from "../language/describe-selection.ts";
import { MOST_TERMS, type Line } from "../language/parse.ts";
import { refuseFlags } from "../read-line.ts";
import type { Reply } from "../reply.ts";
import { plainReply, type Voice } from "../say.ts";
import { sayProblem, sayUnknownName } from "../say-problem.ts";
import { SelectionInput } from "../language/selection-input.ts";

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u;
const MOST_SHOWN = 50;

const SavedName = z.string().regex(NAME);
const nameOf = (text: string) => text.normalize("NFC").toLowerCase();

/** Puts the filters of `saved:…` into the line's selection, or says why it cannot. */
export async function expandSaved(deps: Deps, actor: Actor, line: Line, voice: Voice): Promise<Line | { missing: Reply }> {
  if (line.saved.length === 0) return line;
  const names = line.saved.map(nameOf);
  const found = new Map((await findSaved(deps.db, savedBy(actor), names)).map((row) => [row.name, row.selection]));
  const selection: Selection = [...line.selection];
  for (const name of names) {
    const saved = SelectionInput.safeParse(found.get(name));
    if (!saved.success) return { missing: await sayNoSuchSaved(deps, actor, name, voice) };
    selection.push(...saved.data);
  }
  if (selection.length > MOST_TERMS) return { missing: sayProblem({ kind: "too-long", limit: MOST_TERMS, unit: "filters" }, voice) };
  return { ...line, selection, saved: [] };
}

async function sayNoSuchSaved(deps: Deps, actor: Actor, name: string, { t }: Voice): Promise<Reply> {
  const all = await listSaved(deps.db, savedBy(actor), 1000);
  const near = nearest(
    name,
    all.map((each) => each.name),
  );
  return plainReply("refused", [
    t.replies.saved.unknown({ name }),
    ...(near === null ? [] : [t.replies.didYouMean({ suggestion: `saved:${near}` })]),
    t.replies.typeHelp,
  ]);
}

const Save = z.object({ name: SavedName, selection: SelectionInput.refine((terms) => terms.length > 0) });
type SaveOutcome =
  | { kind: "unknown-name"; unknown: UnknownName }
  | { kind: "taken"; name: string }
  | { kind: "saved" | "replaced"; name: string; selection: Selection; matched: number };

const savedBy = ({ organisationId, principalId, scope, roles }: Actor) => ({
  organisationId,
  principalId,
  scope,
  anyones: roles.includes("owner"),
});

async function save(deps: Deps, actor: Actor, { name, selection }: z.infer<typeof Save>): Promise<SaveOutcome> {
  const [unknown] = await findUnknownNames(deps.db, actor, selection);
  if (unknown) return { kind: "unknown-name", unknown };
  const kind = await saveSelection(deps.db, savedBy(actor), name, selection);
  if (kind === "taken") return { kind, name };
  await noteAudit(deps.db, { organisationId: actor.organisationId, principalId: actor.principalId, action: "selection-save" });
  const { matched } = await countAudience(deps.db, audienceOf(actor, { selection }), false);
  return { kind, name, selection, matched };
}

export const saveCommand = command({
  verb: "save",
  usage: ["save weekly department:Lager pending>7d"],
  input: Save,
  need: "send",
  read(line, voice) {
    const t = voice.t.replies.saved;
    const refused = refuseFlags(line, "save", [], voice);
    if (refused) return refused;
    const [word, ...rest] = line.words;
    const name = nameOf(word?.text ?? "");
    if (!NAME.test(name) || rest.length > 0)
      return { missing: plainReply("refused", [t.nameMissing({ example: "save weekly pending>7d" })]) };
    if (line.selection.length === 0) return { missing: plainReply("refused", [t.needsFilters({ example: `save ${name} pending>7d` })]) };
    return { input: { name, selection: line.selection } };
  },
  run: save,
  say(outcome, voice) {
    const t = voice.t.replies.saved;
    switch (outcome.kind) {
      case "unknown-name":
        return { reply: sayUnknownName(outcome.unknown, voice) };
      case "taken":
        return { reply: plainReply("refused", [t.taken({ name: outcome.name })]) };
      case "saved":
      case "replaced": {
        const term = `saved:${outcome.name}`;
        const selection = describeSelection(outcome.selection, voice.t);
        const said = outcome.kind === "saved" ? t.done({ term, selection }) : t.replaced({ term, selection });
        return { reply: plainReply("done", [said, t.matches({ count: outcome.matched, example: `bulk ${term}` })]) };
      }
    }
  },
});

const Saved = z.object({ remove: SavedName.nullable().default(null) });
type SavedOutcome =
  | { kind: "removed" | "not-removed"; name: string }
  | { kind: "list"; rows: { name: string; selection: Selection; by: string | null }[] };

async function saved(deps: Deps, actor: Actor, { remove }: z.infer<typeof Saved>): Promise<SavedOutcome> {
  if (remove === null) {
    const rows = await listSaved(deps.db, savedBy(actor), MOST_SHOWN);
    return { kind: "list", rows: rows.map((row) => ({ ...row, selection: SelectionInput.catch([]).parse(row.selection) })) };
  }
  const removed = await removeSaved(deps.db, savedBy(actor), remove);
  if (removed)
    await noteAudit(deps.db, { organisationId: actor.organisationId, principalId: actor.principalId, action: "selection-remove" });
  return { kind: removed ? "removed" : "not-removed", name: remove };
}

export const savedCommand = command({
  verb: "saved",
  usage: ["saved", "saved remove weekly"],
  input: Saved,
  need: "send",
  read(line, voice) {
    const refused = refuseFlags(line, "saved", [], voice);
    if (refused) return refused;
    const [verb, name, ...rest] = line.words.map((word) => word.text);
    if (verb === undefined) return { input: {} };
    if (name === undefined || rest.length > 0 || !SAVED_WORDS.find(verb))
      return { missing: plainReply("refused", [voice.t.replies.saved.nameMissing({ example: "saved remove weekly" })]) };
    const input = Saved.safeParse({ remove: nameOf(name) });
    return input.success
      ? { input: input.data }
      : { missing: plainReply("refused", [voice.t.replies.saved.nameMissing({ example: "saved remove weekly" })]) };
  },
  run: saved,
  say(outcome, voice) {
    const t = voice.t.replies.saved;
    switch (outcome.kind) {
      case "removed":
        return { reply: plainReply("done", [t.removed({ name: outcome.name })]) };
      case "not-removed":
        return { reply: plainReply("refused", [t.notRemoved({ name: outcome.name })]) };
      case "list": {
        if (outcome.rows.length === 0) return { reply: plainReply("info", [t.none({ example: "save weekly pending>7d" })]) };
        const rows = outcome.rows.map((row) => ({
          title: `saved:${row.name}`,
          detail: [describeSelection(row.selection, voice.t), ...(row.by === null ? [] : [row.by])].join(" · "),
        }));
        return { reply: { tone: "info", lines: [t.list({ count: rows.length })], items: { rows, more: 0 }, personal: true } };
      }
    }
  },
});
