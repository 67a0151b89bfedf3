/** A Form as a card of inputs, and what the inputs hold as values. An input's id is the field's kind and name, because Teams sends every value as text. */
import type { Field, Form, FormValues, Option, OptionSource } from "../commands/form.ts";
import { cut } from "../wire/cut.ts";
import { LIMITS } from "./limits.ts";
import { type AdaptiveCard, cardOf, CARD_TYPE, DATA, type Element, plain, type TeamsMessage } from "./present.ts";

const OPTION_SOURCES: Record<OptionSource, true> = { departments: true };

/** A dialog, as `task/fetch` is answered with it. */
export type Dialog = { title: string; height: "large"; width: "medium"; card: { contentType: string; content: AdaptiveCard } };

/** Choices to begin with, before anything is typed. */
export type Suggestions = Partial<Record<OptionSource, Option[]>>;

export function presentForm(form: Form, suggestions: Suggestions = {}): Dialog {
  return presentDialog(form.title, presentFormCard(form, suggestions));
}

export function presentDialog(title: string, content: AdaptiveCard): Dialog {
  return { title: cut(title, LIMITS.title), height: "large", width: "medium", card: { contentType: CARD_TYPE, content } };
}

/** A form in the chat itself, where its buttons are answered by the next card. */
export function presentFormMessage(form: Form, suggestions: Suggestions): TeamsMessage {
  const content = presentFormCard(form, suggestions, "chat");
  return { type: "message", summary: cut(form.title, LIMITS.fallback), attachments: [{ contentType: CARD_TYPE, content }] };
}

/** The live count is asked for by a button of its own: Teams tells nothing while a form is filled in. A dialog knows no Action.Execute. */
export function presentFormCard(form: Form, suggestions: Suggestions = {}, place: "dialog" | "chat" = "dialog"): AdaptiveCard {
  const button = (title: string, does: "submit" | "refresh", look: object = {}): Element => ({
    ...(place === "dialog" ? { type: "Action.Submit" } : { type: "Action.Execute", verb: does }),
    title: cut(title, LIMITS.button),
    data: { [DATA.actionId]: form.actionId, [DATA.does]: does },
    ...look,
  });
  const again = form.refresh ? [button(form.refresh, "refresh")] : [];
  const notice = form.notice === null ? [] : [{ ...plain(form.notice, LIMITS.text, { weight: "Bolder" }), id: "notice", separator: true }];
  return {
    ...cardOf(form.title, [...form.fields.flatMap((field) => presentField(field, suggestions)), ...notice]),
    actions: [button(form.submit, "submit", { style: "positive" }), ...again],
  };
}

/** The form with what was typed in its fields: a drawn card forgets it. */
export function keepValues(form: Form, values: FormValues): Form {
  return { ...form, fields: form.fields.map((field) => keepValue(field, values[field.name])) };
}

function keepValue(field: Field, value: FormValues[string] | undefined): Field {
  if (value === undefined) return field;
  switch (field.kind) {
    case "text":
      return typeof value === "string" ? { ...field, value } : field;
    case "choice":
      return typeof value === "string" || value === null ? { ...field, value } : field;
    case "choices":
      return Array.isArray(value) ? { ...field, values: value } : field;
    case "search": {
      const labelOf = (name: string) => field.values.find((option) => option.value === name)?.label ?? name;
      return Array.isArray(value) ? { ...field, values: value.map((name) => ({ value: name, label: labelOf(name) })) } : field;
    }
    case "toggle":
      return typeof value === "boolean" ? { ...field, value } : field;
  }
}

/** As a typeahead shows it. */
export function presentOptions(options: Option[]): { title: string; value: string }[] {
  return options.slice(0, LIMITS.options).map(({ value, label }) => ({ title: cut(label, LIMITS.option), value: encodeChoice(value) }));
}

/** The list behind a typeahead's dataset; undefined for one that is not ours. */
export function sourceOf(dataset: string): OptionSource | undefined {
  return Object.hasOwn(OPTION_SOURCES, dataset) ? (dataset as OptionSource) : undefined;
}

/** Teams joins what is chosen with commas, which names may hold too. */
function encodeChoice(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

function decodeChoice(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function presentField(field: Field, suggestions: Suggestions): Element[] {
  const label = cut(field.required ? `${field.label} *` : field.label, LIMITS.label);
  const input = { id: `${field.kind}:${field.name}`, label, ...presentInput(field, suggestions) };
  return [
    input,
    ...(field.hint ? [plain(field.hint, LIMITS.label, { isSubtle: true, size: "Small" })] : []),
    ...(field.error ? [plain(`⚠ ${field.error}`, LIMITS.label, { color: "Attention", weight: "Bolder" })] : []),
  ];
}

function presentInput(field: Field, suggestions: Suggestions): Element {
  const chosen = (values: string[]) => (values.length > 0 ? { value: values.map(encodeChoice).join(",") } : {});
  switch (field.kind) {
    case "text":
      return { type: "Input.Text", maxLength: Math.min(field.maxLength, LIMITS.inputLength), value: field.value };
    case "choice":
      return {
        type: "Input.ChoiceSet",
        style: "compact",
        choices: presentOptions(field.options),
        ...chosen(field.value === null ? [] : [field.value]),
      };
    case "choices":
      return {
        type: "Input.ChoiceSet",
        style: "compact",
        isMultiSelect: true,
        choices: presentOptions(field.options),
        ...chosen(field.values),
      };
    case "search":
      return {
        type: "Input.ChoiceSet",
        style: "filtered",
        isMultiSelect: true,
        choices: presentOptions(withSuggestions(field.values, suggestions[field.source] ?? [])),
        "choices.data": { type: "Data.Query", dataset: field.source },
        ...chosen(field.values.map(({ value }) => value)),
      };
    case "toggle":
      return { type: "Input.Toggle", title: field.label, value: String(field.value) };
  }
}

function withSuggestions(chosen: Option[], suggested: Option[]): Option[] {
  return [...chosen, ...suggested.slice(0, LIMITS.suggestions).filter(({ value }) => chosen.every((each) => each.value !== value))];
}

const INPUT = /^(text|choice|choices|search|toggle):(.{1,100})$/;

/** What the inputs of a card hold, by field name; everything else in the data is not a field's. */
export function readForm(data: Record<string, unknown>): FormValues {
  const values = Object.entries(data).flatMap(([id, value]) => {
    const [, kind, name] = INPUT.exec(id) ?? [];
    return kind === undefined || name === undefined ? [] : [[name, valueOf(kind as Field["kind"], asText(value))] as const];
  });
  return Object.fromEntries(values);
}

function asText(value: unknown): string {
  return typeof value === "string" || typeof value === "boolean" ? String(value).slice(0, 10_000) : "";
}

function valueOf(kind: Field["kind"], text: string): FormValues[string] {
  switch (kind) {
    case "text":
      return text;
    case "choice":
      return text === "" ? null : decodeChoice(text);
    case "choices":
    case "search":
      return text
        .split(",")
        .flatMap((part) => (part === "" ? [] : [decodeChoice(part)]))
        .slice(0, LIMITS.options);
    case "toggle":
      return text === "true";
  }
}
