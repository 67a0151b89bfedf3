import { describe, expect, it } from "vitest";
import { readIntent } from "../../../src/commands/language/intent.ts";
import { PHRASES } from "../../fixtures/phrases.ts";

type Phrase = { language: string; meant: string; text: string; apart: boolean };

const phrases: Phrase[] = Object.entries(PHRASES).flatMap(([language, byMeaning]) =>
  Object.entries(byMeaning).flatMap(([meant, texts]) => texts.map((text, at) => ({ language, meant, text, apart: at % 5 === 4 }))),
);

/** Precision over what is acted on; recall over what asks for something. */
function score(list: Phrase[]) {
  const acted = list.map((phrase) => ({ ...phrase, read: readIntent(phrase.text)?.intent })).filter(({ read }) => read !== undefined);
  const right = acted.filter(({ meant, read }) => meant === read).length;
  return { precision: right / acted.length, recall: right / list.filter(({ meant }) => meant !== "none").length };
}

describe("plain words", () => {
  it("The fixture has at least 60 phrases a language, a fifth of them held apart", () => {
    for (const language of Object.keys(PHRASES))
      expect(phrases.filter((each) => each.language === language).length).toBeGreaterThanOrEqual(60);
    expect(phrases.filter(({ apart }) => apart).length / phrases.length).toBeGreaterThan(0.15);
  });

  it.each([
    ["worked with", false],
    ["held apart", true],
  ])("The phrases %s are understood with a precision of 0.98 and a recall of 0.85 at least", (what, apart) => {
    const { precision, recall } = score(phrases.filter((each) => each.apart === apart));
    process.stdout.write(`plain words ${what}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}\n`);
    expect(precision).toBeGreaterThanOrEqual(0.98);
    expect(recall).toBeGreaterThanOrEqual(0.85);
  });

  it.each([
    ["kan itne loga in", "cannot-log-in"],
    ["I FORGOT MY PASSWORD!!!", "forgot-password"],
    ["glömt lösnordet", "forgot-password"],
    ["jeg kan ikk logge ind på min konto", "cannot-log-in"],
    ["salasanna unohtui", "forgot-password"],
    ["är det möjligt att få låna bilen", undefined],
  ])("The sentence %j means %s", (text, intent) => {
    expect(readIntent(text)?.intent).toBe(intent);
  });

  it.each([
    ["skicka mejlet till Anna Berg igen", "Anna Berg"],
    ["send a new mail to anna@acme.example, please", "anna@acme.example"],
    ["can you send the link to Tom?", "Tom"],
    ["send me the link", null],
  ])("The sentence %j is about %s", (text, who) => {
    expect(readIntent(text)?.who).toBe(who);
  });
});
