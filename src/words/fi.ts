import type { Words } from "./en.ts";
import { ask } from "./fi/ask.ts";
import { mails } from "./fi/mails.ts";
import { organisation } from "./fi/organisation.ts";
import { pages } from "./fi/pages.ts";
import { people } from "./fi/people.ts";
import { sends } from "./fi/sends.ts";

export const fi: Words = { language: "fi", locale: "fi-FI", replies: { ...ask, ...people, ...sends, ...organisation }, pages, mails };
