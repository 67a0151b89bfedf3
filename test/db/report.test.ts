import { expect, it } from "vitest";
import { countLeftOut, countStuck } from "../../src/db/report.ts";
import { inScope } from "../../src/db/users.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

it("Each label of the report counts what it says, and the rest is counted as left out", async () => {
  const { id } = await insert.organisation(db);
  const old = { addressSetAt: daysAgo(30) };
  await insert.user(db, id, { ...old, lastVerificationAt: new Date() });
  await insert.user(db, id, { ...old, lastVerificationAt: daysAgo(8) });
  await insert.user(db, id, old);
  await insert.user(db, id, { ...old, activated: false });
  const seen = inScope(id, { kind: "all" });
  const stuck = Object.fromEntries((await countStuck(db, seen)).map(({ reason, count }) => [reason, count]));
  expect(stuck).toEqual({ recent: 1, old: 1, "never-mailed": 1 });
  expect(await countLeftOut(db, seen)).toBe(1);
});
