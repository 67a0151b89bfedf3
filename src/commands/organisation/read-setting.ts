/** The value of a setting, as typed behind its name or into its field: `500`, `08:00-18:00`, `Europe/Helsinki`, `svenska`. */
import { nearest } from "../../domain/nearest.ts";
import { findTimeZone, nearestTimeZone, SETTING_BOUNDS, type SettingName, type Settings } from "../../domain/settings.ts";
import { LANGUAGES } from "../../domain/user.ts";
import { LANGUAGE_WORDS } from "../language/aliases.ts";
import { readLanguage } from "../language/terms.ts";

export type SettingProblem =
  | { kind: "not-a-number"; found: string; least: number; most: number }
  | { kind: "not-hours"; found: string }
  | { kind: "unknown"; found: string; suggestion: string | null; allowed: string[] };

export type ReadSetting = { change: Partial<Settings> } | { problem: SettingProblem };

export const SETTING_EXAMPLES: Record<SettingName, string> = {
  "approval-over": "500",
  "leaver-days": "7",
  reminders: "08:00-18:00",
  "time-zone": "Europe/Helsinki",
  language: "sv",
};

const HOURS = /^(\d{1,2})(?:[:.](\d{2}))?\s*[-‐‑‒–—\s]\s*(\d{1,2})(?:[:.](\d{2}))?$/;

export function readSetting(name: SettingName, text: string): ReadSetting {
  const found = text.trim();
  switch (name) {
    case "approval-over":
      return readNumber(name, found, (approvalOver) => ({ approvalOver }));
    case "leaver-days":
      return readNumber(name, found, (leaverDays) => ({ leaverDays }));
    case "reminders":
      return readHours(found);
    case "time-zone": {
      const timeZone = findTimeZone(found);
      return timeZone === undefined ? { problem: unknownZone(found) } : { change: { timeZone } };
    }
    case "language": {
      const language = readLanguage(found);
      if (language !== undefined) return { change: { language } };
      return { problem: { kind: "unknown", found, suggestion: nearest(found, LANGUAGE_WORDS.all), allowed: [...LANGUAGES] } };
    }
  }
}

export function unknownZone(found: string): SettingProblem {
  return { kind: "unknown", found, suggestion: nearestTimeZone(found), allowed: [] };
}

function readNumber(name: keyof typeof SETTING_BOUNDS, found: string, change: (value: number) => Partial<Settings>): ReadSetting {
  const { least, most } = SETTING_BOUNDS[name];
  const value = /^\d{1,9}$/.test(found) ? Number(found) : -1;
  return value < least || value > most ? { problem: { kind: "not-a-number", found, least, most } } : { change: change(value) };
}

function readHours(found: string): ReadSetting {
  const [, from, fromMinute = "00", until, untilMinute = "00"] = HOURS.exec(found) ?? [];
  const remindFrom = readTime(from, fromMinute);
  const remindUntil = Number(until) === 24 && Number(untilMinute) === 0 ? "24:00" : readTime(until, untilMinute);
  return remindFrom === undefined || remindUntil === undefined || remindFrom === remindUntil
    ? { problem: { kind: "not-hours", found } }
    : { change: { remindFrom, remindUntil } };
}

function readTime(hour: string | undefined, minute: string): string | undefined {
  return hour === undefined || Number(hour) > 23 || Number(minute) > 59 ? undefined : `${hour.padStart(2, "0")}:${minute}`;
}
