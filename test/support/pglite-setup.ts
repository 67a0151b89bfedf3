import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { openPglite } from "../../src/db/client.ts";
import { migratePglite } from "../../src/db/migrate.ts";

/** Migrates one PGlite once and keeps its files as a template that every test file starts from. */
export default async function setup(): Promise<() => void> {
  const dir = mkdtempSync(join(tmpdir(), "verify-bot-template-"));
  const client = await PGlite.create();
  const { db, close } = await openPglite(client);
  await migratePglite(db);
  const dump = await client.dumpDataDir("none");
  await close();
  const file = join(dir, "template.tar");
  writeFileSync(file, Buffer.from(await dump.arrayBuffer()));
  process.env["VERIFY_TEST_TEMPLATE"] = file;
  return () => rmSync(dir, { recursive: true, force: true });
}
