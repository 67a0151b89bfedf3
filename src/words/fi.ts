import { en, type Words } from "./en.ts";

export const fi: Words = {
  ...en,
  language: "fi",
  locale: "fi-FI",
};
