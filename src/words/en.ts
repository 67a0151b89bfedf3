/** English, and with it the shape of every catalogue: a missing key or a wrong parameter in another language does not compile. */
import { ask } from "./en/ask.ts";
import { mails } from "./en/mails.ts";
import { organisation } from "./en/organisation.ts";
import { pages } from "./en/pages.ts";
import { people } from "./en/people.ts";
import { sends } from "./en/sends.ts";

export const en = { language: "en", locale: "en-GB", replies: { ...ask, ...people, ...sends, ...organisation }, pages, mails };

export type Words = typeof en;
