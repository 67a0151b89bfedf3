/** HTML that has been escaped, and the frame that every page stands in. */
import type { Words } from "../words/en.ts";

/** Markup that may be sent as it is. Only `html` makes it. */
export type Html = { readonly markup: string };

type Part = Html | string | number | undefined | Part[];

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function markupOf(part: Part): string {
  if (part === undefined) return "";
  if (Array.isArray(part)) return part.map(markupOf).join("");
  if (typeof part === "object") return part.markup;
  return String(part).replaceAll(/[&<>"']/g, (each) => ENTITIES[each] ?? "");
}

/** Every value put in is escaped, for text and for quoted attributes alike, unless it is `Html` already. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { markup: String.raw({ raw: strings }, ...parts.map(markupOf)) };
}

/** How a page feels: the colour and the sign at its top; the heading says the same in words. */
export type Mood = "ask" | "done" | "wait" | "stop";

export type Page = { status: number; t: Words; mood: Mood; title: string; from: string | undefined; body: Html };

const SIGNS: Record<Mood, Html> = {
  ask: html`<rect x="3" y="5.5" width="18" height="13" rx="2.5" /><path d="m4 7.5 8 6 8-6" />`,
  done: html`<path d="m5 12.5 4.5 4.5L19 7.5" />`,
  wait: html`<circle cx="12" cy="12" r="8.5" /><path d="M12 7.5V12l3 2" />`,
  stop: html`<path d="M12 6v7.5" /><path d="M12 17.5v.1" />`,
};

/** The document of a page: one card in the middle of the screen. `base` is the path that all our paths begin with. */
export function framed({ t, mood, title, from, body }: Page, base: string): string {
  return html`<!doctype html>
    <html lang="${t.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="same-origin" />
        <title>${title}${from === undefined ? "" : ` · ${from}`}</title>
        <link rel="stylesheet" href="${base}/style.css" />
      </head>
      <body>
        <main class="card ${mood}">
          ${from === undefined ? undefined : html`<p class="from">${from}</p> `}<svg
            class="sign"
            viewBox="0 0 24 24"
            aria-hidden="true"
            focusable="false"
          >
            ${SIGNS[mood]}
          </svg>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `.markup;
}
