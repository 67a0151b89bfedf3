/** Tells a sentence from a line of the command language. */
import { readIntent, type Intent, type Understood } from "./intent.ts";
import type { Parsed } from "./parse.ts";
import { undoChat } from "./tokens.ts";

/** A verb's everyday alias also begins many a sentence: "skicka mejlet till Anna igen". These intents are then meant; the others are too weak a sign. */
const MEANT: readonly Intent[] = ["admin-request", "locked", "no-mail", "link", "address", "forgot-password", "cannot-log-in"];
const FEWEST_WORDS = 3;

/** What plain words ask for; `unsure` for a sentence that is neither understood nor nearly a command; undefined for a line of the command language. */
export function readPlainWords(line: string, parsed: Parsed): Pick<Understood, "intent" | "who"> | "unsure" | undefined {
  const text = undoChat(line);
  const words = text.split(/\s+/);
  if (parsed.ok) {
    const { verb, selection, saved } = parsed.line;
    const typed = verb === null || words[0]?.toLowerCase() === verb || selection.length + saved.length > 0 || words.length < FEWEST_WORDS;
    const understood = typed ? undefined : readIntent(text);
    return understood && MEANT.includes(understood.intent) ? pick(understood) : undefined;
  }
  if (parsed.problem.kind !== "unknown-verb") return undefined;
  const understood = readIntent(text);
  if (understood) return pick(understood);
  return parsed.problem.suggestion === null && words.length >= FEWEST_WORDS ? "unsure" : undefined;
}

const pick = ({ intent, who }: Understood) => ({ intent, who });
