/**
 * The words that people use when they are stuck, by language and concept. All five languages are listened for at once: four words do not tell Danish from
 * Norwegian. A word is a stem, folded as `intent.ts` folds (å ä → a, ö ø → o, æ → ae), and stands for every word that begins with it. `=word` is that word
 * alone; `two+words` is a phrase.
 */
import type { Language } from "../../domain/user.ts";

export type Concept =
  | "login"
  | "not"
  | "trouble"
  | "password"
  | "forgot"
  | "renew"
  | "mail"
  | "arrived"
  | "link"
  | "expired"
  | "address"
  | "wrong"
  | "locked"
  | "hello"
  | "help"
  | "thanks"
  | "human"
  | "other"
  | "send"
  | "me";

export const LEXICON: Record<Language, Record<Concept, string>> = {
  sv: {
    login: "logga inlogg loggin komma+in kommer+in slipper+in slippa+in slapper+den+in slapps+in in+pa+kontot atkomst mitt+konto",
    not: "=inte =int =itj =ej =icke =ingen =inget =inga =aldrig =itne =nte nekas gar+ej",
    trouble: "problem krangla krangel strular strul bokar trubbel funkar+int fungerar+int gar+int felmeddelande misslyckas",
    password: "losen losn passord pinkod =koden",
    forgot: "glomt glomde glommer =glom minns+int kommer+inte+ihag tappat+bort tappat",
    renew: "=nytt =ny =byta =byter =byt =andra =andrar aterstall nollstall",
    mail: "mejl mail =epost e-post epost bekraftelse verifiering =brev meddelande inbjudan",
    arrived: "=skickat =fatt =fick =far =kommit =kom =kommer dyker dykt vantar =vanta var+ar mottagit hittar skrapposten",
    link: "lank knapp",
    expired: "gatt+ut gar+ut gick+ut utgang for+gammal ogiltig =dod trasig funkar fungerar gor+ingenting oppna",
    address: "adress mejladress epostadress",
    wrong: "=fel =felaktig felstavad felskriven =bytt =ny =gammal =gamla =andra =andrat stammer",
    locked: "=last =lasta utelast utestangd sparrat =sparrad =sparr blockera avstangd for+manga+forsok manga+forsok",
    hello: "=hej =hejsan =hallå =halla =tjena =tja =tjenare =tjo god+morgon god+dag god+kvall =morrn vem+ar+du vad+ar+du",
    help: "hjalp vad+kan+du hur+funkar hur+fungerar hur+gor instruktion",
    thanks: "=tack =tackar toppen perfekt =tackade",
    human: "manniska riktig+person kundtjanst support prata+med ringa koppla+mig",
    other: "kollega kollegan kollegor arbetskamrat medarbetare anstalld =han =hon =honom =henne =chef vikarie",
    send: "=skicka =sand =mejla =maila =skickar",
    me: "=jag =mig =mej =min =mitt =mina =ja",
  },
  nb: {
    login: "logge =logg innlogg palogg komme+inn kommer+inn slipper+inn slippe+inn kjem+inn logget+inn kontoen+min tilgang",
    not: "=ikke =ikkje =ikk =ingen =inkje =aldri =ei =itj =itte",
    trouble: "problem trobbel trøbbel trobel virker+ikke fungerer+ikke gar+ikke feilmelding klarer+ikke",
    password: "passord =koden",
    forgot: "glemt glomt glemte husker+ikke hugsar+ikkje mistet",
    renew: "=nytt =ny =bytte =bytter =endre =endrer tilbakestil nullstill",
    mail: "epost e-post mail bekreftelse melding verifiser invitasjon",
    arrived: "=sendt =fatt =fikk =far =kommet =kom =kommer dukker venter hvor+er mottatt motteke finner",
    link: "lenk link knapp",
    expired: "utlopt utgatt for+gammel ugyldig virker fungerer apne apnet odelagt =dod",
    address: "adresse epostadresse mailadresse",
    wrong: "=feil feilstavet =byttet =ny =nye =gammel =gamle =endre =endret =endra stemmer",
    locked: "=last utestengt stengt+ute sperret =sperra blokkert for+mange+forsok mange+forsok",
    hello: "=hei =heisann =hallo =halla =morn god+morgen god+dag god+kveld hvem+er+du hva+er+du kaem+e+du kem+e+du",
    help: "hjelp hva+kan+du hvordan+fungerer hvordan+virker hvordan+gjor",
    thanks: "=takk supert tusen+takk",
    human: "menneske ekte+person kundeservice kundestotte brukerstotte snakke+med ringe",
    other: "kollega ansatt medarbeider =han =hun =henne =ham sjefen vikar",
    send: "=send =sende =sender",
    me: "=jeg =meg =min =mitt =mine =eg =æ =mi",
  },
  da: {
    login: "logge =log login indlog komme+ind kommer+ind slipper+ind lukke+mig+ind adgang+til min+konto logget+ind smidt+ud",
    not: "=ikke =ikk =ik =ingen =intet =aldrig =ej",
    trouble: "problem driller virker+ikke fungerer+ikke fejlbesked bøvl bovl kan+ikke",
    password: "adgangskod kodeord =kode =koden password",
    forgot: "glemt glemte huske husker+ikke mistet",
    renew: "=ny =nyt =skifte =skifter =aendre =aendrer nulstil",
    mail: "mail e-mail email bekraeftelse besked invitation",
    arrived: "=sendt =faet =fik =far =kommet =kom =kommer dukker venter hvor+er modtaget finde",
    link: "link knap",
    expired: "udlobet for+gammel ugyldig foraeldet virker duer abne odelagt",
    address: "adresse mailadresse e-mailadresse",
    wrong: "=forkert =forkerte =skiftet =ny =nye =gammel =gamle =aendre =aendret stavet",
    locked: "=last spaerret =sparret blokeret lukket+ude for+mange+forsog mange+forsog",
    hello: "=hej =hejsa =goddag =davs god+dag god+morgen hvem+er+du hvad+er+du =mojn",
    help: "hjaelp hvad+kan+du hvordan+virker hvordan+gor brug+for+hjaelp",
    thanks: "=tak mange+tak",
    human: "menneske rigtig+person kundeservice tale+med snakke+med ringe",
    other: "kollega medarbejder ansat =han =hun =hende =ham =chef vikar",
    send: "=send =sende =sender",
    me: "=jeg =mig =min =mit =mine",
  },
  fi: {
    login: "kirjau sisaan =sisalle tilille tilil paasta+sisa paase+sisa",
    not: "=ei =eika =miksei =emma =eivat =emme =enka en+paase en+saa en+ole en+oo en+voi en+pysty en+osaa en+muista en+onnistu en+nae",
    trouble: "ongelma ei+onnistu ei+toimi vaikeu virheilmoitus ei+paase en+paase",
    password: "salasana salis tunnussana",
    forgot: "unohd unoht unohin hukassa kadonnut muista",
    renew: "uuden =uusi =uutta vaihta vaihda nollaa palaut",
    mail: "sahkoposti meili viesti vahvist =posti kutsu",
    arrived: "lahetetty =tuu =tule =tulee saanut =saan tullut =tullu saapunut saapu odotan odotta missa perille nakyy =nay loyda",
    link: "linkki linkin linkkia nappi painike =linkit",
    expired: "vanhentu vanha voimassa rikki toimi aukea aukee kelpaa",
    address: "osoite osoitte sahkopostiosoite",
    wrong: "vaara vaarin vaihtu vaihtanut =uusi vanha vanhaan muuttaa muuttu vaihtaa",
    locked: "lukit lukko lukossa lukkiutu estetty liian+monta",
    hello: "=moi =moikka =hei =terve =moro =heippa =huomenta =paivaa hyvaa+paivaa kuka+sina kuka+sa kuka+olet mika+sina",
    help: "apua auta autta =apu mita+osaat miten+tama ohje neuvo",
    thanks: "kiito kiitti",
    human: "ihminen ihmisel =ihmista asiakaspalv puhua soittaa tukipalvelu",
    other: "kollega tyokaveri alainen alaise tyontekija =han =hanen =hanelle pomo esimies",
    send: "laheta lahetta lahett =laita",
    me: "=mina =minun =minulle =minua =ma =mulle =mun =minulla =itselle",
  },
  en: {
    login: "login log+in log+on logging+in sign+in signin signing+in get+in let+me+in access into+my+account",
    not: "=not =cant =can't =cannot =dont =don't =didnt =didn't =havent =haven't =hasn't =doesnt =doesn't =isn't =won't =wont =never =no =nothing =unable",
    trouble: "trouble problem issue fails failing error struggling not+working",
    password: "password =pw =pwd passcode",
    forgot: "forgot forget forgotten remember lost+my",
    renew: "=new =change reset =changing =again",
    mail: "mail email e-mail message verification invite invitation inbox",
    arrived: "=get =got =came arrived arrive received receive waiting where+is where's find",
    link: "link button url",
    expired: "expired expire too+old invalid work works working open dead broken does+nothing",
    address: "address email+changed",
    wrong: "=wrong =old =new incorrect misspelled misspelt typo =changed =change",
    locked: "locked blocked suspended too+many lockout",
    hello: "=hello =hi =hey =hiya good+morning good+afternoon who+are+you what+are+you",
    help: "help what+can+you how+does+this how+do+i instructions",
    thanks: "thank thx cheers thanks",
    human: "human real+person talk+to speak+to helpdesk call",
    other: "=someone =somebody colleague coworker employee =he =she =him =her boss =his teammate",
    send: "=send =resend =forward",
    me: "=i =me =my =i'm =im",
  },
};
