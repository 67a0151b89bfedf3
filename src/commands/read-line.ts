/** What several commands read from a line in the same way. */
import type { Flags, Line } from "./language/parse.ts";
import { readWho } from "./language/parse.ts";
import type { Read } from "./command.ts";
import { plainReply, type Voice } from "./say.ts";

const FLAG_NAMES: Record<keyof Flags, string> = { dryRun: "--dry-run", force: "--force", reason: "--reason", at: "--at", lang: "--lang" };

/** A flag that the verb does not know is refused rather than ignored: `--dry-run` must never send. */
export function refuseFlags(line: Line, verb: string, allowed: (keyof Flags)[], { t }: Voice): Read | undefined {
  const names = Object.keys(FLAG_NAMES) as (keyof Flags)[];
  const extra = names.find((name) => !allowed.includes(name) && line.flags[name] !== null && line.flags[name] !== false);
  return extra === undefined ? undefined : { missing: plainReply("refused", [t.replies.flagNotHere({ flag: FLAG_NAMES[extra], verb })]) };
}

/** `--force` overrides the cooldown and is recorded with its reason. */
export function refuseForceWithoutReason(line: Line, { t }: Voice): Read | undefined {
  return line.flags.force && !line.flags.reason ? { missing: plainReply("refused", [t.replies.reasonMissing]) } : undefined;
}

/** Filters on a command about one person are refused: they would be ignored. */
export function readOnePerson(
  line: Line,
  example: string,
  voice: Voice,
): { who: NonNullable<ReturnType<typeof readWho>> } | { missing: ReturnType<typeof plainReply> } {
  const who = readWho(line.words);
  return who && line.selection.length === 0 ? { who } : { missing: plainReply("refused", [voice.t.replies.whoMissing({ example })]) };
}

/** `B-117`, `b117` or `117`, alone. */
export function readSendNumber(line: Line, example: string, { t }: Voice): Read {
  const [name, ...rest] = line.words.map((word) => word.text);
  const number = sendNumberOf(name);
  if (number === undefined || rest.length > 0) return { missing: plainReply("refused", [t.replies.bulk.nameMissing({ example })]) };
  return { input: { number } };
}

export function sendNumberOf(name: string | undefined): number | undefined {
  const digits = /^(?:b-?)?(\d{1,9})$/i.exec(name ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** For calls that are pressed, never typed. */
export const byButtonOnly = (_line: unknown, { t }: Voice) => ({ missing: plainReply("refused", [t.replies.typeHelp]) });
