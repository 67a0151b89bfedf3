/** What an owner sets for the whole organisation. */
import { nearest } from "./nearest.ts";
import type { Language } from "./user.ts";

export const SETTING_NAMES = ["approval-over", "leaver-days", "reminders", "time-zone", "language"] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

export type Settings = {
  /** A send to more than so many users waits for another admin. */
  approvalOver: number;
  /** Days after a user's last day on which the connection goes. */
  leaverDays: number;
  /** Reminders leave between these times of day, as `HH:MM`; over midnight where the first is the later one. */
  remindFrom: string;
  remindUntil: string;
  /** As IANA names it. */
  timeZone: string;
  /** Of whoever has none of their own. */
  language: Language;
};

/** Only what is named is changed. */
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

/** The zone that somebody probably meant, by its name or by its city alone; null where none is close. */
export function nearestTimeZone(text: string): string | null {
  const zones = Intl.supportedValuesOf("timeZone");
  const cityOf = (zone: string) => zone.slice(zone.lastIndexOf("/") + 1);
  const city = nearest(cityOf(text), zones.map(cityOf));
  return nearest(text, zones) ?? zones.find((zone) => cityOf(zone) === city) ?? null;
}
