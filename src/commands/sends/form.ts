/** The bulk form: the filters that cover most sends, with a live count. Other filters of a selection are kept as they are. */
import { and } from "drizzle-orm";
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { countAudience } from "../../db/sends.ts";
import { listNames } from "../../db/parts.ts";
import { selectionWhere } from "../../db/selection.ts";
import { inScope } from "../../db/users.ts";
import type { Selection, Term } from "../../domain/filter.ts";
import type { Actor } from "../asker.ts";
import type { CommandForm, FormBody } from "../command.ts";
import type { Field, FormValues, Option } from "../form.ts";
import { SelectionInput } from "../language/selection-input.ts";
import type { Voice } from "../say.ts";

const MOST_OPTIONS = 100;

const FORM_KEYS = ["company", "department", "office", "role", "status", "connection"] as const;
type FormKey = (typeof FORM_KEYS)[number];

const Filled = z.object({ selection: SelectionInput.default([]) }).loose();

const option = (value: string): Option => ({ value, label: value });
const ANY = "any";

function valuesOf(selection: Selection, key: FormKey): string[] {
  const term = selection.find((each) => each.key === key && !each.not);
  return term && "values" in term ? term.values : [];
}

async function build(deps: Deps, actor: Actor, input: unknown, voice: Voice): Promise<FormBody> {
  const t = voice.t.replies;
  const { selection } = Filled.parse(input);
  const [companies, offices, roles] = await Promise.all([
    listNames(deps.db, actor, "company", "", MOST_OPTIONS),
    listNames(deps.db, actor, "office", "", MOST_OPTIONS),
    listNames(deps.db, actor, "role", "", MOST_OPTIONS),
  ]);
  const choices = (name: FormKey, label: string, names: string[]): Field[] => {
    const chosen = valuesOf(selection, name);
    const options = [...new Set([...names, ...chosen])].slice(0, MOST_OPTIONS).map(option);
    return options.length === 0 ? [] : [{ kind: "choices", name, label, required: false, options, values: chosen }];
  };
  const choice = (name: FormKey, label: string, options: Option[]): Field => {
    const [value = ANY] = valuesOf(selection, name);
    return { kind: "choice", name, label, required: false, options: [{ value: ANY, label: t.form.any }, ...options], value };
  };
  const fields: Field[] = [
    ...choices("company", t.form.company, companies),
    {
      kind: "search",
      name: "department",
      label: t.form.department,
      hint: t.form.departmentHint,
      required: false,
      source: "departments",
      values: valuesOf(selection, "department").map(option),
    },
    ...choices("office", t.form.office, offices),
    ...choices("role", t.form.role, roles),
    choice("status", t.form.status, [
      { value: "active", label: t.form.active },
      { value: "inactive", label: t.form.inactive },
    ]),
    choice(
      "connection",
      t.form.connection,
      (["pending", "connected", "no-address", "deactivated"] as const).map((value) => ({ value, label: t.connections[value] })),
    ),
  ];
  const seen = inScope(actor.organisationId, actor.scope);
  const counts = await countAudience(deps.db, and(seen, selectionWhere(actor.organisationId, selection)) ?? seen, false);
  return {
    title: t.form.bulkTitle,
    submit: t.form.preview,
    cancel: t.form.cancel,
    fields,
    notice: t.form.count(counts),
    refresh: t.form.refresh,
  };
}

/** The chosen values over the selection the form was opened with: what the form does not show stays. */
function submit(values: FormValues, input: unknown): { input: unknown } {
  const filled = Filled.parse(input);
  const kept = filled.selection.filter((term) => term.not || !FORM_KEYS.some((key) => key === term.key));
  const chosen = FORM_KEYS.flatMap((key): Term[] => {
    const value = values[key];
    const list = (Array.isArray(value) ? value : [value]).filter(
      (each): each is string => typeof each === "string" && each !== "" && each !== ANY,
    );
    return list.length === 0 ? [] : [{ not: false, key, values: list } as Term];
  });
  return { input: { ...filled, selection: SelectionInput.parse([...kept, ...chosen]), ask: false } };
}

export const previewForm: CommandForm = { build, submit };
