/** What the bot says: meaning, no markup. Each platform's `present` turns it into its own shape and escapes every string in it. */

/** How a reply feels; presented as a colour or an emoji, never as the only carrier of the meaning. */
export const TONES = ["done", "info", "warning", "refused", "fault"] as const;
export type Tone = (typeof TONES)[number];

/** A command with its checked input: what a button or a form stands for. Stored as a row; the button carries the row's id. */
export type Call = { verb: string; input: unknown };

type Labelled = {
  label: string;
  style: "primary" | "plain" | "danger";
  /** Asked before the press counts. */
  confirm?: { title: string; text: string; yes: string; no: string };
};

/** A button as a use case says it: a call to make (or, with `opens: "form"`, a form to show), or a page to open. `once`: the first press is the only one. */
export type Button = Labelled & ({ call: Call; opens?: "form"; once?: boolean } | { url: string });

/** A button as a platform shows it. `actionId` is the id of a row in `actions`. */
export type ReadyButton = Labelled & ({ actionId: string; opens?: "form" } | { url: string });

export type Fact = { label: string; value: string };
export type Item = { title: string; detail: string };

type Said<B> = {
  tone: Tone;
  /** Plain text. The first line is the headline, with the number first, and stands alone as the notification. */
  lines: string[];
  facts?: Fact[];
  /** Rows of a list: a preview's people, a pick list's candidates. `more` is how many were left out. */
  items?: { rows: Item[]; more: number };
  /** A code block: command usages. */
  code?: string[];
  /** Mails settled of mails meant, drawn as a bar. */
  progress?: { done: number; total: number };
  buttons?: B[];
  /** A file sent with it, privately. `again` is the row that makes it anew: not every platform takes a file before its reader has agreed to it. */
  file?: { name: string; type: string; text: string; again?: string };
  /** True when it names or describes a person: answered to the asker only, never in a channel. */
  personal: boolean;
};

export type Reply = Said<Button>;
export type ReadyReply = Said<ReadyButton>;
