import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Settings, SettingsChange } from "../domain/settings.ts";
import { languageOf } from "../domain/user.ts";
import { rowsOf, type Db, type Tx } from "./client.ts";
import { organisations } from "./schema/tables.ts";

/** Since when no mail leaves for this organisation; null while mail flows. */
export async function findMailStop(db: Db, organisationId: number): Promise<Date | null> {
  const [row] = await db.select({ at: organisations.mailStoppedAt }).from(organisations).where(eq(organisations.id, organisationId));
  return row?.at ?? null;
}

/** Turns the organisation's mail off or on; false when it was so already. */
export async function switchMail(tx: Tx, organisationId: number, on: boolean, principalId: number): Promise<boolean> {
  const switched = await tx
    .update(organisations)
    .set(on ? { mailStoppedAt: null, mailStoppedBy: null } : { mailStoppedAt: sql`now()`, mailStoppedBy: principalId })
    .where(and(eq(organisations.id, organisationId), on ? isNotNull(organisations.mailStoppedAt) : isNull(organisations.mailStoppedAt)))
    .returning({ id: organisations.id });
  return switched.length === 1;
}

const SETTINGS = {
  approvalOver: organisations.approvalOver,
  leaverDays: organisations.leaverDays,
  remindFrom: organisations.remindFrom,
  remindUntil: organisations.remindUntil,
  timeZone: organisations.timeZone,
  language: organisations.language,
};

const settingsIn = (row: Omit<Settings, "language"> & { language: string }): Settings => ({
  ...row,
  language: languageOf(row.language) ?? "en",
});

export async function getSettings(db: Db, organisationId: number): Promise<Settings> {
  const [row] = await db.select(SETTINGS).from(organisations).where(eq(organisations.id, organisationId));
  if (!row) throw new Error(`organisation ${organisationId} is gone`);
  return settingsIn(row);
}

/** What the settings were, and what they are now. */
export async function changeSettings(
  tx: Tx,
  organisationId: number,
  change: SettingsChange,
): Promise<{ before: Settings; after: Settings }> {
  const own = eq(organisations.id, organisationId);
  const [before] = await tx.select(SETTINGS).from(organisations).where(own).for("no key update");
  const [after] = await tx.update(organisations).set(change).where(own).returning(SETTINGS);
  if (!before || !after) throw new Error(`organisation ${organisationId} is gone`);
  return { before: settingsIn(before), after: settingsIn(after) };
}

/** Whether the database knows a time zone by this very name: one that it does not would break every query about hours. */
export async function isZoneOfDatabase(db: Db, timeZone: string): Promise<boolean> {
  const rows = await rowsOf(db, z.unknown(), sql`select from pg_timezone_names where name = ${timeZone}`);
  return rows.length > 0;
}

export async function findOrganisation(db: Db, name: string): Promise<{ id: number } | undefined> {
  const [row] = await db.select({ id: organisations.id }).from(organisations).where(eq(organisations.name, name));
  return row;
}

export async function listOrganisationNames(db: Db): Promise<string[]> {
  const rows = await db.select({ name: organisations.name }).from(organisations).orderBy(organisations.name);
  return rows.map((row) => row.name);
}

/** Undefined where the name is taken. */
export async function addOrganisation(tx: Tx, values: { name: string; language: string }): Promise<number | undefined> {
  const [row] = await tx.insert(organisations).values(values).onConflictDoNothing().returning({ id: organisations.id });
  return row?.id;
}
