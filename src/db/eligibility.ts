/** The one rule of domain/eligibility as SQL over `users`, for sets. A property test holds the two equal. */
import { sql, type SQL } from "drizzle-orm";
import { COOLDOWN_MS, SELF_MAILS_A_DAY, type Sending } from "../domain/eligibility.ts";
import { deliveries, users } from "./schema/tables.ts";

/** True where a verification mail for the user of the row is open. */
export const inFlightSql: SQL<boolean> = sql`exists (
  select 1 from ${deliveries} as open_mail
  where open_mail.organisation_id = ${users.organisationId} and open_mail.user_id = ${users.id}
    and open_mail.purpose = 'verify' and open_mail.settled_at is null
)`;

const msSql = (ms: number): SQL => sql`make_interval(secs => ${ms / 1000}::float8)`;

/** When a mail asked for by the user is possible again after five in 24 hours; null while fewer. */
export const fifthSelfMailAtSql: SQL<Date | null> = sql`(
  select own_mail.created_at from ${deliveries} as own_mail
  where own_mail.organisation_id = ${users.organisationId} and own_mail.user_id = ${users.id} and own_mail.sending = 'self'
    and own_mail.state not in ('skipped', 'cancelled') and own_mail.created_at > now() - ${msSql(COOLDOWN_MS.bulk)}
  order by own_mail.created_at desc offset ${sql.raw(String(SELF_MAILS_A_DAY - 1))} limit 1
)`;

/** The end of the cooldown for a row of `users`, by kind of sending. */
function inCooldownSql(sending: Sending | SQL): SQL {
  const since = (kind: Sending) => sql`coalesce(${users.lastVerificationAt} > now() - ${msSql(COOLDOWN_MS[kind])}, false)`;
  switch (sending) {
    case "bulk":
    case "single":
      return since(sending);
    case "self":
      return sql`(${since("self")} or ${fifthSelfMailAtSql} is not null)`;
  }
  return sql`case ${sending} when 'bulk' then ${since("bulk")} else ${since("single")} end`;
}

/**
 * The skip reason of a row of `users` as text, or null where mail may go. The query names the table `users` without an alias.
 * `sending` and `forced` may be columns; a column's `self` counts by the time since the last mail only, its five a day were counted when it was queued.
 */
export function skipReasonSql(ask: { sending: Sending | SQL; forced: boolean | SQL; inFlight?: SQL }): SQL<string | null> {
  const forced = typeof ask.forced === "boolean" ? sql.raw(String(ask.forced)) : ask.forced;
  return sql`case
    when not ${users.activated} then 'deactivated'
    when ${users.loginAddress} is null then 'no-address'
    when ${users.verifiedAt} is not null then 'connected'
    when ${users.suppressedAt} is not null then 'suppressed'
    when ${ask.inFlight ?? inFlightSql} then 'in-flight'
    when not ${forced} and ${inCooldownSql(ask.sending)} then 'cooldown'
  end`;
}
