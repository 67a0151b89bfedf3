import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIELD_KINDS, type Field, type Form } from "../src/commands/form.ts";
import { TONES, type ReadyReply } from "../src/commands/reply.ts";

/** What a chat platform is made of: file by file, the names that both have. */
const MIRROR = {
  app: ["startApp"],
  answer: ["answerCall"],
  gate: ["gate"],
  inbound: ["readCall"],
  present: ["presentReply", "plain", "PRESS"],
  forms: ["presentForm", "presentOptions", "readForm", "sourceOf"],
  post: ["postTo"],
  standing: ["standings"],
  limits: ["LIMITS"],
};
type Room = { [name: string]: unknown };

const load = async (platform: "slack" | "teams"): Promise<Record<string, Room>> => {
  const files = Object.keys(MIRROR).map(
    async (file) => [file, (await import(join(import.meta.dirname, `../src/${platform}/${file}.ts`))) as Room] as const,
  );
  return Object.fromEntries(await Promise.all(files));
};
const slack = await load("slack");
const teams = await load("teams");

/** A function of one platform's. */
function named(room: Record<string, Room>, file: string, name: string): (argument: unknown) => unknown {
  const found = room[file]?.[name];
  if (typeof found !== "function") throw new Error(`no ${name} in ${file}`);
  return found as (argument: unknown) => unknown;
}

const words = (shown: unknown) => JSON.stringify(shown);

describe("Slack and Teams", () => {
  it.each(Object.entries(MIRROR))("both have %s with the same names", (file, names) => {
    expect(Object.keys(slack[file] ?? {})).toEqual(expect.arrayContaining(names));
    expect(Object.keys(teams[file] ?? {})).toEqual(expect.arrayContaining(names));
  });

  it("are made of the same files, besides what only one of them needs", () => {
    const filesOf = (platform: string) =>
      readdirSync(join(import.meta.dirname, `../src/${platform}`)).map((file) => file.replace(/\.ts$/, ""));
    const own = { slack: ["install"], teams: ["connector", "trust"] };
    expect(filesOf("slack").filter((file) => !own.slack.includes(file))).toEqual(
      filesOf("teams").filter((file) => !own.teams.includes(file)),
    );
  });

  it("take a call, a reply and a form in the same order of arguments", () => {
    for (const [file, name] of [
      ["app", "startApp"],
      ["answer", "answerCall"],
      ["inbound", "readCall"],
      ["present", "presentReply"],
      ["post", "postTo"],
    ] as const) {
      expect([name, named(teams, file, name).length]).toEqual([name, named(slack, file, name).length]);
    }
  });

  it.each(TONES)("both show the tone %s, each in a way of its own", (tone) => {
    const reply: ReadyReply = { tone, lines: ["3 mails"], personal: false };
    for (const room of [slack, teams]) {
      const show = named(room, "present", "presentReply");
      expect(words(show(reply))).toContain("3 mails");
      const others = TONES.filter((other) => other !== tone).map((other) => words(show({ ...reply, tone: other })));
      expect(others).not.toContain(words(show(reply)));
    }
  });

  it("both show every part of a reply", () => {
    const parts: Required<Omit<ReadyReply, "tone" | "personal" | "file" | "progress">> = {
      lines: ["the headline", "the second line"],
      facts: [{ label: "the label", value: "the value" }],
      items: { rows: [{ title: "the title", detail: "the detail" }], more: 7 },
      code: ["the code"],
      buttons: [
        {
          label: "the button",
          style: "primary",
          actionId: "the-id",
          confirm: { title: "the question", text: "the reason", yes: "the yes", no: "no" },
        },
        { label: "the page", style: "plain", url: "https://page.example" },
      ],
    };
    const said = [
      "the headline",
      "the second line",
      "the label",
      "the value",
      "the title",
      "the detail",
      "+7",
      "the code",
      "the button",
      "the-id",
    ];
    said.push("the question", "the reason", "the yes", "the page", "https://page.example", "50 %");
    for (const room of [slack, teams]) {
      const shown = words(
        named(room, "present", "presentReply")({ ...parts, tone: "info", personal: false, progress: { done: 1, total: 2 } }),
      );
      for (const each of said) expect(shown).toContain(each);
    }
  });

  const common = { name: "field", label: "The label", required: false, hint: "the hint" };
  const fields: Record<(typeof FIELD_KINDS)[number], Field> = {
    text: { ...common, kind: "text", value: "chosen", maxLength: 10 },
    choice: { ...common, kind: "choice", options: [{ value: "chosen", label: "Chosen" }], value: "chosen" },
    choices: { ...common, kind: "choices", options: [{ value: "chosen", label: "Chosen" }], values: ["chosen"] },
    search: { ...common, kind: "search", source: "departments", values: [{ value: "chosen", label: "Chosen" }] },
    toggle: { ...common, kind: "toggle", value: true },
  };

  it.each(FIELD_KINDS)("both show a field of the kind %s, with its label, hint and value", (kind) => {
    const form: Form = { actionId: "the-id", title: "The title", submit: "Go", cancel: "No", fields: [fields[kind]], notice: "3 match" };
    for (const room of [slack, teams]) {
      const shown = words(named(room, "forms", "presentForm")(form));
      for (const each of ["The title", "Go", "The label", "the hint", "3 match", kind === "toggle" ? "The label" : "chosen"])
        expect(shown).toContain(each);
      expect(shown).not.toBe(words(named(room, "forms", "presentForm")({ ...form, fields: [] })));
    }
  });
});
