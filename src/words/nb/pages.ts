import type { pages as pagesEn } from "../en/pages.ts";

export const pages: typeof pagesEn = {
  verify: {
    title: "Bekreft adressen din",
    text: (p) => `${p.organisation} bruker denne adressen til innloggingen din. Er den din?`,
    button: "Bekreft",
    note: "Ikke din adresse? Da kan du lukke siden. Ingenting skjer før du trykker på knappen.",
  },
  confirmed: {
    title: "Bekreftet. Velg et passord nå",
    text: "Adressen din er verifisert. Det er ett steg igjen før du kan logge inn.",
  },
  already: {
    title: "Allerede bekreftet",
    text: "Adressen er verifisert. Du trenger ikke å gjøre det igjen.",
  },
  password: {
    set: "Velg passord",
    forgotten: "Glemt passordet?",
    logIn: "Logg inn",
    toLogin: "Til innloggingssiden",
    onLoginPage: "Velg «Glemt passordet?» på innloggingssiden og følg stegene.",
    elsewhere: "Åpne siden der du pleier å logge inn, velg «Glemt passordet?» og følg stegene.",
  },
  expired: {
    title: "Lenken er utløpt",
    text: "Vi kan sende deg en ny til samme adresse.",
    button: "Send en ny lenke",
  },
  queued: {
    title: "En ny lenke er på vei",
    text: "Se etter e-posten om noen minutter, også i søppelposten. Du kan lukke siden.",
  },
  inFlight: {
    title: "En e-post er allerede på vei",
    text: "Se etter den om noen minutter, også i søppelposten. Du kan lukke siden.",
  },
  wait: {
    title: "Ingen ny e-post ennå",
    last: (p) => `Siste e-post: ${p.at}. Se etter den først, også i søppelposten.`,
    next: (p) => `Neste kan sendes: ${p.at}.`,
    button: "Prøv igjen",
  },
  undeliverable: {
    title: "E-post når ikke fram til adressen",
    text: "Den kom i retur, så vi har sluttet å sende dit. Be administratoren din kontrollere adressen.",
  },
  changed: {
    title: "Adressen din er endret",
    text: "Denne lenken hører til en tidligere adresse. Bruk lenken i den nyeste e-posten til den nye adressen din, eller be administratoren din om å sende en.",
  },
  inactive: {
    title: "Kontoen er ikke aktiv",
    text: "Den kan ikke brukes til å logge inn akkurat nå. Spør administratoren din.",
  },
  refused: {
    title: "Åpne lenken på nytt",
    text: "Vi kunne ikke være sikre på at dette kom fra vår egen side, så ingenting er endret. Åpne lenken i e-posten på nytt og trykk på knappen der.",
  },
  missing: {
    title: "Siden finnes ikke",
    text: "Lenken kan være ufullstendig. Åpne den fra e-posten på nytt, eller kopier hele lenken. Hjelper ikke det, be administratoren din om en ny e-post.",
  },
  busy: {
    title: "Straks tilbake",
    text: "Vi kan ikke svare akkurat nå. Ingenting er endret. Prøv igjen om en liten stund.",
  },
  fault: {
    title: "Noe gikk galt hos oss",
    text: (p) => `Prøv igjen om en liten stund. Hvis det fortsetter, gi administratoren din denne referansen: ${p.reference}.`,
  },
};
