import type { pages as pagesEn } from "../en/pages.ts";

export const pages: typeof pagesEn = {
  verify: {
    title: "Bekræft din adresse",
    text: (p) => `${p.organisation} bruger denne adresse til dit login. Er den din?`,
    button: "Bekræft",
    note: "Ikke din adresse? Så luk siden. Der sker ikke noget, før du trykker på knappen.",
  },
  confirmed: {
    title: "Bekræftet. Vælg nu en adgangskode",
    text: "Din adresse er verificeret. Der er ét trin tilbage, før du kan logge ind.",
  },
  already: {
    title: "Allerede bekræftet",
    text: "Adressen er verificeret. Du behøver ikke gøre det igen.",
  },
  password: {
    set: "Vælg adgangskode",
    forgotten: "Glemt adgangskoden?",
    logIn: "Log ind",
    toLogin: "Til loginsiden",
    onLoginPage: "Vælg »Glemt adgangskoden?« på loginsiden, og følg trinene.",
    elsewhere: "Åbn den side, hvor du plejer at logge ind, vælg »Glemt adgangskoden?«, og følg trinene.",
  },
  expired: {
    title: "Linket er udløbet",
    text: "Vi kan sende dig et nyt til den samme adresse.",
    button: "Send et nyt link",
  },
  queued: {
    title: "Et nyt link er på vej",
    text: "Kig efter mailen om et par minutter, også i din spammappe. Du kan lukke siden.",
  },
  inFlight: {
    title: "En mail er allerede på vej",
    text: "Kig efter den om et par minutter, også i din spammappe. Du kan lukke siden.",
  },
  wait: {
    title: "Ingen ny mail endnu",
    last: (p) => `Seneste mail: ${p.at}. Kig efter den først, også i din spammappe.`,
    next: (p) => `Den næste kan sendes: ${p.at}.`,
    button: "Prøv igen",
  },
  undeliverable: {
    title: "Mails når ikke frem til adressen",
    text: "De kom retur, så vi er holdt op med at sende dertil. Bed din administrator om at tjekke adressen.",
  },
  changed: {
    title: "Din adresse er ændret",
    text: "Dette link hører til en tidligere adresse. Brug linket i den nyeste mail til din nye adresse, eller bed din administrator om at sende en.",
  },
  inactive: {
    title: "Kontoen er ikke aktiv",
    text: "Den kan ikke bruges til at logge ind lige nu. Spørg din administrator.",
  },
  refused: {
    title: "Åbn linket igen",
    text: "Vi kunne ikke være sikre på, at det her kom fra vores egen side, så intet er ændret. Åbn linket i mailen igen, og tryk på knappen der.",
  },
  missing: {
    title: "Siden findes ikke",
    text: "Linket kan være ufuldstændigt. Åbn det fra mailen igen, eller kopiér hele linket. Hjælper det ikke, så bed din administrator om en ny mail.",
  },
  busy: {
    title: "Straks tilbage",
    text: "Vi kan ikke svare lige nu. Intet er ændret. Prøv igen om lidt.",
  },
  fault: {
    title: "Noget gik galt hos os",
    text: (p) => `Prøv igen om lidt. Hvis det fortsætter, så giv din administrator denne reference: ${p.reference}.`,
  },
};
