/** What a selection means as SQL over `users`, named without an alias. The caller adds the organisation and the scope. */
import { and, or, sql, type SQL, type SQLWrapper } from "drizzle-orm";
import { z } from "zod";
import { fold } from "../domain/fold.ts";
import { TEXT_KEYS, type Selection, type Term, type TextKey } from "../domain/filter.ts";
import { nearest } from "../domain/nearest.ts";
import type { Connection } from "../domain/user.ts";
import { rowsOf, type Db } from "./client.ts";
import { folded } from "./fold.ts";
import { knownNames, type Seer } from "./parts.ts";
import { authorisations, companies, deliveries, departments, offices, organisations, roleGrants, users } from "./schema/tables.ts";

/** All terms hold. Undefined without terms: everyone. */
export function selectionWhere(organisationId: number, selection: Selection): SQL | undefined {
  return and(...selection.map((term) => (term.not ? sql`(${termSql(organisationId, term)}) is not true` : termSql(organisationId, term))));
}

function termSql(organisationId: number, term: Term): SQL {
  switch (term.key) {
    case "department":
      return sql`${users.departmentId} in (${idsNamed(departments, organisationId, term.values)})`;
    case "office":
      return sql`${users.officeId} in (${idsNamed(offices, organisationId, term.values)})`;
    case "company":
      return sql`${users.companyId} in (${idsNamed(companies, organisationId, term.values)})`;
    case "authorised":
      return sql`${users.id} in (select ${authorisations.userId} from ${authorisations} where ${authorisations.organisationId} = ${organisationId}
        and ${authorisations.companyId} in (${idsNamed(companies, organisationId, term.values)}))`;
    case "role":
      return sql`${users.id} in (select ${roleGrants.userId} from ${roleGrants} where ${roleGrants.organisationId} = ${organisationId}
        and ${oneOf(folded(roleGrants.role), term.values)})`;
    case "signature":
      return holdsOneOf(folded(users.signature), term.values);
    case "employee":
      return holdsOneOf(users.nameFolded, term.values);
    case "user-id":
      return holdsOneOf(folded(users.userId), term.values);
    case "status":
      return any(term.values.map((status) => (status === "active" ? sql`${users.activated}` : sql`not ${users.activated}`)));
    case "connection":
      return any(term.values.map(connectionSql));
    case "lang":
      return oneOf(
        sql`coalesce(${users.language}, (select ${organisations.language} from ${organisations} where ${organisations.id} = ${organisationId}))`,
        term.values,
      );
    case "pending-age": {
      const edge = sql`now() - ${term.days}::int * interval '24 hours'`;
      return sql`(${connectionSql("pending")} and ${users.addressSetAt} ${sql.raw(term.than === ">" ? "<" : ">")} ${edge})`;
    }
    case "never-sent":
      return sql`(${users.lastVerificationAt} is null and not exists (
        select 1 from ${deliveries} as sent where sent.organisation_id = ${organisationId} and sent.user_id = ${users.id}
          and sent.purpose = 'verify' and sent.state in ('accepted', 'bounced', 'unknown')))`;
    case "bounced":
      return sql`${users.suppressedAt} is not null`;
  }
}

function connectionSql(connection: Connection): SQL {
  switch (connection) {
    case "deactivated":
      return sql`not ${users.activated}`;
    case "no-address":
      return sql`(${users.activated} and ${users.loginAddress} is null)`;
    case "pending":
      return sql`(${users.activated} and ${users.loginAddress} is not null and ${users.verifiedAt} is null)`;
    case "connected":
      return sql`(${users.activated} and ${users.verifiedAt} is not null)`;
  }
}

function any(conditions: SQL[]): SQL {
  return or(...conditions) ?? sql`false`;
}

/** `text` is folded in SQL and the values here, once for all rows. A value that folds to nothing is in no list and no part of a text. */
function oneOf(text: SQLWrapper, values: string[]): SQL {
  const found = toFind(values).map((value) => sql`${value}::text`);
  return found.length === 0 ? sql`false` : sql`${text} in (${sql.join(found, sql`, `)})`;
}

function holdsOneOf(text: SQLWrapper, values: string[]): SQL {
  return any(toFind(values).map((value) => sql`strpos(${text}, ${value}) > 0`));
}

function toFind(values: string[]): string[] {
  return values.map(fold).filter((value) => value !== "");
}

type Part = typeof departments | typeof offices | typeof companies;

function idsNamed(part: Part, organisationId: number, names: string[]): SQL {
  return sql`select ${part.id} from ${part} where ${part.organisationId} = ${organisationId} and ${oneOf(folded(part.name), names)}`;
}

export type UnknownName = { key: TextKey; found: string; suggestion: string | null };

const NameRow = z.object({ name: z.string() });

/** The names in a selection that nobody in scope has, each with the nearest one that somebody has. */
export async function findUnknownNames(db: Db, seer: Seer, selection: Selection): Promise<UnknownName[]> {
  const unknown: UnknownName[] = [];
  for (const term of selection) {
    const key = TEXT_KEYS.find((each) => each === term.key);
    if (key === undefined || !("values" in term)) continue;
    const known = knownNames(seer, key);
    const asked = term.values.map((value, at) => sql`(${at}::int, ${value}::text, ${fold(value)}::text)`);
    const missing = await rowsOf(
      db,
      NameRow,
      sql`select asked.name from (values ${sql.join(asked, sql`, `)}) as asked (place, name, folded)
        where asked.folded = '' or not exists (select from (${known}) as known where ${folded(sql`known.name`)} = asked.folded) order by asked.place`,
    );
    if (missing.length === 0) continue;
    const names = (await rowsOf(db, NameRow, sql`select name from (${known}) as known order by name`)).map((row) => row.name);
    unknown.push(...missing.map(({ name }) => ({ key, found: name, suggestion: nearest(name, names) })));
  }
  return unknown;
}
