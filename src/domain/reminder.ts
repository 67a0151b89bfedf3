/** A reminder: mail again after so many days, then every so many, at most so often. It ends by itself where a user verifies. */

export type ReminderRule = { afterDays: number; everyDays: number; mostMails: number };

/** The least and the most of each part of a rule. A day is also the cooldown between two bulk mails. */
export const REMINDER_BOUNDS = { days: { least: 1, most: 365 }, mails: { least: 1, most: 20 } } as const;

/** Why a reminder stops without anybody having stopped it. */
export type ReminderEnd =
  /** Its maker may no longer send. */
  | { kind: "role" }
  /** Its filters name what the organisation no longer has: they would match other people than were meant. */
  | { kind: "unknown-name"; found: string }
  /** Its last run did not go through: an admin cancelled or rejected it, or nobody approved it. */
  | { kind: "run-refused"; sendNumber: number; state: "cancelled" | "rejected" | "lapsed" };

/** `3` → `R-3`. */
export function reminderName(number: number): string {
  return `R-${number}`;
}
