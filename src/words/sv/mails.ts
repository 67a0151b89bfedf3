import type { mails as mailsEn } from "../en/mails.ts";

export const mails: typeof mailsEn = {
  verification: {
    subject: (p) => `Bekräfta din inloggningsadress hos ${p.organisation}`,
    hello: (p) => `Hej ${p.name}!`,
    helloAnyone: "Hej!",
    ask: (p) =>
      `${p.organisation} har lagt in den här adressen för din inloggning. Bekräfta att den är din, så kan du välja lösenord och logga in.`,
    button: "Bekräfta min adress",
    until: (p) => `Länken fungerar till ${p.expires}.`,
    copy: "Om knappen inte fungerar, öppna den här länken i webbläsaren:",
    notYou:
      "Var mejlet inte menat för dig? Då behöver du inte göra något: inget ändras förrän du bekräftar. Vi frågar aldrig efter ditt lösenord i ett mejl.",
    sender: (p) => `Mejlet är skickat på uppdrag av ${p.organisation}.`,
  },
  addressChanged: {
    subject: (p) => `Din inloggningsadress hos ${p.organisation} har ändrats`,
    changed: (p) => `Din inloggning hos ${p.organisation} använder nu en annan adress. Den här går inte längre att logga in med.`,
    notYou: "Har du inte bett om det? Säg till din administratör genast.",
  },
};
