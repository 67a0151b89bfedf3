import type { mails as mailsEn } from "../en/mails.ts";

export const mails: typeof mailsEn = {
  verification: {
    subject: (p) => `Bekræft din loginadresse hos ${p.organisation}`,
    hello: (p) => `Hej ${p.name}`,
    helloAnyone: "Hej",
    ask: (p) =>
      `${p.organisation} har registreret denne adresse til dit login. Bekræft, at den er din, så kan du vælge en adgangskode og logge ind.`,
    button: "Bekræft min adresse",
    until: (p) => `Linket virker til ${p.expires}.`,
    copy: "Hvis knappen ikke virker, kan du åbne dette link i din browser:",
    notYou:
      "Var mailen ikke til dig? Så behøver du ikke gøre noget: Intet ændres, før du bekræfter. Vi beder dig aldrig om din adgangskode i en mail.",
    sender: (p) => `Mailen er sendt på vegne af ${p.organisation}.`,
  },
  addressChanged: {
    subject: (p) => `Din loginadresse hos ${p.organisation} er ændret`,
    changed: (p) => `Dit login hos ${p.organisation} bruger nu en anden adresse. Denne virker ikke længere til login.`,
    notYou: "Har du ikke bedt om det? Sig det straks til din administrator.",
  },
};
