import { describe, expect, it } from "vitest";
import { describeSelection } from "../../../src/commands/language/describe-selection.ts";
import { parseLine } from "../../../src/commands/language/parse.ts";
import { wordsIn } from "../../../src/words/words.ts";

function said(filters: string, language: string): string {
  const parsed = parseLine(`bulk ${filters}`, ["bulk"]);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return describeSelection(parsed.line.selection, wordsIn(language));
}

describe("a selection in words", () => {
  it.each([
    ["", "everyone"],
    ['connection:pending department:Lager,Butik -office:"Malmö C"', "pending in Lager or Butik, not Malmö C"],
    ["department:Lager", "in Lager"],
    ["office:Lund department:Lager,Butik,Åkeri", "at Lund, in Lager, Butik or Åkeri"],
    ["pending>7d", "pending for more than 7 days"],
    ["pending<1d never-sent department:Lager", "pending for less than 1 day, never mailed, in Lager"],
    ["-never-sent -bounced -status:inactive", "mailed before, not bounced, not inactive"],
    ["company:Acme authorised:Acme role:admin", "in company Acme, authorised to Acme, role admin"],
    ["signature:ab employee:Anna user-id:47,48", "signature with ab, name with Anna, User-ID with 47 or 48"],
    ["connection:connected,no-address lang:sv", "connected or without login address, language Swedish"],
    ["-company:Acme", "not in company Acme"],
  ])("%j", (filters, words) => {
    expect(said(filters, "en")).toBe(words);
  });

  it.each([
    ["sv", "väntande i Lager eller Butik, mejlade tidigare, inte Malmö C"],
    ["nb", "ventende i Lager eller Butik, har fått e-post, ikke Malmö C"],
    ["da", "afventende i Lager eller Butik, har fået mail, ikke Malmö C"],
    ["fi", "odottavat osastossa Lager tai Butik, aiemmin viestin saaneet, ei Malmö C"],
  ])("reads in %s", (language, words) => {
    expect(said('connection:pending department:Lager,Butik -never-sent -office:"Malmö C"', language)).toBe(words);
  });
});
