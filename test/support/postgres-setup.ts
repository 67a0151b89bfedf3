import { migratePostgres } from "../../src/db/migrate.ts";
import { createDatabase, dropDatabase, findPostgres } from "./postgres.ts";

/** Migrates one database that every test file's own is cloned from. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await findPostgres();
  if (!server) throw new Error("Postgres answered a moment ago and does not now");
  const template = `verify_test_${process.pid}_template`;
  await migratePostgres(await createDatabase(server, template));
  process.env["VERIFY_TEST_TEMPLATE_DATABASE"] = template;
  return () => dropDatabase(server, template);
}
