import type { Words } from "./en.ts";
import { ask } from "./da/ask.ts";
import { mails } from "./da/mails.ts";
import { organisation } from "./da/organisation.ts";
import { pages } from "./da/pages.ts";
import { people } from "./da/people.ts";
import { sends } from "./da/sends.ts";

export const da: Words = { language: "da", locale: "da-DK", replies: { ...ask, ...people, ...sends, ...organisation }, pages, mails };
