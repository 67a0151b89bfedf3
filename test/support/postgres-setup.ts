import { migratePostgres } from "../../src/db/migrate.ts";
import { createDatabase, dropDatabase, findPostgres, onServer } from "./postgres.ts";

/** Migrates one database that every test file's own is cloned from. All of a run's databases are named for its process and go with it. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await findPostgres();
  if (!server) throw new Error("Postgres answered a moment ago and does not now");
  const run = `verify_test_${process.pid}_`;
  await dropWhere(server, (pid) => pid === process.pid || !isAlive(pid));
  const template = `${run}template`;
  await migratePostgres(await createDatabase(server, template));
  process.env["VERIFY_TEST_RUN"] = run;
  return () => dropWhere(server, (pid) => pid === process.pid);
}

/** What a killed run left behind is swept up by the next one. */
async function dropWhere(server: string, isOver: (pid: number) => boolean): Promise<void> {
  const names = await onServer(
    server,
    (sql) => sql<{ name: string }[]>`select datname as name from pg_database where datname ~ '^verify_test_[0-9]+_'`,
  );
  for (const { name } of names) if (isOver(Number(name.split("_")[2]))) await dropDatabase(server, name);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
