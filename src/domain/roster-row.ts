/**
 * One row of the Employees/users template → a checked row, or why it cannot be used. A field is `undefined` where the file says nothing that
 * can be used (no such column, or not readable, which is noted) and stays as it is; it is `null` where its cell is blank.
 */
import { readAddress, type AddressProblem } from "./address.ts";
import type { RosterColumn } from "./roster-columns.ts";
import { ADMIN_WORDS, AUDITOR_WORDS, INACTIVE_WORDS, ACTIVE_WORDS, LANGUAGE_WORDS, OWNER_WORDS } from "./roster-words.ts";
import { languageOf, type Language } from "./user.ts";

export type RosterCells = Partial<Record<RosterColumn, string>>;

type Text = string | null | undefined;

export type RosterRow = {
  userId: string;
  aliasUserId: Text;
  signature: Text;
  /** Never blank: a blank cell says nothing. */
  name: string | undefined;
  company: Text;
  department: Text;
  office: Text;
  cardTagId: Text;
  externalReference: Text;
  email: Text;
  login: { address: string; key: string } | null | undefined;
  language: Language | null | undefined;
  activated: boolean | undefined;
  lastDayOn: Text;
  authorisedTo: string[] | undefined;
  roles: string[] | undefined;
};

/** Why a whole row is left out. */
export type RowProblem = "no-user-id" | "surplus-cells" | "too-long" | "excel-error" | "rounded-number";

/** Rows that are no user's at all. */
export type NoUser = "total-row";

/** What was left out of a row that is otherwise used. */
export type RowNote =
  | { kind: "invalid-address"; problem: AddressProblem }
  | { kind: "mixed-script" }
  | { kind: "unknown-language" | "unknown-status" | "unreadable-date" | "owner-ignored" }
  | { kind: "too-long" | "excel-error"; column: RosterColumn };

export type ReadRow = { ok: true; row: RosterRow; notes: RowNote[] } | { ok: false; problem: RowProblem | NoUser; userId: string };

const MAX_TEXT = 200;
const MAX_LIST = 100;
/** What a spreadsheet shows for a formula that failed. */
const EXCEL_ERROR = /^#(?:N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA)$/;

/** `1,98001E+11`: a spreadsheet has shortened a long number, and the rest of its digits is gone. */
const ROUNDED = /^\d(?:[.,]\d+)?E\+?\d{1,3}$/i;
const TOTAL = /^(?:grand total|total|totalt|totals?|summa|sum|i alt|samlet|yhteensä|antal|antall|lukumäärä)[:.]?(?: \d+)?$/i;

export function readRosterRow(cells: RosterCells, surplus = false): ReadRow {
  const userId = readId(cells.userId ?? "");
  const no = (problem: RowProblem | NoUser): ReadRow => ({ ok: false, problem, userId: userId.slice(0, MAX_TEXT) });
  if (isTotal(cells)) return no("total-row");
  if (surplus) return no("surplus-cells");
  if (userId === "") return no("no-user-id");
  if (userId.length > MAX_TEXT) return no("too-long");
  if (EXCEL_ERROR.test(userId)) return no("excel-error");
  if (ROUNDED.test(userId)) return no("rounded-number");

  const notes: RowNote[] = [];
  const text = (column: RosterColumn): Text => {
    const cell = cells[column];
    if (cell === undefined) return undefined;
    const clean = IDS.has(column) ? readId(cell) : cleanText(unwrapped(cell));
    if (clean.length > MAX_TEXT) notes.push({ kind: "too-long", column });
    else if (EXCEL_ERROR.test(clean)) notes.push({ kind: "excel-error", column });
    else return clean === "" ? null : clean;
    return undefined;
  };
  const mapped = <T>(column: RosterColumn, read: (word: string) => T | undefined, otherwise: RowNote): T | null | undefined => {
    const word = text(column);
    if (word === null || word === undefined) return word;
    const value = read(word);
    if (value === undefined) notes.push(otherwise);
    return value;
  };

  const row: RosterRow = {
    userId,
    aliasUserId: text("aliasUserId"),
    signature: text("signature"),
    name: text("name") ?? undefined,
    company: text("company"),
    department: text("department"),
    office: text("office"),
    cardTagId: text("cardTagId"),
    externalReference: text("externalReference"),
    email: text("email"),
    login: readLogin(cells.loginAddress, notes),
    language: mapped("language", readLanguage, { kind: "unknown-language" }),
    activated: mapped("status", readStatus, { kind: "unknown-status" }) ?? undefined,
    lastDayOn: mapped("lastDay", readDay, { kind: "unreadable-date" }),
    authorisedTo: readList(cells.authorisedTo),
    roles: readRoles(cells.roles, notes),
  };
  return { ok: true, row, notes };
}

const IDS: ReadonlySet<RosterColumn> = new Set(["userId", "aliasUserId", "signature", "cardTagId", "externalReference"]);

/** An id without what only made a spreadsheet keep it as text: a formula around it, an apostrophe in front. */
function readId(cell: string): string {
  return cleanText(unwrapped(cell)).replace(/^['’](?=[\p{L}\p{N}])/u, "");
}

/** `="00101"` → `00101`, and `'=…` → `=…`, as exports write what must not be taken for a formula. */
function unwrapped(cell: string): string {
  return (/^\s*=\s*"([^"]*)"\s*$/.exec(cell)?.[1] ?? cell).replace(/^'(?=[=+\-@\t\r])/, "");
}

/** A row that adds up the ones above it: its word stands for the User-ID or, where there is none, anywhere; nobody has its address. */
function isTotal(cells: RosterCells): boolean {
  const first = cleanText(cells.userId ?? "");
  if (cleanText(cells.loginAddress ?? "") !== "") return false;
  return first === "" ? Object.values(cells).some((cell) => TOTAL.test(cleanText(cell))) : TOTAL.test(first);
}

/** One line without control or direction characters, in NFC. */
function cleanText(cell: string): string {
  return cell
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Z}\s]+/gu, " ")
    .replaceAll(/[\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g, "")
    .trim();
}

/** The cell as it stands but for spaces around it: what is invisible inside an address makes it invalid. */
function readLogin(cell: string | undefined, notes: RowNote[]): RosterRow["login"] {
  if (cell === undefined) return undefined;
  if (cleanText(cell) === "") return null;
  const read = readAddress(unwrapped(cell).trim());
  if (!read.ok) {
    notes.push({ kind: "invalid-address", problem: read.problem });
    return undefined;
  }
  if (read.warning) notes.push({ kind: read.warning });
  return { address: read.address, key: read.key };
}

function readLanguage(word: string): Language | undefined {
  return LANGUAGE_WORDS.get(word.toLowerCase()) ?? languageOf(/^[A-Za-z]{2}(?=[-_]|$)/.exec(word)?.[0]);
}

function readStatus(word: string): boolean | undefined {
  const lower = word.toLowerCase();
  if (ACTIVE_WORDS.has(lower)) return true;
  return INACTIVE_WORDS.has(lower) ? false : undefined;
}

/** `2026-12-31`, `20261231`, or the day first: `31.12.2026`, `31/12/2026`, `31-12-2026`. */
function readDay(word: string): string | undefined {
  const iso = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?$/.exec(word);
  const local = /^(\d{1,2})[./-] ?(\d{1,2})[./-] ?(\d{4})$/.exec(word);
  const [year = "", month = "", day = ""] = iso ? iso.slice(1) : local ? local.slice(1).reverse() : [];
  const written = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const parsed = new Date(`${written}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== written ? undefined : written;
}

/** Separated by `;`, `|` or line breaks; by commas only where there is none of these, as names may hold commas. */
function readList(cell: string | undefined): string[] | undefined {
  if (cell === undefined) return undefined;
  const parts = cell.split(/[;|\r\n]/);
  const words = (parts.length > 1 ? parts : cell.split(",")).map(cleanText);
  return [...new Set(words.filter((word) => word !== "" && word.length <= MAX_TEXT && !EXCEL_ERROR.test(word)))].slice(0, MAX_LIST);
}

/** `owner` is never taken from a roster: it comes from the command line or the configuration. */
function readRoles(cell: string | undefined, notes: RowNote[]): string[] | undefined {
  const words = readList(cell);
  const roles = words?.map((word) => {
    const lower = word.toLowerCase();
    if (OWNER_WORDS.has(lower)) return "owner";
    if (ADMIN_WORDS.has(lower)) return "admin";
    return AUDITOR_WORDS.has(lower) ? "auditor" : word;
  });
  if (roles?.includes("owner")) notes.push({ kind: "owner-ignored" });
  return roles && [...new Set(roles.filter((role) => role !== "owner"))];
}
