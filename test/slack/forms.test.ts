import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIELD_KINDS, type Field, type Form } from "../../src/commands/form.ts";
import { FormState, presentErrors, presentForm, presentOptions, readForm, sourceOf } from "../../src/slack/forms.ts";
import { LIMITS } from "../../src/slack/limits.ts";

const option = (value: string) => ({ value, label: value });
const shared = { label: "Label", required: false };
const FIELDS: Record<Field["kind"], Field> = {
  text: { ...shared, kind: "text", name: "reason", value: "Lost mail", maxLength: 500, hint: "Why?" },
  choice: { ...shared, kind: "choice", name: "status", options: ["any", "active"].map(option), value: "any" },
  choices: { ...shared, kind: "choices", name: "company", options: ["Nord", "Syd"].map(option), values: ["Syd"] },
  search: { ...shared, kind: "search", name: "department", source: "departments", values: [option("Lager")] },
  toggle: { ...shared, kind: "toggle", name: "force", value: true },
};

const form = (over: Partial<Form> = {}): Form => ({
  actionId: "f1",
  title: "Send verification mails",
  submit: "Preview",
  cancel: "Cancel",
  fields: FIELD_KINDS.map((kind) => FIELDS[kind]),
  notice: "143 users match.",
  ...over,
});

type Block = { type: string; block_id?: string; element?: Record<string, unknown> };
const blocksOf = (shown: Form) => presentForm(shown).blocks as Block[];

describe("presentForm", () => {
  it("shows every kind of field", () => {
    expect(presentForm(form())).toMatchSnapshot();
  });

  it("gives the row its submit answers to back to us", () => {
    expect(presentForm(form()).private_metadata).toBe("f1");
    expect(presentForm(form(), "f1\nhttps://hooks.slack.com/x").private_metadata).toContain("hooks");
    expect(presentForm(form(), "f1\n".padEnd(4000, "x")).private_metadata).toBe("f1");
  });

  it("draws the notice again when a list changes, not on every letter", () => {
    const redrawn = (presentForm(form()).blocks as (Block & { dispatch_action?: boolean })[]).filter(
      ({ dispatch_action }) => dispatch_action,
    );
    expect(redrawn.map(({ block_id }) => block_id)).toEqual(["status", "company", "department", "force"]);
  });

  it("leaves out a list with nothing in it, which Slack would refuse", () => {
    const empty = { ...FIELDS.choices, options: [], values: [] } as Field;
    expect(blocksOf(form({ fields: [empty], notice: null }))).toEqual([]);
  });

  it("stays within Slack's limits whatever is asked", () => {
    const long = "ö".repeat(4000);
    const options = [option(long), ...Array.from({ length: 300 }, (_, n) => ({ value: String(n), label: long }))];
    const view = presentForm(
      form({
        title: long,
        submit: long,
        cancel: long,
        notice: long,
        fields: [
          { ...FIELDS.text, label: long, hint: long, value: long } as Field,
          { ...FIELDS.choice, options, value: "250" } as Field,
          { ...FIELDS.choices, options, values: options.map(({ value }) => value) } as Field,
        ],
      }),
    );
    expect([view.title.text.length, view.submit?.text.length, view.close?.text.length]).toEqual([24, 24, 24]);
    const [text, choice, choices] = view.blocks as Required<Block>[];
    expect(String(text?.element["initial_value"]).length).toBe(500);
    expect(choice?.element["options"]).toHaveLength(LIMITS.options);
    expect(choice?.element).not.toHaveProperty("initial_option");
    expect(choices?.element["initial_options"]).toEqual(choices?.element["options"]);
  });

  it("shows an error at its field, and gives Slack the errors by field", () => {
    const wrong = form({ fields: [{ ...FIELDS.text, error: "Too short" }, FIELDS.toggle] });
    expect(JSON.stringify(presentForm(wrong))).toContain("⚠ Too short");
    expect(presentErrors(wrong)).toEqual({ reason: "Too short" });
    expect(presentErrors(form())).toBeUndefined();
  });
});

describe("readForm", () => {
  it("reads every kind of field by its name", () => {
    const state = FormState.parse({
      reason: { "field:reason": { type: "plain_text_input", value: "Lost mail" } },
      status: { "field:status": { type: "static_select", selected_option: { text: {}, value: "any" } } },
      company: { "field:company": { type: "multi_static_select", selected_options: [{ value: "Syd" }] } },
      department: { "search:departments": { type: "multi_external_select", selected_options: [] } },
      force: { "field:force": { type: "checkboxes", selected_options: [{ value: "yes" }] } },
    });
    expect(readForm(state)).toEqual({ reason: "Lost mail", status: "any", company: ["Syd"], department: [], force: true });
  });

  it("reads fields that nobody touched", () => {
    const state = FormState.parse({
      reason: { "field:reason": { type: "plain_text_input", value: null } },
      status: { "field:status": { type: "static_select", selected_option: null } },
      force: { "field:force": { type: "checkboxes", selected_options: [] } },
    });
    expect(readForm(state)).toEqual({ reason: "", status: null, force: false });
  });

  it("gives back what presentForm showed", () => {
    const name = fc.stringMatching(/^[a-z]{1,20}$/);
    const chosen = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 70 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(name, chosen, fc.nat(), (name, values, pick) => {
        const some = values.filter((_, n) => n % 2 === pick % 2);
        const shown = form({ fields: [{ ...shared, kind: "choices", name, options: values.map(option), values: some }], notice: null });
        const [block] = blocksOf(shown);
        const element = { type: String(block?.element?.["type"]), selected_options: block?.element?.["initial_options"] ?? [] };
        expect(readForm(FormState.parse({ [name]: { [String(block?.element?.["action_id"])]: element } }))).toEqual({ [name]: some });
      }),
    );
  });

  it.each([["a string"], [{ a: "b" }], [{ a: { b: { type: "surprise" } } }], [{ a: { b: { type: "checkboxes" } } }]])(
    "refuses %j",
    (state) => {
      expect(FormState.safeParse(state).success).toBe(false);
    },
  );
});

it("offers at most 100 options, and knows its own lists", () => {
  expect(presentOptions(Array.from({ length: 200 }, (_, n) => option(String(n))))).toHaveLength(100);
  expect(sourceOf("search:departments")).toBe("departments");
  expect(sourceOf("search:constructor")).toBeUndefined();
  expect(sourceOf("field:departments")).toBeUndefined();
});
