/** A reminder: mail again after so many days, then every so many, at most so often. It ends by itself where a user verifies. */

export type ReminderRule = { afterDays: number; everyDays: number; mostMails: number };

/** The limits of each part of a rule. A day is also the cooldown between two bulk mails. */
export const REMINDER_BOUNDS = { days: { least: 1, most: 365 }, mails: { least: 1, most: 20 } } as const;

/** Why a reminder stops by itself. */
export type ReminderEnd =
  /** The person who made it may no longer send. */
  | { kind: "role" }
  /** Its filters name something the organisation no longer has, so they would match the wrong people. */
  | { kind: "unknown-name"; found: string }
  /** Its last run did not go through: an admin cancelled or rejected it, or nobody approved it. */
  | { kind: "run-refused"; sendNumber: number; state: "cancelled" | "rejected" | "lapsed" };

/** `3` → `R-3`. */
export function reminderName(number: number): string {
  return `R-${number}`;
}
