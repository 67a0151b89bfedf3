import { and, eq, sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { findActor } from "../../src/commands/actor.ts";
import { rowsOf } from "../../src/db/client.ts";
import { companies, departments, offices, organisations, users } from "../../src/db/schema/tables.ts";
import { findUsersByWord } from "../../src/db/users.ts";
import { readAddress } from "../../src/domain/address.ts";
import { DEMO_ORGANISATION, DEMO_PEOPLE, DEMO_WORKSPACE, loadDemo } from "../../src/playground/demo.ts";
import { askerOf } from "../support/chat.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";

const { db } = await testDatabase();
beforeAll(() => loadDemo(db));

const inDemo = sql`${users.organisationId} = (select id from ${organisations} where name = ${DEMO_ORGANISATION})`;
const count = (where: ReturnType<typeof sql>) => db.$count(users, and(inDemo, where));

const actorOf = (person: string) => findActor(testDeps(db), askerOf(DEMO_WORKSPACE, person, { locale: undefined }));

describe("the demo organisation", () => {
  it("has some 240 users in 3 companies, 6 departments, 4 offices and 5 languages", async () => {
    expect(await count(sql`true`)).toBe(240);
    expect(await db.$count(companies)).toBe(3);
    expect(await db.$count(departments)).toBe(6);
    expect(await db.$count(offices)).toBe(4);
    const languages = await db.selectDistinct({ language: users.language }).from(users).where(inDemo);
    expect(languages.map((row) => row.language ?? "none").sort()).toEqual(["da", "en", "fi", "nb", "none", "sv"]);
  });

  it("is created once", async () => {
    await loadDemo(db);
    expect(await db.$count(users)).toBe(240);
    expect(await db.$count(organisations)).toBe(1);
  });

  it.each([
    ["connected", sql`${users.activated} and ${users.verifiedAt} is not null`, 60],
    [
      "pending, never mailed",
      sql`${users.activated} and ${users.loginAddress} is not null and ${users.verifiedAt} is null and ${users.lastVerificationAt} is null`,
      10,
    ],
    ["in cooldown", sql`${users.verifiedAt} is null and ${users.lastVerificationAt} > now() - interval '24 hours'`, 5],
    ["suppressed", sql`${users.suppressedAt} is not null`, 5],
    ["without address", sql`${users.loginAddress} is null`, 5],
    ["deactivated", sql`not ${users.activated}`, 5],
    ["leavers", sql`${users.leaverSince} is not null`, 5],
  ])("shows people who are %s", async (_state, where, least) => {
    expect(await count(where)).toBeGreaterThanOrEqual(least);
  });

  it("has every state in Lager", async () => {
    const [lager] = await rowsOf(
      db,
      z.object({
        users: z.coerce.number(),
        companies: z.coerce.number(),
        connected: z.coerce.number(),
        pending: z.coerce.number(),
        bounced: z.coerce.number(),
        none: z.coerce.number(),
        off: z.coerce.number(),
      }),
      sql`select count(*) as users, count(distinct company_id) as companies, count(verified_at) as connected,
          count(*) filter (where activated and login_address is not null and verified_at is null) as pending,
          count(suppressed_at) as bounced, count(*) filter (where login_address is null) as none, count(*) filter (where not activated) as off
        from ${users} where ${inDemo} and department_id = (select id from ${departments} where name = 'Lager')`,
    );
    expect(lager?.companies).toBe(3);
    for (const found of Object.values(lager ?? {})) expect(found).toBeGreaterThan(0);
  });

  it("holds only readable addresses on .example domains", async () => {
    const rows = await db
      .select({ address: users.loginAddress, key: users.loginAddressKey })
      .from(users)
      .where(sql`${users.loginAddress} is not null`);
    for (const { address, key } of rows) {
      expect(address).toMatch(/\.example$/);
      expect(readAddress(address ?? "")).toMatchObject({ ok: true, key });
    }
  });

  it("has one pending Anna in Lager, and two people of one name", async () => {
    const annas = await findUsersByWord(db, inDemo, "anna", 5);
    expect(annas).toMatchObject([
      {
        name: "Anna Berg",
        loginAddress: "anna.berg@acme.example",
        verifiedAt: null,
        activated: true,
        department: "Lager",
        suppressedAt: null,
        lastVerificationAt: null,
      },
    ]);
    expect(await findUsersByWord(db, inDemo, "Maria Holm", 5)).toHaveLength(2);
  });

  it.each(DEMO_PEOPLE)("lets $name speak as $as", async ({ person, as, name, userId }) => {
    const actor = await actorOf(person);
    expect(actor?.user?.name).toBe(name);
    expect(await db.$count(users, and(inDemo, eq(users.userId, userId), eq(users.name, name)))).toBe(1);
    expect(actor?.roles).toEqual(as === "employee" ? [] : [as]);
    expect(actor?.scope.kind).toBe({ owner: "all", admin: "companies", auditor: "companies", employee: "none" }[as]);
  });

  it("gives the admin one company, with Anna and only a part of Lager in it", async () => {
    const actor = await actorOf("U0ADMIN");
    const companyIds = actor?.scope.kind === "companies" ? actor.scope.companyIds : [];
    expect(companyIds).toHaveLength(1);
    const lager = sql`${users.departmentId} = (select id from ${departments} where name = 'Lager')`;
    const seen = await count(sql`${lager} and ${users.companyId} = ${companyIds[0]}`);
    expect(seen).toBeGreaterThan(5);
    expect(seen).toBeLessThan(await count(lager));
    expect(await count(sql`${users.name} = 'Anna Berg' and ${users.companyId} = ${companyIds[0]}`)).toBe(1);
  });
});
