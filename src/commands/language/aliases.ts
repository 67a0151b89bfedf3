/**
 * The vocabulary of the command language in English, Swedish, Norwegian, Danish and Finnish. Data. Words are compared blurred (domain/nearest):
 * `väntande` also covers `VÄNTANDE` and `vantande`. Canonical words are the keys.
 */
import type { PartKey, Status, TextKey } from "../../domain/filter.ts";
import { blur } from "../../domain/nearest.ts";
import type { SettingName } from "../../domain/settings.ts";
import type { Connection, Language } from "../../domain/user.ts";

export type Vocabulary<K extends string> = {
  /** The canonical word that this is, or is an alias of. */
  find(word: string): K | undefined;
  canonicals: K[];
  /** Canonicals and aliases, as written. */
  all: string[];
};

function vocabulary<K extends string>(aliases: Record<K, string[]>): Vocabulary<K> {
  const canonicals = Object.keys(aliases) as K[];
  const pairs = canonicals.flatMap((canonical) => [canonical, ...aliases[canonical]].map((word) => [word, canonical] as const));
  const byBlurred = new Map(pairs.map(([word, canonical]) => [blur(word), canonical]));
  return { find: (word) => byBlurred.get(blur(word)), canonicals, all: pairs.map(([word]) => word) };
}

const words = (text: string): string[] => text.split(" ");

/** What may stand in front of the verb: the slash command itself, typed where it is not needed. */
export const BOT = vocabulary({ verify: words("/verify @verify") });

export const VERBS = vocabulary<string>({
  help: words("? hjälp hjelp hjælp apua ohje ohjeet"),
  status: words("läge tila tilanne"),
  resend: words(
    "send send-again skicka skicka-om skicka-igen send-på-nytt send-igjen send-igen gensend lähetä lähetä-uudelleen lähetä-uudestaan",
  ),
  "set-email": words(
    "set-address sätt-epost sätt-e-post ändra-epost ändra-e-post byt-epost sett-epost sett-e-post endre-epost endre-e-post sæt-email skift-email ændr-email aseta-sähköposti vaihda-sähköposti",
  ),
  bulk: words("massutskick utskick masseutsending utsending masseudsendelse udsendelse massalähetys joukkolähetys"),
  jobs: words("utskicken jobblista jobben jobber jobbene jobliste ajot työt"),
  job: words("jobb ajo työ"),
  approve: words("godkänn godkjenn godkend hyväksy"),
  reject: words("avslå neka avvis afvis hylkää"),
  save: words("spara lagre gem tallenna"),
  saved: words("sparat sparade sparad lagret lagrede gemt gemte tallennettu tallennetut"),
  remind: words("reminder reminders påminn påminnelse påminnelser påmind påmindelse påmindelser muistuta muistutus muistutukset"),
  import: words("importera importer tuo"),
  export: words("exportera eksporter vie"),
  history: words("historik historikk historia"),
  audit: words("logg revisionslogg revisjonslogg revisionslog loki"),
  report: words("rapport raportti"),
  unsuppress: words("unblock häv-spärr opphev-sperre ophæv-spærring poista-esto"),
  settings: words("setting config inställningar inställning innstillinger innstilling indstillinger indstilling asetukset asetus"),
  mail: words("mejl mejlet e-post epost post sähköposti viestit"),
  link: words("länka koppla lenke koble forbind linkitä yhdistä"),
  unlink: words("koppla-från koble-fra frakobl poista-linkitys"),
  password: words("lösenord passord adgangskode kodeord salasana"),
  lang: words("language språk sprog kieli"),
});

export const ME = vocabulary({ me: words("myself mig meg minä minut minulle itse itselleni") });

export const KEYS = vocabulary<Key>({
  department: words("dept avdelning avdeling afdeling osasto"),
  office: words("kontor toimisto toimipiste"),
  company: words("företag bolag selskap firma bedrift selskab virksomhed yritys yhtiö"),
  authorised: words("authorized behörig behörighet autorisert autoriseret valtuutettu valtuutus"),
  role: words("roll rolle rooli"),
  status: words("tila"),
  connection: words("anslutning inloggning tilkobling tilknytning tilslutning forbindelse yhteys"),
  signature: words("sign signatur signatuuri nimikirjaimet"),
  employee: words("name anställd medarbetare namn ansatt medarbeider navn ansat medarbejder työntekijä nimi"),
  "user-id": words("userid id användar-id användarid bruker-id brukerid bruger-id brugerid käyttäjä-id käyttäjätunnus"),
  lang: words("language språk sprog kieli"),
});

/** A selection by its name: `saved:weekly`. */
export const SAVED = vocabulary({ saved: words("sparad sparat sparade lagret lagrede gemt gemte tallennettu tallennetut") });

export type Key = TextKey | PartKey | "status" | "connection" | "lang";

export const STATUSES = vocabulary<Status>({
  active: words("aktiv aktiva aktive aktiivinen aktiiviset"),
  inactive: words("inaktiv inaktiva inaktive ikke-aktiv passiivinen passiiviset ei-aktiivinen"),
});

export const CONNECTIONS = vocabulary<Connection>({
  pending: words("väntande väntar ventende venter afventende afventer odottava odottavat odottaa"),
  connected: words("ansluten anslutna tilkoblet tilkoblede tilknyttet tilsluttet tilsluttede yhdistetty yhdistetyt"),
  "no-address": words("utan-adress ingen-adress uten-adresse ingen-adresse uden-adresse ilman-osoitetta ei-osoitetta"),
  deactivated: words("avaktiverad avaktiverade inaktiverad deaktivert deaktiverte deaktiveret deaktiverede deaktivoitu deaktivoidut"),
});

export const LANGUAGE_WORDS = vocabulary<Language>({
  en: words("english engelska engelsk englanti"),
  sv: words("swedish svenska svensk ruotsi"),
  nb: words("norwegian norska norsk bokmål norja"),
  da: words("danish danska dansk tanska"),
  fi: words("finnish finska finsk suomi"),
});

/** What stands behind `job B-117`, `audit` and `mail`. */
export const JOB_WORDS = vocabulary<"show" | "pause" | "resume" | "cancel" | "retry" | "report">({
  show: words("visa vis näytä"),
  pause: words("pausa tauko"),
  resume: words("continue återuppta fortsätt fortsett gjenoppta fortsæt genoptag jatka"),
  cancel: words("stop avbryt avbryd annuller peru peruuta"),
  retry: words("retry-failed försök-igen prøv-igjen prøv-igen yritä-uudelleen"),
  report: words("rapport raportti"),
});
export const AUDIT_WORDS = vocabulary({ export: words("exportera eksporter vie") });
export const SWITCH_WORDS = vocabulary<"on" | "off">({ on: words("på til päälle"), off: words("av fra pois") });

/** What stands behind `settings`. */
export const SETTING_WORDS = vocabulary<SettingName>({
  "approval-over": words(
    "approval four-eyes godkännande godkännande-över godkjenning godkjenning-over godkendelse godkendelse-over hyväksyntä hyväksyntäraja",
  ),
  "leaver-days": words("leavers slutdagar sluttdager slutdage fratrædelsesdage lähtöpäivät"),
  reminders: words("reminder remind påminnelser påminnelse påmindelser påmindelse muistutukset muistutus"),
  "time-zone": words("timezone zone tidszon tidssone tidszone aikavyöhyke"),
  language: words("lang språk sprog kieli"),
});

/** What stands behind `remind` and `saved`. */
export const REMIND_WORDS = vocabulary({
  add: words("new lägg-till ny legg-til tilføj lisää uusi"),
  list: words("lista liste luettelo"),
  stop: words("stoppa stopp lopeta pysäytä"),
  after: words("efter etter jälkeen"),
  every: words("var varje hver hvert joka"),
  max: words("högst maks højst høyst enintään"),
});
export const SAVED_WORDS = vocabulary({ remove: words("delete ta-bort fjern slett slet poista") });

/** Filters that are one word. */
export const BARE_TERMS = vocabulary<"never-sent" | "bounced">({
  "never-sent": words("neversent aldrig-skickat aldrig-skickad aldri-sendt aldrig-sendt ei-lähetetty ei-koskaan-lähetetty"),
  bounced: words("studsad studsat studsade returnert returnerte returneret returnerede palautunut palautuneet"),
});

export const FLAGS = vocabulary({ "dry-run": words("dryrun"), force: [], reason: [], at: [], lang: [] });
