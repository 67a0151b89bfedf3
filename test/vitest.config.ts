import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { findPostgres } from "./support/postgres.ts";

const root = join(import.meta.dirname, "..");
const exclude = ["test/e2e/**", "test/faults/**", "test/bench/**"];
const common = { root, isolate: false, maxWorkers: "100%", testTimeout: 60_000, hookTimeout: 60_000 };

/** What only Postgres can show. */
const postgresOnly = "test/**/*.postgres.test.ts";
/** The files that ask for a database run once more on Postgres where there is one. */
const onDatabase = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && readFileSync(join(import.meta.dirname, file), "utf8").includes("testDatabase("))
  .map((file) => `test/${file}`);

export default defineConfig(async () => {
  const postgres = await findPostgres();
  if (!postgres) process.stderr.write("Left out: the tests on Postgres. No server answers at TEST_DATABASE_URL or on 127.0.0.1:5432.\n");
  const pglite = {
    test: {
      ...common,
      name: "pglite",
      exclude: [...exclude, postgresOnly],
      include: ["test/**/*.test.ts"],
      globalSetup: ["test/support/pglite-setup.ts"],
    },
  };
  const again = {
    test: {
      ...common,
      name: "postgres",
      exclude,
      include: [...onDatabase, postgresOnly],
      globalSetup: ["test/support/postgres-setup.ts"],
      env: { VERIFY_TEST_POSTGRES: postgres ?? "" },
    },
  };
  return { test: { root, projects: postgres ? [pglite, again] : [pglite] } };
});
