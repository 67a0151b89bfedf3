import { describe, expect, it } from "vitest";
import {
  AUDIT_WORDS,
  BARE_TERMS,
  CONNECTIONS,
  JOB_WORDS,
  KEYS,
  LANGUAGE_WORDS,
  ME,
  REMIND_WORDS,
  SAVED,
  SAVED_WORDS,
  SETTING_WORDS,
  STATUSES,
  SWITCH_WORDS,
  VERBS as VERB_WORDS,
} from "../../../src/commands/language/aliases.ts";
import { parseLine, readWho, type Line } from "../../../src/commands/language/parse.ts";
import { blur } from "../../../src/domain/nearest.ts";

const VERBS = VERB_WORDS.canonicals;

function lineOf(text: string): Line {
  const parsed = parseLine(text, VERBS);
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.problem)}`);
  return parsed.line;
}

const selectionOf = (text: string) => lineOf(`bulk ${text}`).selection;
const whoOf = (text: string) => readWho(lineOf(`status ${text}`).words);

const BEHIND_VERBS = { SAVED_WORDS, REMIND_WORDS, SETTING_WORDS, JOB_WORDS, AUDIT_WORDS, SWITCH_WORDS };

it.each(Object.entries({ VERBS: VERB_WORDS, KEYS, SAVED, ...BEHIND_VERBS, STATUSES, CONNECTIONS, BARE_TERMS, LANGUAGE_WORDS }))(
  "no word of %s stands for two things",
  (_, vocabulary) => {
    const folded = vocabulary.all.map(blur);
    expect(folded.filter((word, at) => folded.indexOf(word) !== at)).toEqual([]);
  },
);

it("takes every word of the vocabulary where it belongs", () => {
  for (const word of VERB_WORDS.all) expect(lineOf(word).verb).toBe(VERB_WORDS.find(word));
  for (const word of BARE_TERMS.all) expect(selectionOf(`-${word}`)).toEqual([{ key: BARE_TERMS.find(word), not: true }]);
  for (const word of STATUSES.all) expect(selectionOf(`status:${word}`)).toMatchObject([{ values: [STATUSES.find(word)] }]);
  for (const word of CONNECTIONS.all) expect(selectionOf(`connection:${word}`)).toMatchObject([{ values: [CONNECTIONS.find(word)] }]);
  for (const word of LANGUAGE_WORDS.all) expect(selectionOf(`lang:${word}`)).toMatchObject([{ values: [LANGUAGE_WORDS.find(word)] }]);
  for (const word of KEYS.all) {
    const key = KEYS.find(word);
    const value = key === "status" ? "active" : key === "connection" ? "pending" : "sv";
    expect(selectionOf(`${word.toUpperCase()}:${value}`)).toEqual([{ key, not: false, values: [value] }]);
  }
  for (const word of SAVED.all) expect(lineOf(`bulk ${word}:x`).saved).toEqual(["x"]);
  for (const word of ME.all) expect(whoOf(word)).toEqual({ kind: "me" });
});

describe("filters in five languages", () => {
  it.each([
    ["department", "avdelning avdeling afdeling osasto dept AVDELNING"],
    ["office", "kontor toimisto toimipiste"],
    ["company", "företag bolag selskap bedrift firma selskab virksomhed yritys yhtiö foretag"],
    ["authorised", "authorized behörig behörighet autorisert autoriseret valtuutettu"],
    ["role", "roll rolle rooli"],
    ["signature", "signatur signatuuri nimikirjaimet"],
    ["employee", "anställd medarbetare ansatt medarbeider ansat medarbejder työntekijä name namn navn nimi"],
    ["user-id", "id userid användar-id användarid bruker-id brukerid bruger-id brugerid käyttäjätunnus"],
  ])("%s is also written %s", (key, aliases) => {
    for (const alias of aliases.split(" ")) expect(selectionOf(`${alias}:x`)).toEqual([{ key, not: false, values: ["x"] }]);
  });

  it.each([
    ["status", "active", "status:aktiv status:aktive status:aktiva tila:aktiivinen"],
    ["status", "inactive", "status:inaktiv status:inaktive status:passiivinen"],
    ["connection", "pending", "anslutning:väntande tilkobling:ventende tilslutning:afventende yhteys:odottaa connection:vantande"],
    ["connection", "connected", "anslutning:ansluten tilkobling:tilkoblet tilslutning:tilsluttet yhteys:yhdistetty"],
    [
      "connection",
      "no-address",
      'connection:no_address anslutning:"utan adress" tilkobling:"uten adresse" tilslutning:uden-adresse yhteys:ei-osoitetta',
    ],
    ["connection", "deactivated", "anslutning:avaktiverad tilkobling:deaktivert tilslutning:deaktiveret yhteys:deaktivoitu"],
    ["lang", "sv", "språk:svenska lang:SE sprog:svensk kieli:ruotsi language:swedish"],
    ["lang", "nb", "språk:norsk lang:nn kieli:norja lang:bokmål"],
    ["lang", "da", "sprog:dansk lang:dk kieli:tanska"],
    ["lang", "fi", "språk:finska lang:fi-FI kieli:suomi"],
    ["lang", "en", "språk:engelska lang:en-US sprog:engelsk kieli:englanti"],
  ])("%s:%s is also written %s", (key, value, texts) => {
    for (const text of texts.split(/ (?=\S+:)/)) expect(selectionOf(text)).toEqual([{ key, not: false, values: [value] }]);
  });

  it.each([
    ["pending>7d", "väntande>7d ventende>7dager venter>7d afventer>7dage odottaa>7pv odottava>7päivää"],
    ["never-sent", "never_sent aldrig-skickat aldri-sendt aldrig-sendt ei-lähetetty"],
    ["bounced", "studsat studsad returnert returneret palautunut"],
  ])("%s is also written %s", (canonical, aliases) => {
    for (const alias of aliases.split(" ")) expect(selectionOf(alias)).toEqual(selectionOf(canonical));
  });
});
