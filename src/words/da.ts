import { en, type Words } from "./en.ts";

export const da: Words = {
  ...en,
  language: "da",
  locale: "da-DK",
};
