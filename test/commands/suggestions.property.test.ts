import { sql } from "drizzle-orm";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { parseLine } from "../../src/commands/language/parse.ts";
import { sayUnknownName } from "../../src/commands/say-problem.ts";
import { rowsOf } from "../../src/db/client.ts";
import { listNames } from "../../src/db/parts.ts";
import { departments, users } from "../../src/db/schema/tables.ts";
import { findUnknownNames, selectionWhere } from "../../src/db/selection.ts";
import { fold } from "../../src/domain/fold.ts";
import type { Selection } from "../../src/domain/filter.ts";
import { findUsersByWord, inScope } from "../../src/db/users.ts";
import { wordsIn } from "../../src/words/words.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();

const characters = Array.from("abcdefgÅäöéØß12  '’ʼ´\"“”«»,:;=-–—‑()&<>@#\\/._\u00a0\u00ad\u200d\ufe0f\u030a👩💻🏽İıＡ");
const name = fc
  .string({ unit: fc.constantFrom(...characters), minLength: 3, maxLength: 16 })
  .map((text) => text.trim())
  .filter((text) => fold(text) !== "");
const names = fc.uniqueArray(name, { selector: fold, minLength: 12, maxLength: 12 });

/** What a chat client makes of typed text. */
const asSent = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const Row = z.object({ name: z.string() });

async function world(drawn: string[]) {
  const organisationId = (await insert.organisation(db)).id;
  for (const each of drawn) await insert.user(db, organisationId, { name: each, department: each });
  const seer = { organisationId, scope: { kind: "all" as const } };
  const selected = async (selection: Selection) =>
    (
      await rowsOf(
        db,
        Row,
        sql`select d.name from ${users} join ${departments} d on d.id = ${users.departmentId}
          where ${users.organisationId} = ${organisationId} and ${selectionWhere(organisationId, selection)}`,
      )
    ).map((row) => row.name);
  return { organisationId, seer, selected };
}

const voice = { t: wordsIn("en"), timeZone: "UTC", now: new Date() };

/** The text between the quotation marks of "Did you mean …?". */
function suggestedIn(lines: string[]): string | undefined {
  const { didYouMean } = voice.t.replies;
  const [before = "", after = ""] = didYouMean({ suggestion: "\n" }).split("\n");
  return lines.find((line) => line.startsWith(before))?.slice(before.length, -after.length);
}

function read(line: string): Selection {
  const parsed = parseLine(asSent(line), ["bulk"]);
  if (!parsed.ok) throw new Error(`${line}: ${JSON.stringify(parsed.problem)}`);
  expect(parsed.line.words).toEqual([]);
  return parsed.line.selection;
}

it("Every department that is suggested, typed back, selects the people of that department and nobody else", async () => {
  let suggested = 0;
  await fc.assert(
    fc.asyncProperty(names, async (drawn) => {
      const { seer, selected } = await world(drawn);
      for (const each of drawn) {
        const [unknown] = await findUnknownNames(db, seer, [{ key: "department", not: false, values: [`${each}x`] }]);
        if (!unknown) continue;
        const text = suggestedIn(sayUnknownName(unknown, voice).lines);
        expect(text === undefined).toBe(unknown.suggestion === null);
        if (text === undefined) continue;
        const selection = read(`bulk ${text}`);
        expect(await findUnknownNames(db, seer, selection)).toEqual([]);
        expect(await selected(selection)).toEqual([unknown.suggestion]);
        suggested += 1;
      }
    }),
    { numRuns: 12 },
  );
  expect(suggested).toBeGreaterThan(20);
});

it("Every department that is offered, pressed, selects the people of that department and nobody else", async () => {
  await fc.assert(
    fc.asyncProperty(names, async (drawn) => {
      const { seer, selected } = await world(drawn);
      for (const each of drawn) {
        const offered = await listNames(db, seer, "department", each, 100);
        expect(offered).toContain(each);
        const selection: Selection = [{ key: "department", not: false, values: [each] }];
        expect(await findUnknownNames(db, seer, selection)).toEqual([]);
        expect(await selected(selection)).toEqual([each]);
      }
    }),
    { numRuns: 5 },
  );
});

it("Every person's full name finds them, whoever else begins with the same words", async () => {
  await fc.assert(
    fc.asyncProperty(names, async (drawn) => {
      const { organisationId } = await world(drawn);
      const seen = inScope(organisationId, { kind: "all" });
      for (const each of drawn)
        expect((await findUsersByWord(db, seen, each.normalize("NFD"), 5)).map((user) => user.name)).toEqual([each]);
    }),
    { numRuns: 5 },
  );
});
