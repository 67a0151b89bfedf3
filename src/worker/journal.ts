/**
 * What is in a worker's hands, on this machine's disk: a line when it is claimed, when it is begun, and when the mail server has taken it. A worker
 * that is killed so leaves word for the next one started here: what was taken is not sent again, what was not begun is free at once, and
 * only what had been begun may go out twice. Without it nothing is lost, but leases have to run out.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Claimed, Held } from "../db/claims.ts";
import { lockFile } from "../db/file-lock.ts";

type InHand = Held & Pick<Claimed, "before">;

export type Journal = {
  claimed(mails: InHand[]): void;
  begun(mail: Held): void;
  /** The mail server has taken it. */
  accepted(mail: Held): void;
  /** Leaves out what is settled, once there is much of it: what remains in hand is written anew. */
  trim(remaining: { claimed: InHand[]; begun: Held[]; accepted: Held[] }): void;
  /** Ends it. Nothing may be noted after that. */
  remove(): void;
};

/** What a worker that is gone had in its hands. */
export type Left = { accepted: Held[]; begun: Held[]; untouched: InHand[] };

const TRIM_AT_BYTES = 256 * 1024;
/** What another database's worker left behind is thrown away after so long. */
const OLD_MS = 24 * 60 * 60_000;
const NAME = /^worker-([\w-]+)\.journal$/;
const LINE = /^([cba]) (\d+) (\d+) (\d+) (\w*)$/gm;

const lineOf = (step: "c" | "b" | "a", { organisationId, id, fence }: Held, before = ""): string =>
  `${step} ${organisationId} ${id} ${fence} ${before}\n`;
const claimLine = (mail: InHand): string => lineOf("c", mail, mail.before);

/** Throws where `dir` cannot be written. `onFault` hears of the first line that could not be; there are no more after it. */
export function openJournal(dir: string, worker: string, onFault: (fault: unknown) => void): Journal {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, `worker-${worker}.journal`);
  const lock = lockFile(lockPath(path));
  let file = openSync(path, "a", 0o600);
  let bytes = 0;
  let broken = false;

  const attempt = (work: () => void): void => {
    if (broken) return;
    try {
      work();
    } catch (fault) {
      broken = true;
      onFault(fault);
    }
  };
  const write = (text: string): void => attempt(() => (bytes += writeSync(file, text)));

  return {
    claimed: (mails) => write(mails.map(claimLine).join("")),
    begun: (mail) => write(lineOf("b", mail)),
    accepted: (mail) => write(lineOf("a", mail)),
    trim: ({ claimed, begun, accepted }) => {
      if (bytes < TRIM_AT_BYTES) return;
      attempt(() => {
        const text = [claimed.map(claimLine), begun.map((mail) => lineOf("b", mail)), accepted.map((mail) => lineOf("a", mail))];
        const anew = openSync(`${path}.new`, "w", 0o600);
        bytes = writeSync(anew, text.flat().join(""));
        renameSync(`${path}.new`, path);
        closeSync(file);
        file = anew;
      });
    },
    remove: () => {
      closeSync(file);
      rmSync(path, { force: true });
      lock?.release();
      rmSync(lockPath(path), { force: true });
    },
  };
}

const lockPath = (path: string): string => `${path}.lock`;

/** A journal whose writer's process has ended. `forget` removes it. */
export type LeftJournal = { worker: string; left: Left; old: boolean; forget(): void };

/** Those of this machine that nobody writes any more; each is the caller's alone until forgotten or let go. */
export function takeLeftJournals(dir: string, now: Date): { journals: LeftJournal[]; letGo(): void } {
  const journals: LeftJournal[] = [];
  const locks: { release(): void }[] = [];
  for (const name of readdirSync(dir)) {
    const worker = NAME.exec(name)?.[1];
    const path = join(dir, name);
    const lock = worker === undefined ? undefined : lockFile(lockPath(path));
    if (worker === undefined || !lock) continue;
    locks.push(lock);
    const forget = (): void => [path, lockPath(path)].forEach((each) => rmSync(each, { force: true }));
    const old = now.getTime() - statSync(path).mtimeMs > OLD_MS;
    journals.push({ worker, left: leftIn(readFileSync(path, "utf8")), old, forget });
  }
  return { journals, letGo: () => locks.forEach((lock) => lock.release()) };
}

/** A last line that was cut off is none: it may be half a number. */
function leftIn(text: string): Left {
  const steps = new Map<string, { step: string; mail: InHand }>();
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  for (const [, step = "", organisationId, id, fence, before] of whole.matchAll(LINE)) {
    const key = `${organisationId} ${id} ${fence}`;
    const mail = steps.get(key)?.mail ?? {
      organisationId: Number(organisationId),
      id: Number(id),
      fence: Number(fence),
      before: beforeOf(before),
    };
    steps.set(key, { step, mail });
  }
  const at = (step: string): InHand[] => [...steps.values()].filter((each) => each.step === step).map(({ mail }) => mail);
  return { accepted: at("a"), begun: at("b"), untouched: at("c") };
}

function beforeOf(word: string | undefined): InHand["before"] {
  return word === "unknown" || word === "deferred" || word === "sending" ? word : "queued";
}
