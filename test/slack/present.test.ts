import { describe, expect, it } from "vitest";
import { TONES, type ReadyReply } from "../../src/commands/reply.ts";
import { LIMITS } from "../../src/slack/limits.ts";
import { cut } from "../../src/wire/cut.ts";
import { escapeText, presentReply } from "../../src/slack/present.ts";

const said = (over: Partial<ReadyReply> = {}): ReadyReply => ({ tone: "info", lines: ["3 users match."], personal: false, ...over });

describe("presentReply", () => {
  it("shows a preview as a headline, a line, buttons and a question before the send", () => {
    const message = presentReply(
      said({
        lines: ["B-117: 143 users match. 96 will get mail.", "Pending in Lager."],
        buttons: [
          {
            label: "Send 96",
            style: "primary",
            actionId: "a1",
            confirm: { title: "Send 96 mails?", text: "To everyone in the list.", yes: "Send", no: "Wait" },
          },
          { label: "Cancel", style: "danger", actionId: "a2" },
          { label: "Read more", style: "plain", url: "https://verify.example/help" },
        ],
      }),
    );
    expect(message).toMatchSnapshot();
  });

  it("shows facts beside their labels, a list, its rest, commands and a bar", () => {
    const message = presentReply(
      said({
        facts: [{ label: "Login address", value: "a***@acme.example" }],
        items: { rows: [{ title: "Anna Berg", detail: "Lager" }], more: 12 },
        code: ["/verify help", "/verify status <who>"],
        progress: { done: 61, total: 96 },
      }),
    );
    expect(message).toMatchSnapshot();
  });

  it.each(TONES)("marks the tone %s in front of the words, and says the words without it", (tone) => {
    const { blocks, text } = presentReply(said({ tone }));
    expect(JSON.stringify(blocks[0])).toContain('"type":"emoji"');
    expect(text).toBe("3 users match.");
  });

  it("shows what a person is called as it is, whatever Slack's markup would make of it", () => {
    const name = "*x* <!channel> _y_ `z` :smile: <https://evil.example|link> & @here";
    const message = presentReply(
      said({
        lines: [name, name],
        facts: [{ label: "Name", value: name }],
        items: { rows: [{ title: name, detail: name }], more: 0 },
        code: [name],
      }),
    );
    expect(message.text).not.toMatch(/<|>/);
    expect(message.text).toContain("&lt;!channel&gt;");
    const markup = JSON.stringify(message.blocks).match(/"type":"mrkdwn","text":"([^"]*)"/g);
    expect(markup).toEqual(['"type":"mrkdwn","text":"*Name*"']);
    expect(JSON.stringify(message.blocks)).not.toContain('"emoji":true');
  });

  it("stays within Slack's limits whatever is said", () => {
    const long = "å".repeat(5000);
    const message = presentReply(
      said({
        lines: [long, long],
        facts: Array.from({ length: 300 }, () => ({ label: long, value: long })),
        items: { rows: Array.from({ length: 300 }, () => ({ title: long, detail: long })), more: 5 },
        code: [long],
        buttons: Array.from({ length: 60 }, (_, n) => ({
          label: long,
          style: "plain" as const,
          actionId: `a${n}`,
          confirm: { title: long, text: long, yes: long, no: long },
        })),
      }),
    );
    expect(message.blocks.length).toBeLessThanOrEqual(LIMITS.messageBlocks);
    expect(message.text.length).toBeLessThanOrEqual(LIMITS.fallback);
    for (const { fields, elements } of message.blocks as { fields?: { text: string }[]; elements?: unknown[] }[]) {
      expect(fields?.length ?? 0).toBeLessThanOrEqual(LIMITS.fieldsPerSection);
      expect(elements?.length ?? 0).toBeLessThanOrEqual(LIMITS.buttons);
      for (const { text } of fields ?? []) expect(text.length).toBeLessThanOrEqual(LIMITS.field);
    }
    expect(JSON.stringify(message.blocks)).toContain("… +255");
  });

  it("keeps the buttons when everything else is too much", () => {
    const facts = Array.from({ length: 400 }, () => ({ label: "a", value: "b" }));
    const { blocks } = presentReply(said({ facts, buttons: [{ label: "Go", style: "plain", actionId: "a" }] }));
    expect(blocks.length).toBeLessThanOrEqual(LIMITS.messageBlocks);
    expect(blocks.at(-1)).toMatchObject({ type: "actions" });
  });
});

it("escapes exactly what Slack's markup gives a meaning", () => {
  expect(escapeText("<a> & b; *c*")).toBe("&lt;a&gt; &amp; b; *c*");
});

it("cuts between characters and says that it cut", () => {
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abcd", 3)).toBe("ab…");
  expect(cut("a😀bc", 3)).toBe("a…");
});
