/**
 * A Reply as Slack blocks. Whatever a person may have typed goes into plain_text and rich_text, which Slack shows as they are;
 * the one place that is markup, the notification's text, goes through `escapeText`.
 */
import type { types } from "@slack/bolt";
import type { Fact, ReadyButton, ReadyReply, Tone } from "../commands/reply.ts";
import { cut } from "../wire/cut.ts";
import { LIMITS } from "./limits.ts";

/** Buttons of one block need different ids; what they do is the row that `value` names. */
export const PRESS = /^press:\d+$/;

const TONE_EMOJI: Record<Tone, string> = {
  done: "white_check_mark",
  info: "information_source",
  warning: "warning",
  refused: "no_entry_sign",
  fault: "rotating_light",
};

const BAR_LENGTH = 20;

type KnownBlock = types.KnownBlock;
type RichTextBlock = types.RichTextBlock;
type SectionBlock = types.SectionBlock;

export type SlackMessage = { text: string; blocks: KnownBlock[] };

export function presentReply(reply: ReadyReply): SlackMessage {
  const blocks: KnownBlock[] = [presentLines(reply)];
  if (reply.progress) blocks.push(presentProgress(reply.progress));
  blocks.push(...presentFacts(reply.facts ?? []));
  if (reply.items && reply.items.rows.length > 0) blocks.push(presentItems(reply.items));
  if (reply.code && reply.code.length > 0) blocks.push(presentCode(reply.code));
  blocks.push(...presentButtons(reply.buttons ?? []));
  return { text: escapeText(cut(wordsOf(reply), LIMITS.fallback)), blocks };
}

/** All that is said, as one text: what a notification begins with and a screen reader reads. */
function wordsOf({ lines, facts = [], items, code = [] }: ReadyReply): string {
  const rows = (items?.rows ?? []).map(({ title, detail }) => (detail ? `${title}: ${detail}` : title));
  return [...lines, ...facts.map(({ label, value }) => `${label}: ${value}`), ...rows, ...code].join("\n");
}

/** Text as Slack's markup: no mention, link or entity can start in it. @see https://docs.slack.dev/messaging/formatting-message-text */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function plain(text: string, max: number): types.PlainTextElement {
  return { type: "plain_text", text: cut(text, max) || " ", emoji: false };
}

function presentLines({ lines: [headline = "", ...rest], tone }: ReadyReply): RichTextBlock {
  const elements: types.RichTextSection["elements"] = [
    { type: "emoji", name: TONE_EMOJI[tone] },
    { type: "text", text: ` ${cut(headline, LIMITS.text)}`, style: { bold: true } },
  ];
  if (rest.length > 0) elements.push({ type: "text", text: `\n${cut(rest.join("\n"), LIMITS.text)}` });
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements }] };
}

function presentProgress({ done, total }: { done: number; total: number }): SectionBlock {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const filled = Math.floor(share * BAR_LENGTH);
  const bar = "▰".repeat(filled) + "▱".repeat(BAR_LENGTH - filled);
  return { type: "section", text: plain(`${bar}  ${Math.floor(share * 100)} %`, LIMITS.text) };
}

/** Two columns: the label in bold, the value beside it. */
function presentFacts(facts: Fact[]): SectionBlock[] {
  const perSection = LIMITS.fieldsPerSection / 2;
  return chunks(facts.slice(0, LIMITS.facts), perSection).map((part) => ({
    type: "section",
    fields: part.flatMap(({ label, value }) => [
      { type: "mrkdwn" as const, text: `*${escapeText(cut(label, LIMITS.button).replaceAll("*", ""))}*`, verbatim: true },
      plain(value, LIMITS.field),
    ]),
  }));
}

function presentItems({ rows, more }: NonNullable<ReadyReply["items"]>): RichTextBlock {
  const shown = rows.slice(0, LIMITS.listRows);
  const left = more + rows.length - shown.length;
  const elements: RichTextBlock["elements"] = [
    {
      type: "rich_text_list",
      style: "bullet",
      elements: shown.map(({ title, detail }) => ({
        type: "rich_text_section",
        elements: [
          { type: "text", text: cut(title, LIMITS.listTitle), style: { bold: true } },
          ...(detail ? [{ type: "text" as const, text: `  ${cut(detail, LIMITS.listDetail)}` }] : []),
        ],
      })),
    },
  ];
  if (left > 0) elements.push({ type: "rich_text_section", elements: [{ type: "text", text: `… +${left}`, style: { italic: true } }] });
  return { type: "rich_text", elements };
}

function presentCode(lines: string[]): RichTextBlock {
  const text = cut(lines.join("\n"), LIMITS.text);
  return { type: "rich_text", elements: [{ type: "rich_text_preformatted", elements: [{ type: "text", text }] }] };
}

function presentButtons(buttons: ReadyButton[]): types.ActionsBlock[] {
  const elements = buttons.slice(0, LIMITS.buttons).map(presentButton);
  return elements.length === 0 ? [] : [{ type: "actions", elements }];
}

function presentButton(button: ReadyButton, index: number): types.Button {
  const { title, text, yes, no } = button.confirm ?? {};
  return {
    type: "button",
    text: plain(button.label, LIMITS.button),
    ...("url" in button ? { action_id: `open:${index}`, url: button.url } : { action_id: `press:${index}`, value: button.actionId }),
    ...(button.style === "plain" ? {} : { style: button.style }),
    ...(title && text && yes && no
      ? {
          confirm: {
            title: plain(title, LIMITS.confirm.title),
            text: plain(text, LIMITS.confirm.text),
            confirm: plain(yes, LIMITS.confirm.answer),
            deny: plain(no, LIMITS.confirm.answer),
            ...(button.style === "danger" ? { style: "danger" as const } : {}),
          },
        }
      : {}),
  };
}

function chunks<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}
