/** Brings an organisation to what a file of the Employees/users template says: all of it, or nothing. */
import { noteAudit } from "../../db/audit.ts";
import { inTransaction, withBulkTime, type Db, type Tx } from "../../db/client.ts";
import { isUniqueViolation } from "../../db/faults.ts";
import { findOrganisation } from "../../db/organisations.ts";
import { applyRoster, lockRoster } from "../../db/roster/load.ts";
import { openStaging, stageRejected, stageRows } from "../../db/roster/staging.ts";
import { ROSTER_COLUMNS, type RosterColumn } from "../../domain/roster-columns.ts";
import { readRosterRow, type RowNote, type RowProblem } from "../../domain/roster-row.ts";
import type { Chunks } from "../../files/encoding.ts";
import { tableProblemOf, type TableProblem } from "../../files/problem.ts";
import { readTable, type NamedRow, type Table } from "../../files/table.ts";

/** What is said of one row. An error row changed nothing, or not its login address; a note left out one field. */
export type RosterRemark = { row: number; userId: string } & (
  | { error: RowProblem | "address-taken" }
  | { error: "repeated" | "address-twice"; first: number }
  | { note: RowNote }
  | { note: { kind: "connected-kept" } | { kind: "unknown-company"; company: string } }
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
  | { kind: "loaded"; counts: RosterCounts; remarks: RosterRemark[]; ignoredColumns: string[] }
  | { kind: "unreadable"; problem: TableProblem }
  | { kind: "no-rows" }
  | { kind: "unknown-organisation" };

/** `full`: users who are not in the file are marked as leavers. */
export type RosterInput = { organisation: string; chunks: Chunks; full: boolean };

const TRIES = 3;

export async function loadRoster({ db }: { db: Db }, { organisation, chunks, full }: RosterInput): Promise<RosterOutcome> {
  const found = await findOrganisation(db, organisation);
  if (!found) return { kind: "unknown-organisation" };
  for (let tries = 1; ; tries++) {
    try {
      return await inTransaction(db, (tx) => load(tx, { organisationId: found.id, chunks, full }));
    } catch (error) {
      const problem = tableProblemOf(error);
      if (problem) return { kind: "unreadable", problem };
      if (error === NO_ROWS) return { kind: "no-rows" };
      // Somebody has taken an address or a User-ID since it was looked for: look again.
      const raced = isUniqueViolation(error, "users_login_address") || isUniqueViolation(error, "users_user_id");
      if (!raced || tries === TRIES) throw error;
    }
  }
}

/** Thrown to undo: a file without users must not make everyone a leaver. */
const NO_ROWS = new Error("the file has no rows");

type Load = { organisationId: number; chunks: Chunks; full: boolean };

async function load(tx: Tx, { organisationId, chunks, full }: Load): Promise<RosterOutcome> {
  await withBulkTime(tx);
  await lockRoster(tx, organisationId);
  const table = await readTable(chunks, ROSTER_COLUMNS);
  await openStaging(tx);
  const read = await stage(tx, table);
  if (read.used === 0) throw NO_ROWS;
  const done = await applyRoster(tx, { organisationId, columns: table.columns, full });
  const { addresses } = done;
  const remarks: RosterRemark[] = [
    ...read.remarks,
    ...done.repeated.map((each) => ({ ...each, error: "repeated" as const })),
    ...addresses.twice.map((each) => ({ ...each, error: "address-twice" as const })),
    ...addresses.taken.map((each) => ({ ...each, error: "address-taken" as const })),
    ...addresses.connectedKept.map((each) => ({ ...each, note: { kind: "connected-kept" as const } })),
    ...done.unknownCompanies.map(({ company, ...each }) => ({ ...each, note: { kind: "unknown-company" as const, company } })),
  ];
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
    leavers: done.leavers,
    returned: done.returned,
  };
  await noteAudit(tx, { organisationId, principalId: null, action: "roster-load", detail: { ...counts, full } });
  return { kind: "loaded", counts, remarks: remarks.sort((a, b) => a.row - b.row), ignoredColumns: table.ignored };
}

async function stage(tx: Tx, table: Table<RosterColumn>): Promise<{ rows: number; used: number; remarks: RosterRemark[] }> {
  const remarks: RosterRemark[] = [];
  let rows = 0;
  let used = 0;
  for await (const batch of table.rows) {
    const { staged, rejected } = readBatch(batch, remarks);
    await stageRows(tx, staged);
    await stageRejected(tx, rejected);
    rows += batch.length;
    used += staged.length;
  }
  return { rows, used, remarks };
}

function readBatch(batch: NamedRow<RosterColumn>[], remarks: RosterRemark[]) {
  const rejected: string[] = [];
  const staged = batch.flatMap(({ number, cells, surplus }) => {
    const read = readRosterRow(cells, surplus);
    if (read.ok) {
      for (const note of read.notes) remarks.push({ row: number, userId: read.row.userId, note });
      return { number, row: read.row };
    }
    remarks.push({ row: number, userId: read.userId, error: read.problem });
    if (read.userId !== "") rejected.push(read.userId);
    return [];
  });
  return { staged, rejected };
}
