/** What the bot asks: meaning, no markup. Slack shows it as a modal, Teams as a dialog. */

export type Option = { value: string; label: string };

/** Lists too long to ship with the form; the server filters them by what is typed. */
export type OptionSource = "departments";

type Common = { name: string; label: string; hint?: string; error?: string; required: boolean };

export const FIELD_KINDS = ["text", "choice", "choices", "search", "toggle"] as const;

export type Field = Common &
  (
    | { kind: "text"; value: string; maxLength: number }
    | { kind: "choice"; options: Option[]; value: string | null }
    | { kind: "choices"; options: Option[]; values: string[] }
    | { kind: "search"; source: OptionSource; values: Option[] }
    | { kind: "toggle"; value: boolean }
  );

export type FormValues = Record<string, string | string[] | boolean | null>;

export type Form = {
  /** The row in `actions` that a submit answers to. */
  actionId: string;
  title: string;
  submit: string;
  cancel: string;
  fields: Field[];
  /** A line that follows the values: the live count. */
  notice: string | null;
  /** The button that brings the notice up to date, on platforms that do not hear of a choice before the submit. */
  refresh?: string;
};
