import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FIELD_KINDS, Field, Form } from "../../src/commands/form.ts";
import { TONES, type ReadyReply } from "../../src/commands/reply.ts";
import { keepValues, presentForm, presentFormCard, readForm } from "../../src/teams/forms.ts";
import { LIMITS } from "../../src/teams/limits.ts";
import { presentCard, presentReply } from "../../src/teams/present.ts";
import { nodesOf, textOf } from "../support/fake-teams.ts";

type Official = {
  AdaptiveCard: new () => {
    parse(card: object, context: unknown): void;
    validateProperties(): { validationEvents: { message: string }[] };
  };
  SerializationContext: new (version: unknown) => { eventCount: number; getEventAt(at: number): { message: string } };
  Versions: { v1_5: unknown };
};
const require = createRequire(import.meta.url);
const official = require("adaptivecards/dist/adaptivecards.js") as Official;

/** What the official library has to say against a card, by the version it claims. */
function complaints(card: object): string[] {
  const context = new official.SerializationContext(official.Versions.v1_5);
  const parsed = new official.AdaptiveCard();
  parsed.parse(structuredClone(card), context);
  const events = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message);
  return [...events, ...parsed.validateProperties().validationEvents.map(({ message }) => message)];
}

const sizeOf = (card: object) => Buffer.byteLength(JSON.stringify(card));

const everything: ReadyReply = {
  tone: "warning",
  lines: ["B-117: 143 users match.", "96 will get mail."],
  facts: [{ label: "Department", value: "Lager" }],
  items: { rows: [{ title: "Anna Berg", detail: "a***@acme.example" }], more: 4 },
  code: ["verify bulk department:Lager"],
  progress: { done: 61, total: 96 },
  buttons: [
    { label: "Send 96", style: "primary", actionId: "a1", confirm: { title: "Send?", text: "96 mails.", yes: "Send", no: "Not now" } },
    { label: "Change", style: "plain", actionId: "a2", opens: "form" },
    { label: "Cancel", style: "danger", actionId: "a3" },
    { label: "Login page", style: "plain", url: "https://login.example" },
  ],
  personal: false,
};

const fields: Record<(typeof FIELD_KINDS)[number], Field> = {
  text: { kind: "text", name: "email", label: "Email", required: true, value: "", maxLength: 254, error: "Not an address." },
  choice: { kind: "choice", name: "status", label: "Status", required: false, options: [{ value: "any", label: "Any" }], value: "any" },
  choices: {
    kind: "choices",
    name: "office",
    label: "Office",
    required: false,
    options: [
      { value: "Malmö, C", label: "Malmö, C" },
      { value: "50 %", label: "50 %" },
    ],
    values: ["Malmö, C", "50 %"],
  },
  search: {
    kind: "search",
    name: "department",
    label: "Department",
    hint: "A part of it",
    required: false,
    source: "departments",
    values: [],
  },
  toggle: { kind: "toggle", name: "force", label: "Skip the waiting time", required: false, value: true },
};
const form: Form = {
  actionId: "f1",
  title: "Send to many",
  submit: "Preview",
  cancel: "Cancel",
  fields: Object.values(fields),
  notice: "143 users match.",
  refresh: "Count again",
};

describe("a reply as a card", () => {
  it.each(TONES)("is a valid card of version 1.5 with its words for old clients: %s", (tone) => {
    const card = presentCard({ ...everything, tone });
    expect(complaints(card)).toEqual([]);
    expect(card).toMatchObject({ version: "1.5", fallbackText: "B-117: 143 users match.\n96 will get mail." });
  });

  it("shows all it says", () => {
    const text = textOf(presentCard(everything));
    for (const part of ["B-117: 143 users match.", "96 will get mail.", "Department", "Lager", "Anna Berg", "a***@acme.example", "… +4"])
      expect(text).toContain(part);
    expect(text).toContain("▰▰▰▰▰▰▰▰▰▰▰▰▱▱▱▱▱▱▱▱  63 %");
    expect(text).toContain("verify bulk department:Lager");
  });

  it("stays under the size Teams takes, and counts the rows it leaves out", () => {
    const rows = Array.from({ length: 50 }, (_, at) => ({ title: `Person ${at} ${"ä".repeat(180)}`, detail: "😀".repeat(190) }));
    const card = presentCard({ ...everything, items: { rows, more: 100 } });
    expect(sizeOf(card)).toBeLessThanOrEqual(LIMITS.cardBytes);
    const shown = textOf(card).split("• ").length - 1;
    expect(shown).toBeGreaterThan(5);
    expect(textOf(card)).toContain(`… +${150 - shown}`);
  });

  it("stays under it whatever it is made of", () => {
    const text = fc.string({ unit: "binary", maxLength: 4000 });
    const reply = fc.record({
      lines: fc.array(text, { minLength: 1, maxLength: 30 }),
      code: fc.array(text, { maxLength: 20 }),
      facts: fc.array(fc.record({ label: text, value: text }), { maxLength: 20 }),
      items: fc.record({ rows: fc.array(fc.record({ title: text, detail: text }), { maxLength: 60 }), more: fc.nat() }),
    });
    fc.assert(
      fc.property(reply, (parts) => {
        const { attachments } = presentReply({ ...everything, ...parts });
        expect(sizeOf(attachments[0]?.content ?? {})).toBeLessThanOrEqual(25_000);
      }),
      { numRuns: 40 },
    );
  });

  it("has no element that reads markup", () => {
    const types = new Set(nodesOf(presentCard(everything)).map(({ type }) => type));
    for (const markup of ["TextBlock", "FactSet"]) expect(types).not.toContain(markup);
  });
});

describe("a form as a dialog", () => {
  it("is a valid card under the size Teams takes", () => {
    const card = presentFormCard(form, { departments: [{ value: "Lager", label: "Lager" }] });
    // Teams knows this one property of 1.6 in cards of 1.5, and refuses to show cards of 1.6.
    expect(complaints(card)).toEqual([expect.stringMatching(/^Property "choices\.data" is supported in version 1\.6/)]);
    expect(presentForm(form)).toMatchObject({ title: "Send to many", card: { contentType: "application/vnd.microsoft.card.adaptive" } });
    expect(textOf(presentFormCard(form))).toContain("⚠ Not an address.");
  });

  it("gives back what stands in its inputs, also where a name has a comma", () => {
    const inputs = nodesOf(presentFormCard(form)).filter(({ type }) => String(type).startsWith("Input."));
    const data = Object.fromEntries(inputs.map((input) => [String(input["id"]), input["value"] ?? ""]));
    expect(readForm({ ...data, actionId: "f1", does: "submit" })).toEqual({
      email: "",
      status: "any",
      office: ["Malmö, C", "50 %"],
      department: [],
      force: true,
    });
  });

  it("reads what Teams sends for inputs nobody touched", () => {
    expect(
      readForm({ "toggle:force": "false", "choices:office": "", "choice:status": undefined, "text:email": null, "search:department": "%" }),
    ).toEqual({
      force: false,
      office: [],
      status: null,
      email: "",
      department: ["%"],
    });
  });

  it("keeps what was typed when it is drawn again", () => {
    const values = { email: "anna@", status: null, office: ["50 %"], department: ["Lager, norr"], force: false };
    const inputs = nodesOf(presentFormCard(keepValues(form, values))).filter(({ type }) => String(type).startsWith("Input."));
    expect(readForm(Object.fromEntries(inputs.map((input) => [String(input["id"]), input["value"]])))).toEqual(values);
  });
});
