/** The demo organisation: some 240 made-up users in every state, and the chat people the playground speaks as. The same every time. */
import { sql, type SQL } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import {
  authorisations,
  companies,
  deliveries,
  departments,
  offices,
  organisations,
  principals,
  roleGrants,
  users,
  workspaces,
} from "../db/schema/tables.ts";
import { readAddress } from "../domain/address.ts";
import { LANGUAGES, type Language } from "../domain/user.ts";
import { FIRST_NAMES, LAST_NAMES } from "./demo-names.ts";

export const DEMO_ORGANISATION = "Acme";
export const DEMO_WORKSPACE = "T0DEMO";
export const DEMO_TENANT = "d0000000-0000-4000-8000-000000000000";

type DemoPerson = { person: string; as: "owner" | "admin" | "auditor" | "employee"; name: string; userId: string };

/** `person` is the Slack user id, `userId` the User-ID of the user it is linked to. */
export const DEMO_PEOPLE: DemoPerson[] = [
  { person: "U0OWNER", as: "owner", name: "Olivia Strand", userId: "1001" },
  { person: "U0ADMIN", as: "admin", name: "Stefan Lund", userId: "1002" },
  { person: "U0AUDITOR", as: "auditor", name: "Ragnhild Vik", userId: "1003" },
  { person: "U0ANNA", as: "employee", name: "Anna Berg", userId: "1004" },
  { person: "U0TUOMAS", as: "employee", name: "Tuomas Koski", userId: "1005" },
  { person: "U0SIGNE", as: "employee", name: "Signe Holm", userId: "1006" },
];

/** The Entra object id of a person of the demo. */
export function demoObjectId(person: string): string {
  const number = DEMO_PEOPLE.findIndex((one) => one.person === person) + 1;
  return `d0000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

const COMPANIES = ["Acme Sverige AB", "Acme Norge AS", "Acme Suomi Oy"] as const;
const DEPARTMENTS = ["Lager", "Butik", "Ekonomi", "Kundtjänst", "IT", "Personal"] as const;
const OFFICES = ["Malmö C", "Stockholm", "Oslo", "Helsinki"] as const;
const USERS = 240;

/** Where a demo user stands, with what it takes to show it. */
type State = "connected" | "never-sent" | "mailed" | "cooldown" | "suppressed" | "no-address" | "deactivated" | "leaver";

/** Dealt out in these shares. */
const STATES: State[] = [
  "connected",
  "never-sent",
  "connected",
  "mailed",
  "connected",
  "no-address",
  "connected",
  "never-sent",
  "suppressed",
  "connected",
  "mailed",
  "connected",
  "cooldown",
  "deactivated",
  "connected",
  "leaver",
];

/** Lager and Butik are the large ones. */
const DEALT_DEPARTMENTS = [0, 0, 0, 1, 1, 1, 2, 3, 4, 5];

type Demo = {
  userId: string;
  name: string;
  company: number;
  department: number;
  office: number;
  language: Language | null;
  state: State;
  days: number;
};

const NAMED: Omit<Demo, "userId" | "name" | "days">[] = [
  { company: 0, department: 5, office: 1, language: "en", state: "connected" },
  { company: 0, department: 5, office: 0, language: "sv", state: "connected" },
  { company: 1, department: 2, office: 2, language: "nb", state: "connected" },
  { company: 0, department: 0, office: 0, language: "sv", state: "never-sent" },
  { company: 2, department: 0, office: 3, language: "fi", state: "connected" },
  { company: 0, department: 1, office: 0, language: "da", state: "suppressed" },
];

/** Two people share this name: asking for it gives a pick list. */
const TWINS = { name: "Maria Holm", at: [40, 97] };

function demoUsers(): Demo[] {
  const named = NAMED.map((each, index) => ({
    ...each,
    userId: String(1001 + index),
    name: DEMO_PEOPLE[index]?.name ?? "",
    days: 30 + index,
  }));
  const made = Array.from({ length: USERS - named.length }, (_none, index): Demo => {
    const language = LANGUAGES[index % LANGUAGES.length] ?? "en";
    const first = FIRST_NAMES[language];
    const last = LAST_NAMES[language];
    const turn = Math.floor(index / LANGUAGES.length);
    const name = `${first[turn % first.length]} ${last[(turn * 5) % last.length]}`;
    return {
      userId: String(2001 + index),
      name: TWINS.at.includes(index) ? TWINS.name : name,
      company: homeOf(language, index),
      department: DEALT_DEPARTMENTS[scatter(index + USERS) % DEALT_DEPARTMENTS.length] ?? 0,
      office: { sv: 0, en: 1, nb: 2, da: 0, fi: 3 }[language],
      language: index % 19 === 7 ? null : language,
      state: STATES[scatter(index) % STATES.length] ?? "connected",
      days: 1 + ((index * 37) % 180),
    };
  });
  return [...named, ...made];
}

/** A number that looks random and is the same every time. */
function scatter(index: number): number {
  const once = Math.imul(index ^ (index >>> 16) ^ 0x5bd1e995, 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

function homeOf(language: Language, index: number): number {
  switch (language) {
    case "sv":
    case "da":
      return 0;
    case "nb":
      return 1;
    case "fi":
      return 2;
    case "en":
      return index % COMPANIES.length;
  }
}

const hoursAgo = (hours: number): SQL<Date> => sql<Date>`now() - make_interval(hours => ${hours}::int)`;

/** The address of a demo user: the name in plain letters, and the User-ID where it is not the first of that name. */
function addressOf({ name, userId }: Demo, taken: Set<string>): string {
  const plain = name
    .toLowerCase()
    .replaceAll("æ", "ae")
    .replaceAll("ø", "o")
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(" ", ".");
  const local = taken.has(plain) ? `${plain}.${userId}` : plain;
  taken.add(plain);
  return `${local}@acme.example`;
}

function userRow(demo: Demo, at: { organisationId: number; taken: Set<string>; parts: Parts }) {
  const { state, days } = demo;
  const address = addressOf(demo, at.taken);
  const read = readAddress(address);
  const login = read.ok && state !== "no-address" ? { loginAddress: read.address, loginAddressKey: read.key } : {};
  return {
    organisationId: at.organisationId,
    userId: demo.userId,
    signature: demo.name
      .split(" ")
      .map((word) => word.slice(0, 2))
      .join("")
      .toUpperCase(),
    name: demo.name,
    companyId: at.parts.companyIds[demo.company] ?? null,
    departmentId: at.parts.departmentIds[demo.department] ?? null,
    officeId: at.parts.officeIds[demo.office] ?? null,
    email: address,
    ...login,
    addressSetAt: hoursAgo((days + 2) * 24),
    language: demo.language,
    activated: state !== "deactivated",
    ...timesOf(demo),
  };
}

function timesOf({ state, days }: Demo) {
  switch (state) {
    case "connected":
      return { verifiedAt: hoursAgo(days * 24), lastVerificationAt: hoursAgo(days * 24 + 3) };
    case "mailed":
      return { lastVerificationAt: hoursAgo(days * 24 + 24) };
    case "cooldown":
      return { lastVerificationAt: hoursAgo(1 + (days % 5)) };
    case "suppressed":
      return {
        lastVerificationAt: hoursAgo(days * 24 + 24),
        suppressedAt: hoursAgo(days * 24 + 23),
        suppressedReason: "550 5.1.1 no such mailbox",
      };
    case "leaver":
      return { leaverSince: hoursAgo(days), lastDayOn: sql`current_date - 1`, verifiedAt: hoursAgo(days * 24) };
    case "never-sent":
    case "no-address":
    case "deactivated":
      return {};
  }
}

type Parts = { companyIds: number[]; departmentIds: number[]; officeIds: number[] };

/** Creates the demo organisation where it is not there yet. */
export async function loadDemo(db: Db): Promise<void> {
  await db.transaction(async (tx) => {
    const [organisation] = await tx
      .insert(organisations)
      .values({ name: DEMO_ORGANISATION })
      .onConflictDoNothing()
      .returning({ id: organisations.id });
    if (!organisation) return;
    const organisationId = organisation.id;
    await tx.insert(workspaces).values({ organisationId, platform: "slack", workspace: DEMO_WORKSPACE });
    const add = async (table: typeof companies | typeof departments | typeof offices, names: readonly string[]) => {
      const rows = await tx
        .insert(table)
        .values(names.map((name) => ({ organisationId, name })))
        .returning({ id: table.id, name: table.name });
      return names.map((name) => rows.find((row) => row.name === name)?.id ?? 0);
    };
    const parts: Parts = {
      companyIds: await add(companies, COMPANIES),
      departmentIds: await add(departments, DEPARTMENTS),
      officeIds: await add(offices, OFFICES),
    };
    const taken = new Set<string>();
    const rows = await tx
      .insert(users)
      .values(demoUsers().map((demo) => userRow(demo, { organisationId, taken, parts })))
      .returning({ id: users.id, userId: users.userId });
    const idOf = new Map(rows.map((row) => [row.userId, row.id]));
    await addPastMails(tx, organisationId);
    await addPeople(tx, organisationId, idOf, parts.companyIds);
  });
  await addTeams(db);
}

/** The same people in Teams; also for a demo that was loaded before there was Teams in it. */
async function addTeams(db: Db): Promise<void> {
  await db.execute(sql`insert into ${workspaces} (organisation_id, platform, workspace)
    select o.id, 'teams', ${DEMO_TENANT} from ${organisations} o where o.name = ${DEMO_ORGANISATION} on conflict do nothing`);
  for (const { person, userId } of DEMO_PEOPLE)
    await db.execute(sql`insert into ${principals} (organisation_id, platform, workspace, person, user_id, linked_at)
      select u.organisation_id, 'teams', ${DEMO_TENANT}, ${demoObjectId(person)}, u.id, now() from ${users} u
      join ${organisations} o on o.id = u.organisation_id
      where o.name = ${DEMO_ORGANISATION} and u.user_id = ${userId} on conflict do nothing`);
}

/** What the lists and cards of past mails show: one delivery for everyone who was mailed. */
async function addPastMails(db: Db, organisationId: number): Promise<void> {
  await db.execute(sql`
    insert into ${deliveries} (organisation_id, user_id, sending, state, address_version, attempts, server_answer, created_at, due_at, settled_at)
    select u.organisation_id, u.id, 'single', case when u.suppressed_at is null then 'accepted' else 'failed' end, u.address_version, 1,
      coalesce(u.suppressed_reason, '250 2.0.0 OK'), u.last_verification_at, u.last_verification_at, u.last_verification_at
    from ${users} u where u.organisation_id = ${organisationId} and u.last_verification_at is not null`);
}

async function addPeople(db: Db, organisationId: number, idOf: Map<string, number>, companyIds: number[]): Promise<void> {
  const people = DEMO_PEOPLE.map(({ person, as, userId }) => ({ person, as, userId: idOf.get(userId) ?? 0 }));
  const links = people.map(({ person, userId }) => ({
    organisationId,
    platform: "slack",
    workspace: DEMO_WORKSPACE,
    person,
    userId,
    linkedAt: sql`now()`,
  }));
  await db.insert(principals).values(links);
  const granted = people.flatMap(({ as, userId }) => (as === "employee" ? [] : { organisationId, userId, role: as }));
  const words = [...idOf.values()].flatMap((userId, index) =>
    index >= NAMED.length && index % 12 === 0 ? { organisationId, userId, role: "Manager" } : [],
  );
  await db.insert(roleGrants).values([...granted, ...words]);
  const actsOn = (as: DemoPerson["as"]) => ({ owner: [], admin: companyIds.slice(0, 1), auditor: companyIds, employee: [] })[as];
  const authorised = people.flatMap(({ as, userId }) => actsOn(as).map((companyId) => ({ organisationId, userId, companyId })));
  await db.insert(authorisations).values(authorised);
}
