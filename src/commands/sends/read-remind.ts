/** What follows `remind`: `add after 7d every 3d max 3`, `list`, `stop R-3`; the three parts of a rule in any order. */
import type { ReminderRule } from "../../domain/reminder.ts";
import { REMIND_WORDS } from "../language/aliases.ts";
import { DAY_UNIT } from "../language/terms.ts";

export type ReadReminder =
  | { kind: "list" }
  | { kind: "stop"; number: number }
  | { kind: "add"; rule: ReminderRule }
  /** Not understood as a whole: nothing of it is done. */
  | { kind: "unclear" };

const AMOUNT = /^(\d{1,4})(\p{L}*)$/u;

export function readReminder(words: string[]): ReadReminder {
  const [first, ...rest] = words;
  if (first === undefined) return { kind: "list" };
  switch (REMIND_WORDS.find(first)) {
    case "list":
      return rest.length === 0 ? { kind: "list" } : { kind: "unclear" };
    case "stop": {
      const digits = rest.length === 1 ? /^(?:r-?)?(\d{1,9})$/i.exec(rest[0] ?? "")?.[1] : undefined;
      return digits === undefined ? { kind: "unclear" } : { kind: "stop", number: Number(digits) };
    }
    case "add": {
      const rule = readRule(rest);
      return rule ? { kind: "add", rule } : { kind: "unclear" };
    }
    case "after":
    case "every":
    case "max":
    case undefined:
      return { kind: "unclear" };
  }
}

function readRule(words: string[]): ReminderRule | undefined {
  const found: { after?: number; every?: number; max?: number } = {};
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const part = REMIND_WORDS.find(word);
    const [, digits, unit = ""] = AMOUNT.exec(left.shift() ?? "") ?? [];
    if (digits === undefined || (part !== "after" && part !== "every" && part !== "max") || found[part] !== undefined) return undefined;
    if (part === "max" ? unit !== "" : unit !== "" && !DAY_UNIT.test(unit)) return undefined;
    if (part !== "max" && unit === "" && DAY_UNIT.test(left[0] ?? "")) left.shift();
    found[part] = Number(digits);
  }
  const { after, every, max } = found;
  return after === undefined || every === undefined || max === undefined
    ? undefined
    : { afterDays: after, everyDays: every, mostMails: max };
}
