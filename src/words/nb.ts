import { en, type Words } from "./en.ts";

export const nb: Words = {
  ...en,
  language: "nb",
  locale: "nb-NO",
};
