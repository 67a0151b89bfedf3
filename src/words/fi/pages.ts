import type { pages as pagesEn } from "../en/pages.ts";

export const pages: typeof pagesEn = {
  verify: {
    title: "Vahvista osoitteesi",
    text: (p) => `${p.organisation} käyttää tätä osoitetta kirjautumiseesi. Onko se sinun?`,
    button: "Vahvista",
    note: "Eikö osoite ole sinun? Sulje silloin sivu. Mitään ei tapahdu ennen kuin painat painiketta.",
  },
  confirmed: {
    title: "Vahvistettu. Valitse nyt salasana",
    text: "Osoitteesi on vahvistettu. Enää yksi vaihe ennen kuin voit kirjautua sisään.",
  },
  already: {
    title: "Jo vahvistettu",
    text: "Osoite on vahvistettu. Sinun ei tarvitse tehdä sitä uudelleen.",
  },
  password: {
    set: "Valitse salasana",
    forgotten: "Unohditko salasanasi?",
    logIn: "Kirjaudu sisään",
    toLogin: "Kirjautumissivulle",
    onLoginPage: "Valitse kirjautumissivulla ”Unohditko salasanasi?” ja seuraa ohjeita.",
    elsewhere: "Avaa sivu, jolla yleensä kirjaudut sisään, valitse ”Unohditko salasanasi?” ja seuraa ohjeita.",
  },
  expired: {
    title: "Linkki on vanhentunut",
    text: "Voimme lähettää sinulle uuden samaan osoitteeseen.",
    button: "Lähetä uusi linkki",
  },
  queued: {
    title: "Uusi linkki on matkalla",
    text: "Katso sähköpostisi muutaman minuutin kuluttua, myös roskapostikansio. Voit sulkea sivun.",
  },
  inFlight: {
    title: "Viesti on jo matkalla",
    text: "Katso sähköpostisi muutaman minuutin kuluttua, myös roskapostikansio. Voit sulkea sivun.",
  },
  wait: {
    title: "Uutta viestiä ei voi vielä lähettää",
    last: (p) => `Viimeisin viesti: ${p.at}. Etsi ensin sitä, myös roskapostikansiosta.`,
    next: (p) => `Seuraavan voi lähettää: ${p.at}.`,
    button: "Yritä uudelleen",
  },
  undeliverable: {
    title: "Viestit eivät mene perille tähän osoitteeseen",
    text: "Ne palautuivat, joten emme enää lähetä niitä. Pyydä ylläpitäjääsi tarkistamaan osoite.",
  },
  changed: {
    title: "Osoitteesi on vaihtunut",
    text: "Tämä linkki kuuluu aiempaan osoitteeseen. Käytä uuteen osoitteeseesi viimeksi lähetetyn viestin linkkiä tai pyydä ylläpitäjääsi lähettämään viesti.",
  },
  inactive: {
    title: "Tili ei ole käytössä",
    text: "Sillä ei voi juuri nyt kirjautua sisään. Kysy ylläpitäjältäsi.",
  },
  refused: {
    title: "Avaa linkki uudelleen",
    text: "Emme voineet varmistaa, että pyyntö tuli omalta sivultamme, joten mitään ei muutettu. Avaa viestin linkki uudelleen ja paina siellä painiketta.",
  },
  missing: {
    title: "Sivua ei ole",
    text: "Linkki saattaa olla vajaa. Avaa se uudelleen viestistä tai kopioi koko linkki. Jos se ei auta, pyydä ylläpitäjältäsi uusi viesti.",
  },
  busy: {
    title: "Hetki vain",
    text: "Emme pysty vastaamaan juuri nyt. Mitään ei muutettu. Yritä hetken kuluttua uudelleen.",
  },
  fault: {
    title: "Jokin meni vikaan meidän päässämme",
    text: (p) => `Yritä hetken kuluttua uudelleen. Jos vika toistuu, kerro ylläpitäjällesi tämä viite: ${p.reference}.`,
  },
};
