import type { pages as pagesEn } from "../en/pages.ts";

export const pages: typeof pagesEn = {
  verify: {
    title: "Bekräfta din adress",
    text: (p) => `${p.organisation} använder den här adressen för din inloggning. Är den din?`,
    button: "Bekräfta",
    note: "Inte din adress? Stäng då sidan. Inget händer förrän du trycker på knappen.",
  },
  confirmed: {
    title: "Klart! Välj nu ett lösenord",
    text: "Din adress är verifierad. Ett steg återstår innan du kan logga in.",
  },
  already: {
    title: "Redan bekräftad",
    text: "Adressen är verifierad. Du behöver inte göra det igen.",
  },
  password: {
    set: "Välj lösenord",
    forgotten: "Glömt lösenordet?",
    logIn: "Logga in",
    toLogin: "Till inloggningssidan",
    onLoginPage: "Välj ”Glömt lösenordet?” på inloggningssidan och följ stegen.",
    elsewhere: "Öppna sidan där du brukar logga in, välj ”Glömt lösenordet?” och följ stegen.",
  },
  expired: {
    title: "Länken har gått ut",
    text: "Vi kan skicka en ny till samma adress.",
    button: "Skicka en ny länk",
  },
  queued: {
    title: "En ny länk är på väg",
    text: "Titta efter mejlet om några minuter, även i skräpposten. Du kan stänga sidan.",
  },
  inFlight: {
    title: "Ett mejl är redan på väg",
    text: "Titta efter det om några minuter, även i skräpposten. Du kan stänga sidan.",
  },
  wait: {
    title: "Inget nytt mejl ännu",
    last: (p) => `Senaste mejlet: ${p.at}. Leta efter det först, även i skräpposten.`,
    next: (p) => `Nästa kan skickas: ${p.at}.`,
    button: "Försök igen",
  },
  undeliverable: {
    title: "Mejlen når inte fram till adressen",
    text: "De har kommit tillbaka, så vi har slutat skicka dit. Be din administratör kontrollera adressen.",
  },
  changed: {
    title: "Din adress har ändrats",
    text: "Den här länken hör till en tidigare adress. Använd länken i det senaste mejlet till din nya adress, eller be din administratör skicka ett.",
  },
  inactive: {
    title: "Kontot är inte aktivt",
    text: "Det går inte att logga in med det just nu. Fråga din administratör.",
  },
  refused: {
    title: "Öppna länken igen",
    text: "Vi kunde inte avgöra om det här kom från vår egen sida, så inget har ändrats. Öppna länken i mejlet igen och tryck på knappen där.",
  },
  missing: {
    title: "Sidan finns inte",
    text: "Länken kan vara ofullständig. Öppna den från mejlet igen eller kopiera hela länken. Hjälper inte det, be din administratör om ett nytt mejl.",
  },
  busy: {
    title: "Strax tillbaka",
    text: "Vi kan inte svara just nu. Inget har ändrats. Försök igen om en liten stund.",
  },
  fault: {
    title: "Något gick fel hos oss",
    text: (p) => `Försök igen om en liten stund. Om det fortsätter, ge din administratör den här referensen: ${p.reference}.`,
  },
};
