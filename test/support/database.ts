import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { afterAll } from "vitest";
import { openPglite, type Db } from "../../src/db/client.ts";

/** A migrated, empty PGlite of this test file's own. Call at the top of a file: `const { db } = await testDatabase();` */
export async function testDatabase(): Promise<{ db: Db }> {
  const template = process.env["VERIFY_TEST_TEMPLATE"];
  if (!template) throw new Error("the global set-up has not run");
  const client = await PGlite.create({ loadDataDir: new Blob([readFileSync(template)]) });
  const database = await openPglite(client);
  afterAll(() => database.close());
  return { db: database.db };
}
