import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { rowsOf } from "../../src/db/client.ts";
import { createFolded, folded } from "../../src/db/fold.ts";
import { fold } from "../../src/domain/fold.ts";
import { testDatabase } from "../support/database.ts";

const { db } = await testDatabase();

const Row = z.object({ folded: z.string() });
const inSql = async (texts: string[]) =>
  (
    await rowsOf(
      db,
      Row,
      sql`select ${folded(sql`each`)} as folded from jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb) with ordinality as all_of (each, place) order by place`,
    )
  ).map((row) => row.folded);

/** Assigned after Unicode 14, which the oldest Postgres we run on knows: newer tables take these apart. */
const YOUNGER: readonly (readonly [number, number])[] = [
  [0xa7f1, 0xa7f1],
  [0x1ccd6, 0x1ccf9],
  [0x1e030, 0x1e06d],
];

const isOld = (code: number) => !YOUNGER.some(([first, last]) => code >= first && code <= last);

function everyCharacter(): string[] {
  const codes = Array.from({ length: 0x20000 - 1 }, (_, at) => at + 1);
  return codes.filter((code) => (code < 0xd800 || code > 0xdfff) && isOld(code)).map((code) => String.fromCodePoint(code));
}

it("Every character is folded alike by Postgres and here, alone and among others", async () => {
  const texts = everyCharacter().map((each) => `Å ${each} b${each}C`);
  const there = await inSql(texts);
  expect(texts.filter((text, at) => there[at] !== fold(text))).toEqual([]);
});

it("Any text is folded alike by Postgres and here, and folding it again changes nothing", async () => {
  const characters = Array.from("aZåÅéßẞİıIiσΣςДд '’ʼ´`\"“”«-–‑\u00a0\u00ad\u200d\u200c\ufe0f\u0301\u0307\u0323\u212b½ﬁＡ＂…👩💻👍🏽\t\n");
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...characters), maxLength: 12 }),
    fc.string({ unit: "grapheme-composite", maxLength: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 100, maxLength: 100 }), async (drawn) => {
      const texts = drawn.map((each) =>
        Array.from(each)
          .filter((one) => one !== "\u0000" && isOld(one.codePointAt(0) ?? 0))
          .join(""),
      );
      const here = texts.map(fold);
      expect(await inSql(texts)).toEqual(here);
      expect(here.map(fold)).toEqual(here);
    }),
    { numRuns: 20 },
  );
});

it("The newest function `folded` among the migrations is the one that the tables make", () => {
  const folder = join(import.meta.dirname, "../../migrations");
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), "utf8"));
  expect(texts.findLast((text) => text.includes("FUNCTION folded("))).toContain(createFolded());
});
