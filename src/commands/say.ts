/** How a moment, a list or a person is put into words. The words themselves are in `words/`. */
import { maskAddress } from "../domain/user.ts";
import type { Words } from "../words/en.ts";
import type { Reply, Tone } from "./reply.ts";

/** In what language and time zone somebody is spoken to, and what time it is. */
export type Voice = { t: Words; timeZone: string; now: Date };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** `10:45` today, `2 September` another day, with the time where the day alone would not tell. */
export function sayMoment(at: Date, voice: Voice): string {
  const day = (date: Date) => new Intl.DateTimeFormat("sv-SE", { timeZone: voice.timeZone }).format(date);
  const near = Math.abs(at.getTime() - voice.now.getTime()) < 2 * DAY_MS;
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  const date = { day: "numeric", month: "long" } as const;
  const year = at.getUTCFullYear() === voice.now.getUTCFullYear() ? {} : ({ year: "numeric" } as const);
  const shape = day(at) === day(voice.now) ? time : near ? { ...date, ...time } : { ...date, ...year };
  return new Intl.DateTimeFormat(voice.t.locale, { timeZone: voice.timeZone, ...shape }).format(at);
}

/** `12 minutes ago`, in whole minutes, hours or days. */
export function sayAgo(at: Date, voice: Voice): string {
  const ms = Math.max(0, voice.now.getTime() - at.getTime());
  const format = new Intl.RelativeTimeFormat(voice.t.locale, { numeric: "auto" });
  if (ms < 60 * MINUTE_MS) return format.format(-Math.max(1, Math.round(ms / MINUTE_MS)), "minute");
  if (ms < DAY_MS) return format.format(-Math.round(ms / (60 * MINUTE_MS)), "hour");
  return format.format(-Math.round(ms / DAY_MS), "day");
}

/** `14 s`, `2 min`. */
export function sayDuration(ms: number, voice: Voice): string {
  const unit = (value: number, name: "second" | "minute" | "hour") =>
    new Intl.NumberFormat(voice.t.locale, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  if (ms < 90_000) return unit(Math.max(1, Math.round(ms / 1000)), "second");
  if (ms < 90 * MINUTE_MS) return unit(Math.round(ms / MINUTE_MS), "minute");
  return unit(Math.round(ms / (60 * MINUTE_MS)), "hour");
}

export function sayList(parts: string[], voice: Voice, type: "conjunction" | "disjunction" | "unit" = "unit"): string {
  return new Intl.ListFormat(voice.t.locale, { type, style: type === "unit" ? "short" : "long" }).format(parts);
}

export function sayAddress(address: string | null): string {
  return address ? maskAddress(address) : "–";
}

/** What every reply and form closes with while the owner's switch is off, to all but strangers: nothing moves, and why. */
export function sayMailOff(listener: { mailStopped: boolean; known: boolean }, { t }: Voice): string[] {
  return listener.mailStopped && listener.known ? [t.replies.mailSwitch.shown] : [];
}

/** Rows of a file: more would take the memory of many answers. */
export const MOST_ROWS = 100_000;

/** Said where a file holds fewer rows than there are. */
export function sayCut(shown: number, total: number, { t }: Voice): string[] {
  const format = new Intl.NumberFormat(t.locale);
  return shown < total ? [t.replies.report.firstRows({ shown: format.format(shown), total: format.format(total) })] : [];
}

/** A reply of plain lines. */
export function plainReply(tone: Tone, lines: string[], personal = false): Reply {
  return { tone, lines, personal };
}
