import { da } from "./da.ts";
import { en, type Words } from "./en.ts";
import { fi } from "./fi.ts";
import { nb } from "./nb.ts";
import { sv } from "./sv.ts";

const CATALOGUES = { en, sv, nb, da, fi };

/** The catalogue of a language; English where it is not one of ours. */
export function wordsIn(language: string): Words {
  return Object.hasOwn(CATALOGUES, language) ? CATALOGUES[language as keyof typeof CATALOGUES] : en;
}
