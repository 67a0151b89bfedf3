/** A lock that the kernel gives back when its holder's process ends, however that dies: SQLite's, on a file of its own. */
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/** Takes the lock, or undefined where another holds it; never waits. The file stays. */
export function lockFile(path: string): { release(): void } | undefined {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    return undefined;
  }
  return { release: () => lock.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
