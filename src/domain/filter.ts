/** What a selection means: terms joined by AND, the values of a term by OR, `not` in front. Parsed in commands/parse, turned into SQL in db/selection. */
import type { Connection, Language } from "./user.ts";

/** Filters on text: the whole value, compared without case. */
export const TEXT_KEYS = ["department", "office", "company", "authorised", "role"] as const;
/** Filters on identifiers: a part of the value, compared without case. */
export const PART_KEYS = ["signature", "employee", "user-id"] as const;
export type TextKey = (typeof TEXT_KEYS)[number];
export type PartKey = (typeof PART_KEYS)[number];

export type Status = "active" | "inactive";

export type Term = { not: boolean } & (
  | { key: TextKey | PartKey; values: string[] }
  | { key: "status"; values: Status[] }
  | { key: "connection"; values: Connection[] }
  | { key: "lang"; values: Language[] }
  /** Pending, and the login address waiting for longer (`>`) or shorter (`<`) than so many days. */
  | { key: "pending-age"; than: ">" | "<"; days: number }
  | { key: "never-sent" }
  | { key: "bounced" }
);

/** All terms must hold. No terms: everyone in scope. */
export type Selection = Term[];
