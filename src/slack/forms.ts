/** A Form as a modal, and a modal's state as values. A field's name is its block id, so an error finds its way back. */
import type { types } from "@slack/bolt";
import { z } from "zod";
import type { Field, Form, FormValues, Option, OptionSource } from "../commands/form.ts";
import { cut } from "../wire/cut.ts";
import { LIMITS } from "./limits.ts";
import { plain } from "./present.ts";

export const FORM = "form";
/** A field whose change redraws the notice; fields with a list fetched as one types are `search:<source>`. */
export const FIELD = /^(field|search):/;

const OPTION_SOURCES: Record<OptionSource, true> = { departments: true };

/** `metadata` comes back with every press in the modal and its submit; at most 3000 characters. */
export function presentForm(form: Form, metadata: string = form.actionId): types.ModalView {
  const blocks: types.KnownBlock[] = form.fields.flatMap(presentField);
  if (form.notice !== null) blocks.push({ type: "section", block_id: "notice", text: plain(form.notice, LIMITS.text) });
  return {
    type: "modal",
    callback_id: FORM,
    private_metadata: metadata.length > LIMITS.privateMetadata ? form.actionId : metadata,
    title: plain(form.title, LIMITS.title),
    submit: plain(form.submit, LIMITS.title),
    close: plain(form.cancel, LIMITS.title),
    blocks: blocks.slice(0, LIMITS.viewBlocks),
  };
}

/** The errors of a form shown again, by block id; undefined where none stands at a field. */
export function presentErrors(form: Form): Record<string, string> | undefined {
  const errors = form.fields.flatMap(({ name, error }) => (error ? [[name, cut(error, LIMITS.label)] as const] : []));
  return errors.length === 0 ? undefined : Object.fromEntries(errors);
}

/** A value that is too long is left out rather than cut: cut, it would mean something else. */
export function presentOptions(options: Option[]): types.PlainTextOption[] {
  const fitting = options.filter(({ value }) => value.length <= LIMITS.optionValue).slice(0, LIMITS.options);
  return fitting.map(({ value, label }) => ({ text: plain(label, LIMITS.option), value }));
}

/** The list behind a search field's action id; undefined for an id that is not ours. */
export function sourceOf(actionId: string): OptionSource | undefined {
  const [kind, source = ""] = actionId.split(":");
  return kind === "search" && Object.hasOwn(OPTION_SOURCES, source) ? (source as OptionSource) : undefined;
}

function presentField(field: Field): types.KnownBlock[] {
  const element = presentElement(field);
  if (!element) return [];
  const input: types.InputBlock = {
    type: "input",
    block_id: field.name,
    label: plain(field.label, LIMITS.label),
    element,
    optional: !field.required,
    dispatch_action: field.kind !== "text",
    ...(field.hint ? { hint: plain(field.hint, LIMITS.label) } : {}),
  };
  return field.error ? [input, { type: "context", elements: [plain(`⚠ ${field.error}`, LIMITS.label)] }] : [input];
}

/** Undefined where there is nothing to choose from: Slack refuses an empty list. */
function presentElement(field: Field): types.InputBlockElement | undefined {
  const action_id = `field:${field.name}`;
  switch (field.kind) {
    case "text":
      return {
        type: "plain_text_input",
        action_id,
        max_length: Math.min(field.maxLength, LIMITS.inputLength),
        ...(field.value ? { initial_value: field.value.slice(0, Math.min(field.maxLength, LIMITS.inputLength)) } : {}),
      };
    case "choice": {
      const options = presentOptions(field.options);
      const chosen = options.find(({ value }) => value === field.value);
      return options.length === 0
        ? undefined
        : { type: "static_select", action_id, options, ...(chosen ? { initial_option: chosen } : {}) };
    }
    case "choices": {
      const options = presentOptions(field.options);
      const chosen = options.filter(({ value }) => field.values.includes(value ?? ""));
      return options.length === 0 ? undefined : { type: "multi_static_select", action_id, options, ...initially(chosen) };
    }
    case "search":
      return {
        type: "multi_external_select",
        action_id: `search:${field.source}`,
        min_query_length: 0,
        ...initially(presentOptions(field.values)),
      };
    case "toggle": {
      const options = presentOptions([{ value: "yes", label: field.label }]);
      return { type: "checkboxes", action_id, options, ...initially(field.value ? options : []) };
    }
  }
}

/** Slack refuses an empty list of what is chosen. */
function initially(chosen: types.PlainTextOption[]) {
  return chosen.length === 0 ? {} : { initial_options: chosen };
}

const Chosen = z.object({ value: z.string() });
const Element = z.discriminatedUnion("type", [
  z.object({ type: z.literal("plain_text_input"), value: z.string().nullish() }),
  z.object({ type: z.literal("static_select"), selected_option: Chosen.nullish() }),
  z.object({ type: z.literal("multi_static_select"), selected_options: z.array(Chosen).max(LIMITS.options) }),
  z.object({ type: z.literal("multi_external_select"), selected_options: z.array(Chosen).max(LIMITS.options) }),
  z.object({ type: z.literal("checkboxes"), selected_options: z.array(Chosen).max(LIMITS.options) }),
]);

/** A modal's `state.values`: block id → action id → what stands in the field. */
export const FormState = z.record(z.string(), z.record(z.string(), Element));
export type FormState = z.infer<typeof FormState>;

export function readForm(state: FormState): FormValues {
  const values = Object.entries(state).flatMap(([name, elements]) =>
    Object.values(elements).map((element) => [name, valueOf(element)] as const),
  );
  return Object.fromEntries(values);
}

function valueOf(element: z.infer<typeof Element>): FormValues[string] {
  switch (element.type) {
    case "plain_text_input":
      return element.value ?? "";
    case "static_select":
      return element.selected_option?.value ?? null;
    case "multi_static_select":
    case "multi_external_select":
      return element.selected_options.map(({ value }) => value);
    case "checkboxes":
      return element.selected_options.length > 0;
  }
}
