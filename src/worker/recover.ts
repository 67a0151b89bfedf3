/** Before its first claim a worker writes down what those that were killed on this machine could not. */
import { endLeases, settleClaims } from "../db/claims.ts";
import { knownWorkers } from "../db/relays.ts";
import type { WorkerDeps } from "../deps.ts";
import { takeLeftJournals, type Left } from "./journal.ts";
import { acceptedBefore, handBack } from "./settlement.ts";

const AT_ONCE = 500;

export async function recover({ db, dataDir, now, log }: WorkerDeps): Promise<void> {
  const { journals, letGo } = takeLeftJournals(dataDir, now());
  try {
    // One of another database would speak of other mails.
    const known = new Set(
      await knownWorkers(
        db,
        journals.map(({ worker }) => worker),
      ),
    );
    for (const { worker, left, old, forget } of journals) {
      if (known.has(worker)) await writeDown(db, left, log);
      if (known.has(worker) || old) forget();
    }
  } finally {
    letGo();
  }
}

async function writeDown(db: WorkerDeps["db"], { accepted, begun, untouched }: Left, log: WorkerDeps["log"]): Promise<void> {
  const ends = [...accepted.map(acceptedBefore), ...untouched.map((mail) => handBack(mail))];
  for (let from = 0; from < ends.length; from += AT_ONCE) await settleClaims(db, ends.slice(from, from + AT_ONCE));
  // These may have reached their users: they stay `sending` for the next claim to see.
  await endLeases(db, begun);
  log.info({ sent: accepted.length, begun: begun.length, untouched: untouched.length }, "a worker that was killed had these in its hands");
}
