import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ENCODINGS, loadRoster, type RosterCounts, type RosterRemark, type RosterReport } from "../commands/organisation/roster-load.ts";
import { needOption, refused, type Command } from "./command.ts";
import { sayRemark, sayTableProblem } from "./say-roster.ts";

const MOST_LINES = 50;

export const rosterLoad: Command = {
  name: "roster load",
  usage: "roster load <file> --organisation <name> [--partial] [--dry-run] [--yes-really] [--encoding <name>]",
  summary:
    "companies, departments, offices and users from the Employees/users template (CSV or XLSX); --partial marks nobody as a leaver, --dry-run changes nothing, --yes-really allows for many leavers",
  words: 1,
  options: {
    organisation: { type: "string" },
    partial: { type: "boolean" },
    "dry-run": { type: "boolean" },
    "yes-really": { type: "boolean" },
    encoding: { type: "string" },
  },
  async run(given, reach) {
    const organisation = needOption(given, "organisation");
    const file = given.words[0] ?? "";
    if (!(await isFile(file))) return refused(`There is no file ${file}.`, { reason: "no-file" });
    const said = given.options["encoding"];
    const encoding = ENCODINGS.find((each) => each === said);
    if (said !== undefined && !encoding) return refused(`--encoding is one of ${ENCODINGS.join(", ")}.`, { reason: "unknown-encoding" });
    const { db } = await reach.open();
    const chunks = () => createReadStream(file, { highWaterMark: 256 * 1024 });
    const outcome = await loadRoster(
      { db },
      {
        organisation,
        chunks,
        full: given.options["partial"] !== true,
        dryRun: given.options["dry-run"] === true,
        manyLeavers: given.options["yes-really"] === true,
        encoding,
      },
    );
    switch (outcome.kind) {
      case "loaded":
        return { ok: true, lines: linesOf(outcome, organisation, "No mail was sent."), json: jsonOf(outcome, organisation) };
      case "dry-run":
        return {
          ok: true,
          lines: ["Dry run: nothing was changed.", ...linesOf(outcome, organisation, "")],
          json: { ...jsonOf(outcome, organisation), dryRun: true },
        };
      case "too-many-leavers": {
        const { counts, present, leavers } = outcome;
        const first = `Nothing was changed: ${counts.leavers} of ${present} users are not in the file and would be marked as leavers.`;
        const who = `Among them: ${leavers.join(", ")}.`;
        const next = "If they have all left, load it again with --yes-really; if the file has only some of the users, with --partial.";
        const report = outcome.dryRun ? linesOf(outcome, organisation, "") : [];
        return refused([first, who, next, ...report].join("\n"), { reason: outcome.kind, ...jsonOf(outcome, organisation) });
      }
      case "unreadable":
        return refused(`${sayTableProblem(outcome.problem)} Nothing was changed.`, { reason: outcome.kind, problem: outcome.problem });
      case "no-rows":
        return refused(["The file has no usable rows. Nothing was changed.", ...remarkLines(outcome.remarks)].join("\n"), {
          reason: outcome.kind,
          remarks: remarksOf(outcome.remarks),
        });
      case "unknown-organisation":
        return refused(`There is no organisation called ${organisation}. First: organisation create "${organisation}".`, {
          reason: outcome.kind,
        });
    }
  },
};

function linesOf(report: RosterReport, organisation: string, end: string): string[] {
  const { counts, remarks, ignoredColumns, leaversHeld } = report;
  return [
    `${sayCounts(counts, organisation)}${end && ` ${end}`}`,
    sayHow(report),
    ...(leaversHeld
      ? ["Nobody was marked as a leaver: of some rows nobody can tell whose they are. Mend those rows and load the file again."]
      : []),
    ...remarkLines(remarks),
    ...(ignoredColumns.length > 0 ? [`Columns that are not the template's were ignored: ${ignoredColumns.join(", ")}.`] : []),
  ];
}

function remarkLines(remarks: RosterRemark[]): string[] {
  const more = remarks.length - MOST_LINES;
  return [
    ...remarks.slice(0, MOST_LINES).map((remark) => `  ${sayRemark(remark)}`),
    ...(more > 0 ? [`  … and ${more} more; --json lists them all.`] : []),
  ];
}

const DELIMITER_NAMES: Record<string, string> = { "\t": "tab", ";": "semicolon", ",": "comma", "|": "bar" };

function sayHow({ how }: RosterReport): string {
  const header = `header in row ${how.headerRow}`;
  return how.kind === "workbook"
    ? `Read from the sheet “${how.sheet}”, ${header}.`
    : `Read as ${how.encoding}, separated by ${DELIMITER_NAMES[how.delimiter] ?? how.delimiter}, ${header}.`;
}

const remarksOf = (remarks: RosterRemark[]) => remarks.map((remark) => ({ ...remark, text: sayRemark(remark) }));

function jsonOf({ counts, remarks, ignoredColumns, how, leavers, leaversHeld }: RosterReport, organisation: string) {
  return {
    organisation,
    counts,
    remarks: remarksOf(remarks),
    ignoredColumns,
    how,
    leavers,
    leaversHeld,
  };
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function sayCounts(counts: RosterCounts, organisation: string): string {
  const parts: [number, string][] = [
    [counts.created, "created"],
    [counts.updated, "updated"],
    [counts.unchanged, "unchanged"],
    [counts.addressesSet, counts.addressesSet === 1 ? "login address set" : "login addresses set"],
    [counts.addressesCleared, counts.addressesCleared === 1 ? "login address cleared" : "login addresses cleared"],
    [counts.connectedKept, "connected and kept as they are"],
    [counts.invalidAddresses, counts.invalidAddresses === 1 ? "invalid address ignored" : "invalid addresses ignored"],
    [counts.rowErrors, counts.rowErrors === 1 ? "row error" : "row errors"],
    [counts.leavers, "no longer in the file, marked as leavers"],
    [counts.returned, "back after having left"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${counts.rows} ${counts.rows === 1 ? "row" : "rows"} for ${organisation}: ${said.join(", ")}.`;
}
