import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { migratePostgres } from "../../src/db/migrate.ts";
import { emptyDatabase } from "../support/database.ts";
import { onServer } from "../support/postgres.ts";

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, "../support/programs/migrate.ts");

const migrationsIn = (url: string) => onServer(url, (sql) => sql`select hash from drizzle.__drizzle_migrations`);

it("lets instances that start at once migrate once, each ready when it goes on", async () => {
  const url = await emptyDatabase();
  const instances = await Promise.all([1, 2, 3].map(() => run(process.execPath, [PROGRAM, url], { cwd: tmpdir() })));
  expect(instances.map(({ stdout, stderr }) => ({ stdout, stderr }))).toEqual(
    [1, 2, 3].map(() => ({ stdout: "0 organisations\n", stderr: "" })),
  );
  const hashes = (await migrationsIn(url)).map((row) => row["hash"] as string);
  expect(hashes.length).toBeGreaterThan(0);
  expect(new Set(hashes).size).toBe(hashes.length);
});

it("finds nothing to do the second time", async () => {
  const url = await emptyDatabase();
  await migratePostgres(url);
  const before = await migrationsIn(url);
  await migratePostgres(url);
  expect(await migrationsIn(url)).toEqual(before);
});
