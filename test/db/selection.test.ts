import { and, eq, sql } from "drizzle-orm";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../src/db/schema/tables.ts";
import { findUnknownNames, selectionWhere } from "../../src/db/selection.ts";
import type { Selection, Term } from "../../src/domain/filter.ts";
import { connectionOf, LANGUAGES, type Connection, type Language } from "../../src/domain/user.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();

const PLACES = ["Lager", "Butik Väst", "Åkeri", "O’Brien & Söner", "100%_a"];
const ROLES = ["admin", "Förman"];
const HOUR_MS = 60 * 60_000;

type Person = {
  id: number;
  name: string;
  signature: string | null;
  userId: string;
  department: string | null;
  office: string | null;
  company: string | null;
  authorised: string[];
  roles: string[];
  activated: boolean;
  hasAddress: boolean;
  verified: boolean;
  suppressed: boolean;
  language: Language | null;
  waitingHours: number;
  lastMail: boolean;
  deliveries: string[];
};

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const place = fc.constantFrom(...PLACES);
const person = fc.record({
  name: fc.constantFrom("Anna Berg", "Åsa O'Brien", "Bo 100%", "Ångström"),
  signature: maybe(fc.constantFrom("AB", "åb", "c_d")),
  department: maybe(place),
  office: maybe(place),
  company: maybe(place),
  authorised: fc.subarray(PLACES, { maxLength: 2 }),
  roles: fc.subarray(ROLES),
  activated: fc.boolean(),
  hasAddress: fc.boolean(),
  verified: fc.boolean(),
  suppressed: fc.boolean(),
  language: maybe(fc.constantFrom(...LANGUAGES)),
  waitingHours: fc.integer({ min: 1, max: 24 * 10 }).map((hours) => (hours % 24 === 0 ? hours + 1 : hours)),
  lastMail: fc.boolean(),
  deliveries: fc.subarray(["accepted", "bounced", "unknown", "queued", "failed", "skipped"], { maxLength: 2 }),
});

let organisationId = 0;
const people: Person[] = [];

beforeAll(async () => {
  organisationId = (await insert.organisation(db, { language: "sv" })).id;
  const other = (await insert.organisation(db)).id;
  await insert.user(db, other, { department: "Lager", company: "Lager" });
  const drawn = fc.sample(person, { numRuns: 150, seed: 20261101 });
  for (const values of drawn) people.push(await add({ ...values, verified: values.verified && values.hasAddress }));
});

async function add(values: Omit<Person, "id" | "userId">): Promise<Person> {
  const { department, office, company } = values;
  const row = await insert.user(db, organisationId, {
    name: values.name,
    signature: values.signature,
    ...(department === null ? {} : { department }),
    ...(office === null ? {} : { office }),
    ...(company === null ? {} : { company }),
    ...(values.hasAddress ? {} : { loginAddress: null }),
    activated: values.activated,
    verifiedAt: values.verified ? new Date() : null,
    suppressedAt: values.suppressed ? new Date() : null,
    language: values.language,
    addressSetAt: new Date(Date.now() - values.waitingHours * HOUR_MS),
    lastVerificationAt: values.lastMail ? new Date() : null,
  });
  for (const name of values.roles) await insert.role(db, organisationId, row.id, name);
  for (const name of values.authorised)
    await insert.authorisation(db, organisationId, row.id, await insert.company(db, organisationId, name));
  for (const state of values.deliveries) await insert.delivery(db, organisationId, row.id, { state, settledAt: new Date() });
  return { ...values, id: row.id, userId: row.userId };
}

const compared = (text: string) => text.toLowerCase().replaceAll("’", "'");
const among = (value: string | null, values: string[]) => value !== null && values.map(compared).includes(compared(value));
const holds = (value: string | null, parts: string[]) => value !== null && parts.some((part) => compared(value).includes(compared(part)));

function matches(one: Person, term: Term): boolean {
  switch (term.key) {
    case "department":
    case "office":
    case "company":
      return among(one[term.key], term.values);
    case "authorised":
    case "role":
      return one[term.key === "role" ? "roles" : "authorised"].some((each) => among(each, term.values));
    case "signature":
      return holds(one.signature, term.values);
    case "employee":
      return holds(one.name, term.values);
    case "user-id":
      return holds(one.userId, term.values);
    case "status":
      return term.values.includes(one.activated ? "active" : "inactive");
    case "connection":
      return term.values.includes(connectionOf(one));
    case "lang":
      return term.values.includes(one.language ?? "sv");
    case "pending-age": {
      const days = one.waitingHours / 24;
      return connectionOf(one) === "pending" && (term.than === ">" ? days > term.days : days < term.days);
    }
    case "never-sent":
      return !one.lastMail && !one.deliveries.some((state) => ["accepted", "bounced", "unknown"].includes(state));
    case "bounced":
      return one.suppressed;
  }
}

const set = <T>(one: fc.Arbitrary<T>) => fc.uniqueArray(one, { minLength: 1, maxLength: 3 });
const not = fc.boolean();
const term: fc.Arbitrary<Term> = fc.oneof(
  fc.record({
    not,
    key: fc.constantFrom("department", "office", "company", "authorised"),
    values: set(fc.constantFrom(...PLACES, "LAGER", "åkeri", "o'brien & söner", "Nowhere", "100%xa", "'; drop table users; --")),
  }),
  fc.record({ not, key: fc.constant("role"), values: set(fc.constantFrom("Admin", "FÖRMAN", "owner")) }),
  fc.record({
    not,
    key: fc.constantFrom("signature", "employee", "user-id"),
    values: set(fc.constantFrom("a", "ÅS", "O’B", "%", "_", "1", "\\")),
  }),
  fc.record({ not, key: fc.constant("status"), values: set(fc.constantFrom("active", "inactive")) }),
  fc.record({
    not,
    key: fc.constant("connection"),
    values: set(fc.constantFrom<Connection>("pending", "connected", "no-address", "deactivated")),
  }),
  fc.record({ not, key: fc.constant("lang"), values: set(fc.constantFrom(...LANGUAGES)) }),
  fc.record({ not, key: fc.constant("pending-age"), than: fc.constantFrom(">", "<"), days: fc.nat(11) }),
  fc.record({ not, key: fc.constantFrom("never-sent", "bounced") }),
);

async function found(selection: Selection): Promise<number[]> {
  const rows = await db
    .select({ id: schema.users.id })
    .from(schema.users)
    .where(and(eq(schema.users.organisationId, organisationId), selectionWhere(organisationId, selection)))
    .orderBy(schema.users.id);
  return rows.map((row) => row.id);
}

const expected = (selection: Selection) =>
  people
    .filter((one) => selection.every((term) => matches(one, term) !== term.not))
    .map((one) => one.id)
    .sort((a, b) => a - b);

describe("a selection as SQL", () => {
  it("finds whom the plain rule finds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(term, { minLength: 1, maxLength: 3 }), async (selection) => {
        expect(await found(selection)).toEqual(expected(selection));
      }),
      { numRuns: 150 },
    );
  });

  it("finds everyone of the organisation without filters", async () => {
    expect(selectionWhere(organisationId, [])).toBeUndefined();
    expect(await found([])).toHaveLength(people.length);
  });

  it("negates to everyone else, those without a department, too", async () => {
    const lager: Term = { key: "department", not: false, values: ["Lager"] };
    const inside = await found([lager]);
    const outside = await found([{ ...lager, not: true }]);
    expect([inside.length > 0, outside.length > inside.length]).toEqual([true, true]);
    expect(inside.length + outside.length).toBe(people.length);
  });

  it("never reaches another organisation's names", async () => {
    const empty = (await insert.organisation(db)).id;
    const where = selectionWhere(empty, [{ key: "department", not: false, values: ["Lager"] }]);
    expect(await db.$count(schema.users, where)).toBe(0);
  });

  it("counts one department by the index", async () => {
    const where = and(
      eq(schema.users.organisationId, organisationId),
      selectionWhere(organisationId, [{ key: "department", not: false, values: ["Lager"] }]),
    );
    const plan = await db.transaction(async (tx) => {
      await tx.execute(sql`set local enable_seqscan = off`);
      return JSON.stringify(await tx.execute(sql`explain select count(*) from ${schema.users} where ${where}`));
    });
    expect(plan).toContain("users_parts");
  });
});

describe("names the organisation does not have", () => {
  it.each<[Term, Awaited<ReturnType<typeof findUnknownNames>>]>([
    [{ key: "department", not: false, values: ["lager", "O'Brien & Söner"] }, []],
    [{ key: "department", not: true, values: ["Lagr", "Åkeri"] }, [{ key: "department", found: "Lagr", suggestion: "Lager" }]],
    [
      { key: "office", not: false, values: ["Butik Vast", "Umeå"] },
      [
        { key: "office", found: "Butik Vast", suggestion: "Butik Väst" },
        { key: "office", found: "Umeå", suggestion: null },
      ],
    ],
    [{ key: "authorised", not: false, values: ["akeri"] }, [{ key: "authorised", found: "akeri", suggestion: "Åkeri" }]],
    [{ key: "role", not: false, values: ["Owner", "förman"] }, []],
    [{ key: "role", not: false, values: ["forman"] }, [{ key: "role", found: "forman", suggestion: "Förman" }]],
    [{ key: "employee", not: false, values: ["Nobody"] }, []],
    [{ key: "bounced", not: false }, []],
  ])("%j", async (term, unknown) => {
    expect(await findUnknownNames(db, { organisationId, scope: { kind: "all" } }, [term])).toEqual(unknown);
  });
});
