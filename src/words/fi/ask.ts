/** Answers to plain words, spoken to the person who is stuck. */
import type { ask as en } from "../en/ask.ts";

export const ask: typeof en = {
  ask: {
    hello: (p) => `Hei ${p.name}! Autan, kun et pääse kirjautumaan. Mistä on kyse?`,
    thanks: "Ole hyvä!",
    unsure: "En ole varma, mitä tarkoitat. Mistä on kyse?",
    human: "Olen botti. Ylläpitäjäsi on ihminen, joka voi auttaa, ja voin kertoa hänelle.",
    somebodyElse: "Voin auttaa vain omassa kirjautumisessasi. Kollegasi voi kirjoittaa minulle itse.",
    offer: (p) => `Lähetetäänkö vahvistusviesti vastaanottajalle ${p.who}? Mitään ei ole vielä lähetetty.`,
    offerButton: "Lähetä viesti",
    pending: (p) => `Hei ${p.name}! Osoitettasi ${p.address} ei ole vielä vahvistettu, joten et pääse kirjautumaan.`,
    pendingNext: "Pyydä uusi viesti ja paina siinä olevaa painiketta.",
    onItsWay: (p) => `Hei ${p.name}! Viesti osoitteeseen ${p.address} on matkalla.`,
    mailed: (p) =>
      `Hei ${p.name}! Sait viestin osoitteeseen ${p.address} ${p.ago}. Paina siinä olevaa painiketta, niin pääset kirjautumaan.`,
    lookFor: (p) => `Etsi otsikkoa ”${p.subject}”, myös roskapostista.`,
    noAddress: (p) => `Hei ${p.name}! Sinulla ei ole vielä kirjautumisosoitetta, joten et pääse kirjautumaan.`,
    bounced: (p) => `Hei ${p.name}! Viestimme osoitteeseen ${p.address} palautui, joten et pääse kirjautumaan.`,
    deactivated: (p) => `Hei ${p.name}! Et ole aktiivinen HR-järjestelmässä, joten et pääse kirjautumaan.`,
    deactivatedNext: "Pyydä esimiestäsi tai HR-osastoa aktivoimaan sinut.",
    adminNext: "Ylläpitäjäsi voi antaa sinulle oikean osoitteen. Yksi painallus riittää.",
    connected: (p) => `Hei ${p.name}! Kaikki on kunnossa: kirjaudut osoitteella ${p.address}.`,
    connectedNext: "Jos salasana ei toimi, valitse uusi kirjautumissivulla.",
    cannotLogIn: "En pääse kirjautumaan",
    noMail: "Viestiä ei tullut",
    whatElse: "Mitä osaat?",
    sendAgain: "Lähetä viesti uudelleen",
    wrongAddress: "Väärä osoite?",
    tellAdmin: "Kerro ylläpitäjälle",
    setPassword: "Valitse uusi salasana",
    logIn: "Kirjaudu",
    told: (p) => `Valmis: ${p.count} ${p.count === 1 ? "ylläpitäjä" : "ylläpitäjää"} tietää nyt, että tarvitset apua.`,
    toldAlready: "Ylläpitäjillesi kerrottiin asiasta alle vuorokausi sitten.",
    nobodyToTell: "Ketään ylläpitäjistäsi ei tavoita täältä. Kysy HR-osastolta.",
    needsHelp: (p) => `${p.name} (${p.address}) ei pääse kirjautumaan ja pyytää apuasi.`,
  },
};
