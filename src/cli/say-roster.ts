/** Why a file or a row was not taken, in words. */
import type { RosterOutcome, RosterRemark } from "../commands/organisation/roster-load.ts";

type TableProblem = Extract<RosterOutcome, { kind: "unreadable" }>["problem"];

export function sayTableProblem(problem: TableProblem): string {
  switch (problem.kind) {
    case "empty":
      return "The file is empty.";
    case "not-a-table":
      return "The file is neither CSV nor XLSX.";
    case "old-excel":
      return "The file is an old .xls or has a password. Save it as .xlsx or as CSV.";
    case "too-large":
      return problem.what === "rows"
        ? `The sheet has more than ${problem.limit} rows. Save it as CSV.`
        : `The workbook is larger than ${Math.round(problem.limit / 1024 / 1024)} MB. Save it as CSV.`;
    case "damaged":
      return `The file cannot be read${problem.row === undefined ? "" : ` from row ${problem.row} on`}: ${problem.why}.`;
    case "column-twice":
      return `Columns ${problem.at.join(" and ")} are the same: “${problem.headers.join("” and “")}”. Remove one.`;
    case "column-missing": {
      const where = problem.sheet === null ? `Row ${problem.row}` : `Row ${problem.row} of the sheet “${problem.sheet}”`;
      const sheets = problem.sheets > 1 ? ` None of the ${problem.sheets} sheets has it near its top.` : "";
      return `The column ${problem.missing.join(", ")} is missing. ${where} has: ${problem.found.join(", ")}.${sheets}`;
    }
    case "not-utf-8":
      return `The file is in UTF-8, but row ${problem.row} is not: its letters would be lost. Save the file anew as UTF-8, or say what it is with --encoding.`;
    case "encoding-unsure":
      return `It is not clear what encoding the file has; tried were UTF-8, ${problem.tried.join(", ")}. Save it as UTF-8, or say what it is with --encoding.`;
  }
}

export function sayRemark(remark: RosterRemark): string {
  const who = `row ${remark.row}${remark.userId === "" ? "" : ` (${remark.userId})`}`;
  return `${who}: ${"error" in remark ? sayError(remark) : sayNote(remark.note)}`;
}

type ErrorRemark = Extract<RosterRemark, { error: unknown }>;
type Note = Extract<RosterRemark, { note: unknown }>["note"];

function sayError(remark: ErrorRemark): string {
  switch (remark.error) {
    case "no-user-id":
      return "left out, no User-ID";
    case "surplus-cells":
      return "left out, more cells than the header has; a cell with a delimiter in it needs quotation marks";
    case "too-long":
      return "left out, the User-ID is too long";
    case "excel-error":
      return "left out, the User-ID is a failed formula";
    case "rounded-number":
      return "left out, a spreadsheet has rounded the User-ID (E-notation) and its last digits are lost; format the column as text and export it again";
    case "doubtful-id":
      return `left out, there is a user ${remark.known}: a spreadsheet may have changed how the User-ID is written (leading zeros, an apostrophe, a number format)`;
    case "repeated":
      return `left out, the User-ID is in row ${remark.first} already`;
    case "address-twice":
      return `the login address is in row ${remark.first} already; not set`;
    case "address-taken":
      return "another user has the login address; not set";
  }
}

const ADDRESS_PROBLEMS = {
  empty: "it is empty",
  "too-long": "it is too long",
  "no-at": "it has no @",
  character: "it holds a space or an invisible character",
  "local-part": "what stands before the @ is not allowed",
  domain: "what stands after the @ is no domain",
};

function sayNote(note: Note): string {
  switch (note.kind) {
    case "invalid-address":
      return `the login address was ignored: ${ADDRESS_PROBLEMS[note.problem]}`;
    case "mixed-script":
      return "the login address mixes alphabets or has look-alike letters; check it";
    case "unknown-language":
      return "the language was ignored: it is not one of en, sv, nb, da, fi";
    case "unknown-status":
      return "the status was ignored: it is neither active nor inactive";
    case "unreadable-date":
      return "the last day was ignored: write it like 2026-12-31";
    case "owner-ignored":
      return "the role owner was ignored: use grant-owner";
    case "too-long":
      return `${note.column} was ignored: it is longer than 200 characters`;
    case "excel-error":
      return `${note.column} was ignored: its formula failed`;
    case "header-again":
      return "the headers once more, no user";
    case "total-row":
      return "a total, no user";
    case "connected-kept":
      return "connected already, the login address stays as it is";
    case "unknown-company":
      return `not authorised to “${note.company}”: there is no such company`;
  }
}
