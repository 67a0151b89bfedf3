import { readFileSync } from "node:fs";
import { join } from "node:path";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { decode, detectEncoding } from "../../src/files/encoding.ts";
import { tableProblemOf } from "../../src/files/problem.ts";
import { chunksOf } from "../support/table-files.ts";

const FILE = readFileSync(join(import.meta.dirname, "../fixtures/employees-users.csv"), "utf8");
const TEXTS = {
  Swedish: "User-ID;Employee\n1;Åsa Öberg\n2;Björn Ängström\n3;GÖRAN ÅKESSON\n",
  Danish: "User-ID;Employee\n1;Søren Ærø\n2;Åse Kjær\n3;Bjørn Ødegård\n",
  Finnish: "User-ID;Employee\n1;Päivi Mäkelä\n2;Yrjö Hämäläinen\n",
  "one name": "User-ID;Employee\n1;Björn Lund\n",
  "a name in capitals": "User-ID;Employee\n1;BJÖRN LUND\n",
};

const textIn = async (bytes: Uint8Array) => {
  let text = "";
  for await (const piece of decode(chunksOf(bytes), await detectEncoding(chunksOf(bytes)))) text += piece;
  return text;
};

describe("text in a single-byte table", () => {
  it.each(
    ["windows-1252", "macroman", "cp850", "cp865"].flatMap((table) =>
      Object.entries(TEXTS).map(([what, text]) => [what, table, text] as const),
    ),
  )("%s text in %s is read letter by letter", async (_what, table, text) => {
    expect(await textIn(iconv.encode(text, table))).toBe(text);
  });

  it.each(["windows-1252", "macroman", "cp850"])("A whole file in %s is read letter by letter", async (table) => {
    expect(await textIn(iconv.encode(FILE, table))).toBe(iconv.decode(iconv.encode(FILE, table), table));
  });

  it("An apostrophe of Windows is one", async () => {
    expect(await textIn(iconv.encode("1;Siobhán O’Brien – Åre\n", "windows-1252"))).toBe("1;Siobhán O’Brien – Åre\n");
  });

  it("Bytes that make no words in any table are refused with what was tried", async () => {
    const bytes = Buffer.from([0x41, 0x81, 0x90, 0xf0, 0x42, 0x8d, 0x43, 0xb0, 0xdb, 0x44]);
    const problem = await detectEncoding(chunksOf(bytes)).catch((error: unknown) => tableProblemOf(error));
    expect(problem).toEqual({ kind: "encoding-unsure", tried: ["windows-1252", "macroman", "cp850", "cp865"] });
  });
});
