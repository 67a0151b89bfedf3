/** Brings an organisation to what a file of the Employees/users template says: all of it, or nothing. */
import { noteAudit } from "../../db/audit.ts";
import { inTransaction, withBulkTime, type Db, type Tx } from "../../db/client.ts";
import { isUniqueViolation } from "../../db/faults.ts";
import { findOrganisation } from "../../db/organisations.ts";
import { applyRoster, lockRoster } from "../../db/roster/load.ts";
import { openStaging, stageRejected, stageRows } from "../../db/roster/staging.ts";
import { ROSTER_COLUMNS, type RosterColumn } from "../../domain/roster-columns.ts";
import { areTooManyLeavers } from "../../domain/leavers.ts";
import { readRosterRow, type NoUser, type RowNote, type RowProblem } from "../../domain/roster-row.ts";
import { ENCODINGS, type Chunks, type Encoding } from "../../files/encoding.ts";
import { tableProblemOf, type TableProblem } from "../../files/problem.ts";
import { readTable, type HowRead, type NamedRow, type Table } from "../../files/table.ts";

/** What is said of one row. An error row changed nothing, or not its login address; a note left out one field. */
export type RosterRemark = { row: number; userId: string } & (
  | { error: RowProblem | "address-taken" }
  | { error: "repeated" | "address-twice"; first: number }
  /** A known user has this User-ID in another form: with other leading zeros, or as a spreadsheet writes it. */
  | { error: "doubtful-id"; known: string }
  | { note: RowNote }
  | { note: { kind: "connected-kept" | "header-again" | NoUser } | { kind: "unknown-company"; company: string } }
);

export type RosterCounts = {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  addressesSet: number;
  addressesCleared: number;
  connectedKept: number;
  invalidAddresses: number;
  rowErrors: number;
  leavers: number;
  returned: number;
};

export type RosterOutcome =
  | ({ kind: "loaded" | "dry-run" } & RosterReport)
  /** Nothing was changed: `--yes-really` does it all the same. */
  | ({ kind: "too-many-leavers"; dryRun: boolean } & RosterReport)
  | { kind: "unreadable"; problem: TableProblem }
  /** No row could be used; the remarks say why. */
  | { kind: "no-rows"; remarks: RosterRemark[] }
  | { kind: "unknown-organisation" };

/** `leavers` names ten of them. `leaversHeld`: a row could not be told whose it is, so nobody was marked as a leaver. */
export type RosterReport = {
  counts: RosterCounts;
  remarks: RosterRemark[];
  ignoredColumns: string[];
  how: HowRead;
  present: number;
  leavers: string[];
  leaversHeld: boolean;
};

/**
 * `full`: users who are not in the file are marked as leavers, and `manyLeavers` allows for any number of them. `dryRun` changes nothing.
 * `encoding`: what somebody says the text's is.
 */
export type RosterInput = {
  organisation: string;
  chunks: Chunks;
  full: boolean;
  dryRun?: boolean;
  manyLeavers?: boolean;
  encoding?: Encoding | undefined;
};

export { ENCODINGS };

const TRIES = 3;

export async function loadRoster({ db }: { db: Db }, input: RosterInput): Promise<RosterOutcome> {
  const { organisation, dryRun = false } = input;
  const found = await findOrganisation(db, organisation);
  if (!found) return { kind: "unknown-organisation" };
  for (let tries = 1; ; tries++) {
    try {
      return await inTransaction(db, async (tx) => {
        const outcome = await load(tx, found.id, input);
        if (dryRun || outcome.kind !== "loaded") throw new Undone(outcome);
        return outcome;
      });
    } catch (error) {
      if (error instanceof Undone) return error.outcome;
      const problem = tableProblemOf(error);
      if (problem) return { kind: "unreadable", problem };
      // Somebody has taken an address or a User-ID since it was looked for: look again.
      const raced = isUniqueViolation(error, "users_login_address") || isUniqueViolation(error, "users_user_id");
      if (!raced || tries === TRIES) throw error;
    }
  }
}

/** Thrown to undo all that was done, with what there is to say about it. */
class Undone extends Error {
  readonly outcome: RosterOutcome;
  constructor(outcome: RosterOutcome) {
    super("the load was undone");
    this.outcome = outcome;
  }
}

async function load(tx: Tx, organisationId: number, input: RosterInput): Promise<RosterOutcome> {
  const { chunks, full, encoding, dryRun = false, manyLeavers = false } = input;
  await withBulkTime(tx);
  await lockRoster(tx, organisationId);
  const table = await readTable(chunks, ROSTER_COLUMNS, encoding);
  await openStaging(tx);
  const read = await stage(tx, table);
  if (read.used === 0) return { kind: "no-rows", remarks: read.remarks };
  const done = await applyRoster(tx, { organisationId, columns: table.columns, full, keysAreSure: read.keysAreSure });
  const { addresses } = done;
  const remarks: RosterRemark[] = [
    ...read.remarks,
    ...done.repeated.map((each) => ({ ...each, error: "repeated" as const })),
    ...done.doubtful.map((each) => ({ ...each, error: "doubtful-id" as const })),
    ...addresses.twice.map((each) => ({ ...each, error: "address-twice" as const })),
    ...addresses.taken.map((each) => ({ ...each, error: "address-taken" as const })),
    ...addresses.connectedKept.map((each) => ({ ...each, note: { kind: "connected-kept" as const } })),
    ...done.unknownCompanies.map(({ company, ...each }) => ({ ...each, note: { kind: "unknown-company" as const, company } })),
  ];
  if (done.used === 0) return { kind: "no-rows", remarks: remarks.sort((a, b) => a.row - b.row) };
  const counts: RosterCounts = {
    rows: read.rows,
    created: done.created,
    updated: done.updated,
    unchanged: done.used - done.created - done.updated,
    addressesSet: addresses.set,
    addressesCleared: addresses.cleared,
    connectedKept: addresses.connectedKept.length,
    invalidAddresses: remarks.filter((each) => "note" in each && each.note.kind === "invalid-address").length,
    rowErrors: remarks.filter((each) => "error" in each).length,
    leavers: done.leavers.count,
    returned: done.returned,
  };
  await noteAudit(tx, { organisationId, principalId: null, action: "roster-load", detail: { ...counts, full } });
  const report: RosterReport = {
    counts,
    remarks: remarks.sort((a, b) => a.row - b.row),
    ignoredColumns: table.ignored,
    how: table.how,
    present: done.present,
    leavers: done.leavers.names,
    leaversHeld: done.leaversHeld,
  };
  if (!manyLeavers && areTooManyLeavers(done.leavers.count, done.present)) return { kind: "too-many-leavers", dryRun, ...report };
  return { kind: dryRun ? "dry-run" : "loaded", ...report };
}

async function stage(
  tx: Tx,
  table: Table<RosterColumn>,
): Promise<{ rows: number; used: number; keysAreSure: boolean; remarks: RosterRemark[] }> {
  const remarks: RosterRemark[] = [];
  let rows = 0;
  let used = 0;
  let keysAreSure = true;
  for await (const batch of table.rows) {
    const { staged, rejected, unsure } = readBatch(batch, remarks);
    await stageRows(tx, staged);
    await stageRejected(tx, rejected);
    rows += batch.length;
    used += staged.length;
    keysAreSure &&= !unsure;
  }
  return { rows, used, keysAreSure, remarks };
}

/** `unsure`: a row has no User-ID that can be believed, so its user may be anybody. */
function readBatch(batch: NamedRow<RosterColumn>[], remarks: RosterRemark[]) {
  const rejected: string[] = [];
  let unsure = false;
  const staged = batch.flatMap(({ number, cells, surplus, header }) => {
    if (header) {
      remarks.push({ row: number, userId: "", note: { kind: "header-again" } });
      return [];
    }
    const read = readRosterRow(cells, surplus);
    if (read.ok) {
      for (const note of read.notes) remarks.push({ row: number, userId: read.row.userId, note });
      return [{ number, row: read.row }];
    }
    const { problem, userId } = read;
    if (problem === "total-row") {
      remarks.push({ row: number, userId: "", note: { kind: problem } });
      return [];
    }
    remarks.push({ row: number, userId, error: problem });
    if (problem === "surplus-cells" || problem === "too-long") rejected.push(userId);
    else unsure = true;
    return [];
  });
  return { staged, rejected: rejected.filter((userId) => userId !== ""), unsure };
}
