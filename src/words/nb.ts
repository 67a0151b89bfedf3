import type { Words } from "./en.ts";
import { ask } from "./nb/ask.ts";
import { mails } from "./nb/mails.ts";
import { organisation } from "./nb/organisation.ts";
import { pages } from "./nb/pages.ts";
import { people } from "./nb/people.ts";
import { sends } from "./nb/sends.ts";

export const nb: Words = { language: "nb", locale: "nb-NO", replies: { ...ask, ...people, ...sends, ...organisation }, pages, mails };
