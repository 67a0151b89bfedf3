/** One process per data directory: a second one would destroy it. SQLite's file lock is the kernel's, so it ends with the process, however that dies. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

export type DataDirLock = { kind: "held"; release(): void } | { kind: "taken"; pid: number | undefined };

/** Takes the lock or says who holds it; never waits. */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const pidFile = join(dataDir, "lock.pid");
  const lock = new DatabaseSync(join(dataDir, "lock.sqlite"), { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    return { kind: "taken", pid: readPid(pidFile) };
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  const release = () => {
    rmSync(pidFile, { force: true });
    lock.close();
  };
  return { kind: "held", release };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
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
