/** The product as a later release would be: the same files in a folder of their own, with one migration more. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./folder.ts";

type MigrationJournal = { entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[] };

const ROOT = join(import.meta.dirname, "../..");

/** Makes it until the end of the test, and returns its `src/main.ts`. */
export function nextRelease(migration: string): string {
  const folder = temporaryFolder();
  for (const name of ["src", "migrations", "manifest", "package.json"]) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const path = join(folder, "migrations/meta/_journal.json");
  const { entries, ...rest } = JSON.parse(readFileSync(path, "utf8")) as MigrationJournal;
  const last = entries.at(-1);
  if (!last) throw new Error("there is no migration");
  const next = { ...last, idx: last.idx + 1, when: last.when + 1, tag: "9999_next_release" };
  writeFileSync(join(folder, `migrations/${next.tag}.sql`), migration);
  writeFileSync(path, JSON.stringify({ ...rest, entries: [...entries, next] }));
  return join(folder, "src/main.ts");
}
