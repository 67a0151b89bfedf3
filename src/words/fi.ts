import type { Words } from "./en.ts";
import { mails } from "./fi/mails.ts";
import { pages } from "./fi/pages.ts";
import { people } from "./fi/people.ts";
import { sends } from "./fi/sends.ts";

export const fi: Words = { language: "fi", locale: "fi-FI", replies: { ...people, ...sends }, pages, mails };
