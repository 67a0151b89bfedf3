/** Pages that know nobody: not found, refused, busy, fault. Their language is the browser's. */
import { languageOf } from "../domain/user.ts";
import type { Words } from "../words/en.ts";
import { wordsIn } from "../words/words.ts";
import { html, type Mood, type Page } from "./html.ts";

export type Message = "missing" | "refused" | "busy";

const SHOWN: Record<Message, { status: number; mood: Mood }> = {
  missing: { status: 404, mood: "stop" },
  refused: { status: 403, mood: "stop" },
  busy: { status: 503, mood: "wait" },
};

export function messagePage(message: Message, acceptLanguage: string | undefined): Page {
  const t = preferredWords(acceptLanguage);
  const { title, text } = t.pages[message];
  return { ...SHOWN[message], t, title, from: undefined, body: html`<p>${text}</p>` };
}

/** `reference` is what the log line of the fault carries. */
export function faultPage(reference: string, acceptLanguage: string | undefined): Page {
  const t = preferredWords(acceptLanguage);
  const { title, text } = t.pages.fault;
  return { status: 500, mood: "stop", t, title, from: undefined, body: html`<p>${text({ reference })}</p>` };
}

/** The first of ours among the wishes of an Accept-Language header, by their weight. */
function preferredWords(header = ""): Words {
  const wishes = header
    .slice(0, 500)
    .split(",")
    .map((wish) => {
      const [tag = "", ...rest] = wish.trim().split(";");
      const weight = rest.map((each) => /^\s*q=([\d.]+)\s*$/.exec(each)?.[1]).find((each) => each !== undefined);
      return { language: languageOf(tag), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter((wish) => wish.language !== undefined && wish.weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wordsIn(wishes[0]?.language ?? "en");
}
