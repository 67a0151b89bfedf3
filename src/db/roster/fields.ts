/** The one table of the roster's fields: from it come the staging table's columns, the inserts and the updates. A field that is not here is not loaded. */
import { sql, type SQL } from "drizzle-orm";
import type { RosterColumn } from "../../domain/roster-columns.ts";
import type { RosterRow } from "../../domain/roster-row.ts";

type Field = {
  /** Where the checked row has it. */
  of: keyof RosterRow;
  /** The template's column; a file without it leaves the field as it is. */
  column: RosterColumn;
  /** Its column in `roster_rows`. */
  staged: string;
  type: "text" | "boolean" | "date";
  /** Its column in `users`. */
  target: string;
  /** What the staged row `t` gives it; `c`, `d` and `o` are the row's company, department and office. */
  value: SQL;
  /** What a new user gets, where that is more than the value. */
  fresh?: (gone: SQL) => SQL;
};

const text = (of: keyof RosterRow & RosterColumn, staged: string): Field => ({
  of,
  column: of,
  staged,
  type: "text",
  target: staged,
  value: sql.raw(`t.${staged}`),
});

/** A company, a department or an office: staged by name, kept by id. */
const part = (of: "company" | "department" | "office", id: SQL): Field => ({ ...text(of, of), target: `${of}_id`, value: id });

export const FIELDS: readonly Field[] = [
  text("aliasUserId", "alias_user_id"),
  text("signature", "signature"),
  { ...text("name", "name"), fresh: () => sql`coalesce(t.name, t.user_id)` },
  part("company", sql`c.id`),
  part("department", sql`d.id`),
  part("office", sql`o.id`),
  text("cardTagId", "card_tag_id"),
  text("externalReference", "external_reference"),
  text("email", "email"),
  text("language", "language"),
  {
    of: "activated",
    column: "status",
    staged: "activated",
    type: "boolean",
    target: "activated",
    value: sql`t.activated`,
    fresh: (gone) => sql`coalesce(t.activated, true) and ${gone} is not true`,
  },
  { of: "lastDayOn", column: "lastDay", staged: "last_day_on", type: "date", target: "last_day_on", value: sql`t.last_day_on` },
];
