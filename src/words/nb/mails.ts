import type { mails as mailsEn } from "../en/mails.ts";

export const mails: typeof mailsEn = {
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
  addressChanged: {
    subject: (p) => `Innloggingsadressen din hos ${p.organisation} er endret`,
    changed: (p) => `Innloggingen din hos ${p.organisation} bruker nå en annen adresse. Denne virker ikke lenger til innlogging.`,
    notYou: "Har du ikke bedt om dette? Si fra til administratoren din med en gang.",
  },
};
