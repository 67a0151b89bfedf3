/**
 * A Reply as an Adaptive Card. Whatever a person may have typed goes into text runs, which Teams shows as they are: no markdown, link or
 * mention can start in one. `plain` is the only maker of them.
 */
import type { Fact, ReadyButton, ReadyReply, Tone } from "../commands/reply.ts";
import { cut } from "../wire/cut.ts";
import { LIMITS } from "./limits.ts";

/** The verb of every button that makes a call; what it does is the row its data names. */
export const PRESS = "press";
/** What the data of every button names: the row behind it, and what to do with the inputs beside it. */
export const DATA = { actionId: "actionId", does: "does" } as const;
export const CARD_TYPE = "application/vnd.microsoft.card.adaptive";

const TONE_LOOK: Record<Tone, { sign: string; style: string }> = {
  done: { sign: "✅", style: "good" },
  info: { sign: "ℹ️", style: "default" },
  warning: { sign: "⚠️", style: "warning" },
  refused: { sign: "⛔", style: "attention" },
  fault: { sign: "🚨", style: "attention" },
};

const BAR_LENGTH = 20;

export type Element = { type: string; [property: string]: unknown };

export type AdaptiveCard = {
  type: "AdaptiveCard";
  $schema: string;
  version: "1.5";
  fallbackText: string;
  body: Element[];
  actions?: Element[];
};

export type TeamsMessage = {
  type: "message";
  /** Stands alone as the notification. */
  summary: string;
  attachments: { contentType: string; name?: string; contentUrl?: string; content: object }[];
};

type OfferedFile = NonNullable<ReadyReply["file"]>;

export function presentReply(reply: ReadyReply): TeamsMessage {
  const content = presentCard(reply);
  return { type: "message", summary: headlineOf(reply), attachments: [{ contentType: CARD_TYPE, content }] };
}

/** Teams takes a file only once its reader has said where it may go; what makes it anew waits in the row that the offer names. */
export function presentFile({ name, text, again }: OfferedFile): TeamsMessage {
  const context = { [DATA.actionId]: again ?? "" };
  const content = { description: name, sizeInBytes: Buffer.byteLength(text), acceptContext: context, declineContext: context };
  return {
    type: "message",
    summary: name,
    attachments: [{ contentType: "application/vnd.microsoft.teams.card.file.consent", name: fileName(name), content }],
  };
}

/** The file where its reader has put it. */
export function presentStoredFile({ name, contentUrl, uniqueId, fileType }: StoredFile): TeamsMessage {
  const content = { uniqueId, fileType };
  return {
    type: "message",
    summary: name,
    attachments: [{ contentType: "application/vnd.microsoft.teams.card.file.info", name, contentUrl, content }],
  };
}

export type StoredFile = { name: string; contentUrl: string; uniqueId: string; fileType: string };

function fileName(name: string): string {
  return cut(name.replace(/[\p{Cc}"*:<>?/\\|]/gu, "-"), LIMITS.title);
}

/** The card alone, as an invoke is answered with it. Rows of a list are left out, and counted, until it is small enough. */
export function presentCard(reply: ReadyReply): AdaptiveCard {
  const card = cardOf(reply.lines.join("\n"), [
    presentLines(reply),
    ...(reply.progress ? [presentProgress(reply.progress)] : []),
    ...(reply.facts ?? []).map(presentFact),
    ...presentItems(reply.items ?? { rows: [], more: 0 }),
    ...(reply.code ?? []).map((line) => plain(line, LIMITS.text, { fontType: "Monospace" })),
    ...presentButtons(reply.buttons ?? []),
  ]);
  if (Buffer.byteLength(JSON.stringify(card)) <= LIMITS.cardBytes) return card;
  const { items, code, facts, lines } = reply;
  if (items && items.rows.length > 0) {
    const rows = items.rows.slice(0, Math.floor(Math.min(items.rows.length, LIMITS.listRows) * 0.8));
    return presentCard({ ...reply, items: { rows, more: items.more + items.rows.length - rows.length } });
  }
  if (code && code.length > 0) return presentCard({ ...reply, code: code.slice(0, -1) });
  if (facts && facts.length > 0) return presentCard({ ...reply, facts: facts.slice(0, -1) });
  return presentCard({ ...reply, lines: lines.slice(0, Math.max(1, lines.length - 1)), buttons: (reply.buttons ?? []).slice(0, 12) });
}

export function cardOf(fallbackText: string, body: Element[]): AdaptiveCard {
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.5",
    fallbackText: cut(fallbackText, LIMITS.fallback) || " ",
    body,
  };
}

export function headlineOf({ lines: [headline = ""] }: ReadyReply): string {
  return cut(headline, LIMITS.fallback);
}

/** Text exactly as it is. */
export function plain(text: string, max: number, look: { [property: string]: unknown } = {}): Element {
  return { type: "RichTextBlock", inlines: [{ type: "TextRun", text: cut(text, max) || " ", ...look }] };
}

function presentLines({ lines: [headline = "", ...rest], tone }: ReadyReply): Element {
  const { sign, style } = TONE_LOOK[tone];
  const items = [plain(`${sign} ${headline}`, LIMITS.text, { weight: "Bolder" }), ...rest.map((line) => plain(line, LIMITS.text))];
  return { type: "Container", style, bleed: true, items };
}

function presentProgress({ done, total }: { done: number; total: number }): Element {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const filled = Math.floor(share * BAR_LENGTH);
  const bar = "▰".repeat(filled) + "▱".repeat(BAR_LENGTH - filled);
  return plain(`${bar}  ${Math.floor(share * 100)} %`, LIMITS.text);
}

/** Two columns: the label in bold, the value beside it. */
function presentFact({ label, value }: Fact): Element {
  const column = (width: number, item: Element) => ({ type: "Column", width, items: [item] });
  return {
    type: "ColumnSet",
    spacing: "Small",
    columns: [column(2, plain(label, LIMITS.button, { weight: "Bolder" })), column(3, plain(value, LIMITS.fact))],
  };
}

function presentItems({ rows, more }: NonNullable<ReadyReply["items"]>): Element[] {
  const shown = rows.slice(0, LIMITS.listRows);
  const left = more + rows.length - shown.length;
  const lines = shown.map(({ title, detail }) => ({
    type: "RichTextBlock",
    spacing: "Small",
    inlines: [
      { type: "TextRun", text: `• ${cut(title, LIMITS.listTitle)}`, weight: "Bolder" },
      ...(detail ? [{ type: "TextRun", text: `  ${cut(detail, LIMITS.listDetail)}` }] : []),
    ],
  }));
  return left > 0 ? [...lines, plain(`… +${left}`, LIMITS.text, { italic: true })] : lines;
}

function presentButtons(buttons: ReadyButton[]): Element[] {
  const actions = buttons.map(presentButton);
  return chunks(actions, LIMITS.actionsPerSet).map((each) => ({ type: "ActionSet", actions: each }));
}

/** Teams asks nothing before a press: a button to be confirmed unfolds the question and the button that counts. */
function presentButton(button: ReadyButton): Element {
  const title = cut(button.label, LIMITS.button);
  const style = { primary: "positive", danger: "destructive", plain: "default" }[button.style];
  if ("url" in button) return { type: "Action.OpenUrl", title, style, url: button.url };
  const data = { [DATA.actionId]: button.actionId };
  if (button.opens) return { type: "Action.Submit", title, style, data: { ...data, msteams: { type: "task/fetch" } } };
  const press = { type: "Action.Execute", verb: PRESS, style, data };
  const { confirm } = button;
  if (!confirm) return { ...press, title };
  const asked = cardOf(confirm.text, [
    plain(confirm.title, LIMITS.text, { weight: "Bolder" }),
    plain(confirm.text, LIMITS.text),
    { type: "ActionSet", actions: [{ ...press, title: cut(confirm.yes, LIMITS.button) }] },
  ]);
  return { type: "Action.ShowCard", title, style, card: asked };
}

function chunks<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}
