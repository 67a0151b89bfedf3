import type { Words } from "./en.ts";
import { ask } from "./sv/ask.ts";
import { mails } from "./sv/mails.ts";
import { organisation } from "./sv/organisation.ts";
import { pages } from "./sv/pages.ts";
import { people } from "./sv/people.ts";
import { sends } from "./sv/sends.ts";

export const sv: Words = { language: "sv", locale: "sv-SE", replies: { ...ask, ...people, ...sends, ...organisation }, pages, mails };
