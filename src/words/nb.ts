import { en, type Words } from "./en.ts";

export const nb: Words = {
  ...en,
  language: "nb",
  locale: "nb-NO",
  replies: {
    ...en.replies,
    notices: {
      elsewhere: "Jeg har svart i vår private chat.",
      unreached: "Det besvares bare privat. Skriv til meg i en egen chat, og spør igjen der.",
      working: "Jobber fortsatt. Svaret kommer i vår chat.",
    },
    selection: {
      everyone: "alle",
      connections: { "no-address": "uten innloggingsadresse", pending: "ventende", connected: "tilkoblede", deactivated: "deaktiverte" },
      statuses: { active: "aktive", inactive: "inaktive" },
      pendingLonger: (p) => `ventende i mer enn ${p.days}`,
      pendingShorter: (p) => `ventende i mindre enn ${p.days}`,
      neverSent: "aldri fått e-post",
      everSent: "har fått e-post",
      bounced: "med returnert e-post",
      department: (p) => `i ${p.names}`,
      office: (p) => `på ${p.names}`,
      company: (p) => `i selskapet ${p.names}`,
      authorised: (p) => `autorisert for ${p.names}`,
      role: (p) => `rolle ${p.names}`,
      signature: (p) => `signatur med ${p.parts}`,
      employee: (p) => `navn med ${p.parts}`,
      userId: (p) => `User-ID med ${p.parts}`,
      lang: (p) => `språk ${p.names}`,
      not: (p) => `ikke ${p.phrase}`,
    },
  },
  pages: {
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
  },
  mails: {
    verification: {
      subject: (p) => `Bekreft innloggingsadressen din hos ${p.organisation}`,
      hello: (p) => `Hei, ${p.name}!`,
      helloAnyone: "Hei!",
      ask: (p) =>
        `${p.organisation} har lagt inn denne adressen for innloggingen din. Bekreft at den er din, så kan du velge passord og logge inn.`,
      button: "Bekreft adressen min",
      until: (p) => `Lenken virker til ${p.expires}.`,
      copy: "Hvis knappen ikke virker, åpner du denne lenken i nettleseren:",
      notYou:
        "Var ikke e-posten ment for deg? Da trenger du ikke å gjøre noe: Ingenting endres før du bekrefter. Vi spør aldri om passordet ditt i en e-post.",
      sender: (p) => `E-posten er sendt på vegne av ${p.organisation}.`,
    },
  },
};
