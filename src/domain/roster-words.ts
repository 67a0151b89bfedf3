/** Words that the template's cells hold, in five languages and without case. */
import type { Language } from "./user.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" | "));

export const ACTIVE_WORDS = words(
  "active | aktiv | aktivt | aktiverad | aktivert | aktiveret | aktiivinen | activated | 1 | true | yes | ja | kyllä",
);
export const INACTIVE_WORDS = words(
  "inactive | inaktiv | inaktivt | inaktiverad | ikke aktiv | deaktivert | deaktiveret | ei aktiivinen | ei-aktiivinen | epäaktiivinen | passiivinen | deactivated | 0 | false | no | nej | nei | ei",
);

export const OWNER_WORDS = words("owner | ägare | eier | ejer | omistaja");
export const ADMIN_WORDS = words("admin | administrator | administratör | järjestelmänvalvoja | ylläpitäjä | pääkäyttäjä");
export const AUDITOR_WORDS = words("auditor | revisor | granskare | tarkastaja | tilintarkastaja");

export const LANGUAGE_WORDS: ReadonlyMap<string, Language> = new Map(
  Object.entries({
    en: "english | engelska | engelsk | englanti",
    sv: "swedish | svenska | svensk | ruotsi",
    nb: "norwegian | norwegian bokmål | norska | norsk | norsk bokmål | bokmål | norja",
    da: "danish | danska | dansk | tanska",
    fi: "finnish | finska | finsk | suomi",
  } satisfies Record<Language, string>).flatMap(([language, names]) =>
    names.split(" | ").map((name) => [name, language as Language] as const),
  ),
);
