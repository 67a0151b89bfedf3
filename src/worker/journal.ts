/**
 * What the mail server has taken and Postgres does not know yet, on this machine's disk: a line a mail, written at once, so that a worker that
 * is killed leaves word for the next one started here. Without it nothing is lost, but those mails would go out again.
 */
import {
  closeSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Held } from "../db/claims.ts";

export type Journal = {
  /** The mail server has taken it. */
  note(mail: Held): void;
  /** Everything noted is in the database. */
  clear(): void;
  /** Says that its writer is alive. */
  touch(now: Date): void;
  /** Ends it. Nothing may be noted after that. */
  remove(): void;
};

/** A journal that nobody has touched for so long is of a worker that is gone, and its leases have ended. */
const GONE_AFTER_MS = 5 * 60_000;
const NAME = /^accepted-([\w-]+)\.journal$/;
const LINE = /^(\d+) (\d+) (\d+)$/gm;

/** Throws where `dir` cannot be written. `onFault` hears of the first line that could not be; there are no more after it. */
export function openJournal(dir: string, worker: string, onFault: (fault: unknown) => void): Journal {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, `accepted-${worker}.journal`);
  const file = openSync(path, "a", 0o600);
  let empty = true;
  let broken = false;
  return {
    note: ({ organisationId, id, fence }) => {
      if (broken) return;
      empty = false;
      try {
        writeSync(file, `${organisationId} ${id} ${fence}\n`);
      } catch (fault) {
        broken = true;
        onFault(fault);
      }
    },
    clear: () => {
      if (!empty) ftruncateSync(file);
      empty = true;
    },
    touch: (now) => futimesSync(file, now, now),
    remove: () => {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
}

/** What other workers of this machine have left, by worker. Of those that are alive, too: what they noted is just as true. */
export function readJournals(dir: string, now: Date): Map<string, Held[]> {
  const left = new Map<string, Held[]>();
  for (const name of readdirSync(dir)) {
    const worker = NAME.exec(name)?.[1];
    if (worker === undefined) continue;
    const path = join(dir, name);
    left.set(worker, heldIn(readFileSync(path, "utf8")));
    if (now.getTime() - statSync(path).mtimeMs > GONE_AFTER_MS) rmSync(path, { force: true });
  }
  return left;
}

/** A last line that was cut off is none: it may be half a number. */
function heldIn(text: string): Held[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return [...whole.matchAll(LINE)].map(([, organisationId, id, fence]) => ({
    organisationId: Number(organisationId),
    id: Number(id),
    fence: Number(fence),
  }));
}
