import type { mails as mailsEn } from "../en/mails.ts";

export const mails: typeof mailsEn = {
  verification: {
    subject: (p) => `Vahvista kirjautumisosoitteesi – ${p.organisation}`,
    hello: (p) => `Hei ${p.name}!`,
    helloAnyone: "Hei!",
    ask: (p) =>
      `${p.organisation} on tallentanut tämän osoitteen kirjautumistasi varten. Vahvista, että osoite on sinun. Sen jälkeen voit valita salasanan ja kirjautua sisään.`,
    button: "Vahvista osoitteeni",
    until: (p) => `Linkin voimassaolo päättyy: ${p.expires}.`,
    copy: "Jos painike ei toimi, avaa tämä linkki selaimessa:",
    notYou:
      "Eikö viesti ollut tarkoitettu sinulle? Silloin sinun ei tarvitse tehdä mitään: mikään ei muutu, ellet vahvista osoitetta. Emme koskaan kysy salasanaasi sähköpostitse.",
    sender: (p) => `Viestin lähettäjä: ${p.organisation}.`,
  },
  addressChanged: {
    subject: (p) => `Kirjautumisosoitteesi on vaihdettu – ${p.organisation}`,
    changed: (p) => `${p.organisation}: kirjautumiseesi käytetään nyt toista osoitetta. Tällä osoitteella ei voi enää kirjautua.`,
    notYou: "Etkö pyytänyt tätä? Kerro siitä heti ylläpitäjällesi.",
  },
};
