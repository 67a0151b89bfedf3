/** One process per data directory: a second one would destroy it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lockFile } from "./file-lock.ts";

export type DataDirLock = { kind: "held"; release(): void } | { kind: "taken"; pid: number | undefined };

/** Takes the lock or says who holds it; never waits. */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const pidFile = join(dataDir, "lock.pid");
  const lock = lockFile(join(dataDir, "lock.sqlite"));
  if (!lock) return { kind: "taken", pid: readPid(pidFile) };
  writeFileSync(pidFile, `${process.pid}\n`);
  const release = () => {
    rmSync(pidFile, { force: true });
    lock.release();
  };
  return { kind: "held", release };
}

/** Undefined in the instant between the holder's lock and its writing the number. */
function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}
