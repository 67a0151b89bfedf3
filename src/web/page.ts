/** A page as a document: one card in the middle of the screen. */
import type { Mood, Page, PagePart } from "../commands/link/page.ts";
import { html, type Html } from "./html.ts";

const SIGNS: Record<Mood, Html> = {
  ask: html`<rect x="3" y="5.5" width="18" height="13" rx="2.5" /> <path d="m4 7.5 8 6 8-6" />`,
  done: html`<path d="m5 12.5 4.5 4.5L19 7.5" />`,
  wait: html`<circle cx="12" cy="12" r="8.5" /> <path d="M12 7.5V12l3 2" />`,
  stop: html`<path d="M12 6v7.5" /> <path d="M12 17.5v.1" />`,
};

/** `base` is the path that all our paths begin with; `formToken` goes into the page's form, where it has one. */
export function presentPage({ language, mood, title, organisationName, parts }: Page, base: string, formToken = ""): string {
  const from = organisationName === undefined ? undefined : html`<p class="from">${organisationName}</p>`;
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="same-origin" />
        <title>${title}${organisationName === undefined ? undefined : ` · ${organisationName}`}</title>
        <link rel="stylesheet" href="${base}/style.css" />
      </head>
      <body>
        <main class="card ${mood}">
          ${from}
          <svg class="sign" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${SIGNS[mood]}</svg>
          <h1>${title}</h1>
          ${parts.map((part) => presentPart(part, formToken))}
        </main>
      </body>
    </html> `.markup;
}

function presentPart(part: PagePart, formToken: string): Html {
  switch (part.kind) {
    case "text":
      return html`<p>${part.text}</p>`;
    case "note":
    case "address":
      return html`<p class="${part.kind}">${part.text}</p>`;
    case "links": {
      const links = part.links.map(
        ({ label, url }, index) => html`<a class="button${index > 0 ? " second" : ""}" href="${url}" rel="noreferrer">${label}</a>`,
      );
      return html`<div class="buttons">${links}</div>`;
    }
    case "press":
      return html`<form method="post">
        <input type="hidden" name="form" value="${formToken}" />
        <input type="hidden" name="do" value="${part.press}" />
        <button class="button" type="submit">${part.label}</button>
      </form>`;
  }
}
