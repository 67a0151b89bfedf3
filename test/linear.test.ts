import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readIntent } from "../src/commands/language/intent.ts";
import { parseLine } from "../src/commands/language/parse.ts";
import { undoChat } from "../src/commands/language/tokens.ts";
import { readAddress } from "../src/domain/address.ts";
import { blot } from "../src/logs.ts";
import { cleanAnswer } from "../src/mail/clean.ts";

const SRC = join(import.meta.dirname, "../src");
const LITERAL = /(?<=[(,=:[!&|?{};]\s*|return\s+|^\s*)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([dgimsuvy]*)/gm;

/** Every pattern in the sources but those of the playground's page, which runs in a browser. */
const patterns = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) =>
    [
      ...readFileSync(join(SRC, file), "utf8")
        .replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, "")
        .matchAll(LITERAL),
    ].map(([, source = "", flags = ""]) => [file, source, flags] as const),
  );

/** Texts that make a pattern look again and again: single signs, and the pattern's own words, repeated without an end that fits. */
function units(source: string): string[] {
  const words = source.replace(/\\[a-zA-Z](?:\{[^}]*\})?|[\\^$?*+()[\]{}|]/g, " ").match(/\S{2,}/g) ?? [];
  return [...new Set([...Array.from(" a1@<-.`'\":;,/=&\t"), "\r\n", "ab ", "a.", "a@", "<a ", "1.", "- ", ...words.slice(0, 12)])];
}

const LENGTH = 16_000;

/** The least milliseconds of three tries. */
function slowest(work: (text: string) => unknown, unit: string, length: number): number {
  const text = `${unit.repeat(Math.ceil(length / unit.length))}\u0001`;
  const times = [1, 2, 3].map(() => {
    const begun = performance.now();
    work(text);
    return performance.now() - begun;
  });
  return Math.min(...times);
}

/** Whether twice the text takes more than twice the time. What is linear takes about a millisecond. */
const grows = (work: (text: string) => unknown) => (unit: string) => {
  const long = slowest(work, unit, LENGTH);
  return long > 15 && long > 2.8 * slowest(work, unit, LENGTH / 2);
};

describe("regular expressions", () => {
  it("The sources hold patterns to measure", () => {
    expect(patterns.length).toBeGreaterThan(100);
  });

  it.each(patterns)("The pattern in %s takes no more than linear time: %s", (_file, source, flags) => {
    const pattern = new RegExp(source, flags.replace("y", ""));
    const grown = units(source).filter(grows((text) => text.replace(pattern, "")));
    expect(grown).toEqual([]);
  });
});

describe("what reads text from outside", () => {
  it.each([
    ["a mail server's answer", cleanAnswer],
    ["a log line", blot],
    ["a chat line", undoChat],
    ["plain words", readIntent],
    ["a command", (text: string) => parseLine(text, ["bulk"])],
    ["a login address", readAddress],
  ])("Reading %s takes no more than linear time", (_what, read) => {
    expect(units('<mailto: href="mailto: <at> b-1-1- eyJ xoxb- v1.').filter(grows(read))).toEqual([]);
  });
});
