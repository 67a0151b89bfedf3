import { stringify } from "csv-stringify/sync";

/** A CSV that Excel opens as it is, with BOM and `;`; a cell that looks like a formula stays text. */
export function writeCsv(header: string[], rows: string[][]): string {
  return stringify([header, ...rows], { delimiter: ";", bom: true, escape_formulas: true, record_delimiter: "windows" });
}
