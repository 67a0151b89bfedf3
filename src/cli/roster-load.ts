import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { loadRoster, type RosterCounts } from "../commands/organisation/roster-load.ts";
import { needOption, refused, type Command } from "./command.ts";
import { sayRemark, sayTableProblem } from "./say-roster.ts";

const MOST_LINES = 50;

export const rosterLoad: Command = {
  name: "roster load",
  usage: "roster load <file> --organisation <name> [--partial]",
  summary: "companies, departments, offices and users from the Employees/users template (CSV or XLSX); --partial marks nobody as a leaver",
  words: 1,
  options: { organisation: { type: "string" }, partial: { type: "boolean" } },
  async run(given, reach) {
    const organisation = needOption(given, "organisation");
    const file = given.words[0] ?? "";
    if (!(await isFile(file))) return refused(`There is no file ${file}.`, { reason: "no-file" });
    const { db } = await reach.open();
    const chunks = () => createReadStream(file, { highWaterMark: 256 * 1024 });
    const outcome = await loadRoster({ db }, { organisation, chunks, full: given.options["partial"] !== true });
    switch (outcome.kind) {
      case "loaded": {
        const { counts, remarks, ignoredColumns } = outcome;
        const shown = remarks.slice(0, MOST_LINES).map(sayRemark);
        const more = remarks.length - shown.length;
        return {
          ok: true,
          lines: [
            sayCounts(counts, organisation),
            ...shown.map((line) => `  ${line}`),
            ...(more > 0 ? [`  … and ${more} more; --json lists them all.`] : []),
            ...(ignoredColumns.length > 0 ? [`Columns that are not the template's were ignored: ${ignoredColumns.join(", ")}.`] : []),
          ],
          json: { organisation, counts, remarks: remarks.map((remark) => ({ ...remark, text: sayRemark(remark) })), ignoredColumns },
        };
      }
      case "unreadable":
        return refused(`${sayTableProblem(outcome.problem)} Nothing was changed.`, { reason: outcome.kind, problem: outcome.problem });
      case "no-rows":
        return refused("The file has no usable rows. Nothing was changed.", { reason: outcome.kind });
      case "unknown-organisation":
        return refused(`There is no organisation called ${organisation}. First: organisation create "${organisation}".`, {
          reason: outcome.kind,
        });
    }
  },
};

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
  return `${counts.rows} ${counts.rows === 1 ? "row" : "rows"} for ${organisation}: ${said.join(", ")}. No mail was sent.`;
}
