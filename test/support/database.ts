import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { afterAll } from "vitest";
import { openPglite, openPostgres, type Db } from "../../src/db/client.ts";
import { createDatabase, dropDatabase } from "./postgres.ts";

/** A migrated, empty database of this test file's own, on PGlite or on Postgres as the project says. Call at the top of a file: `const { db } = await testDatabase();` */
export async function testDatabase(): Promise<{ db: Db }> {
  const server = process.env["VERIFY_TEST_POSTGRES"];
  return server ? await onPostgres(server) : await onPglite();
}

/** The URL of an empty database of this test file's own; for the files that run on Postgres only. */
export async function emptyDatabase(): Promise<string> {
  const server = fromSetup("VERIFY_TEST_POSTGRES");
  const name = freshName();
  afterAll(() => dropDatabase(server, name));
  return createDatabase(server, name);
}

async function onPglite(): Promise<{ db: Db }> {
  const client = await PGlite.create({ loadDataDir: new Blob([readFileSync(fromSetup("VERIFY_TEST_TEMPLATE"))]) });
  const database = await openPglite(client);
  afterAll(() => database.close());
  return { db: database.db };
}

async function onPostgres(server: string): Promise<{ db: Db }> {
  const template = `${fromSetup("VERIFY_TEST_RUN")}template`;
  const name = freshName();
  const database = openPostgres(await createDatabase(server, name, template));
  afterAll(async () => {
    await database.close();
    await dropDatabase(server, name);
  });
  return { db: database.db };
}

function freshName(): string {
  return `${fromSetup("VERIFY_TEST_RUN")}${randomBytes(6).toString("hex")}`;
}

function fromSetup(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error("the global set-up has not run");
  return value;
}
