/** What an owner sets for the whole organisation. */
import { nearest } from "./nearest.ts";
import type { Language } from "./user.ts";

export const SETTING_NAMES = ["approval-over", "leaver-days", "reminders", "time-zone", "language"] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

export type Settings = {
  /** A send to more than so many users waits for another admin. */
  approvalOver: number;
  /** The connection is removed this many days after a user's last day. */
  leaverDays: number;
  /** Reminders go out between these times of day (`HH:MM`). If the first is later than the second, the span crosses midnight. */
  remindFrom: string;
  remindUntil: string;
  /** An IANA zone name. */
  timeZone: string;
  /** The language of users who have none of their own. */
  language: Language;
};

/** Only the settings named here change. */
export type SettingsChange = { [K in keyof Settings]?: Settings[K] | undefined };

export const SETTING_BOUNDS = {
  "approval-over": { least: 0, most: 1_000_000 },
  "leaver-days": { least: 0, most: 365 },
} as const;

/** The zone as it is commonly written; undefined for what is no IANA zone, such as `+02:00`. */
export function findTimeZone(text: string): string | undefined {
  if (!/^[a-z]+(?:[/_+-][a-z\d]+)*$/i.test(text)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** The zone somebody probably meant, by full name or by city; null when none is close. */
export function nearestTimeZone(text: string): string | null {
  const zones = Intl.supportedValuesOf("timeZone");
  const cityOf = (zone: string) => zone.slice(zone.lastIndexOf("/") + 1);
  const city = nearest(cityOf(text), zones.map(cityOf));
  return nearest(text, zones) ?? zones.find((zone) => cityOf(zone) === city) ?? null;
}
