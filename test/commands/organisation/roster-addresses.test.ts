import { and, eq, sql } from "drizzle-orm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { challenges, deliveries, users } from "../../../src/db/schema/tables.ts";
import { testDatabase } from "../../support/database.ts";
import * as insert from "../../support/insert.ts";
import { findUser, loaded, loadOn, picture } from "../../support/roster.ts";

const { db } = await testDatabase();
const load = loadOn(db);

describe("a new address for a user who is not connected", () => {
  it("starts over: version up, not suppressed, links dead, queued mail cancelled", async () => {
    const { id, name } = await insert.organisation(db);
    const user = await insert.user(db, id, {
      userId: "1",
      loginAddress: "old@acme.example",
      suppressedAt: new Date(),
      suppressedReason: "550",
      addressSetAt: new Date("2026-01-01T00:00:00Z"),
    });
    await insert.delivery(db, id, user.id, { sending: "single" });
    await db
      .insert(challenges)
      .values({ organisationId: id, userId: user.id, purpose: "verify", addressVersion: 1, expiresAt: sql`now() + interval '1 day'` });
    expect(loaded(await load({ name }, "User-ID;Email Visma Connect\n1;new@acme.example\n")).counts).toMatchObject({
      addressesSet: 1,
      updated: 1,
    });
    const after = await findUser(db, id, "1");
    expect(after).toMatchObject({
      loginAddress: "new@acme.example",
      addressVersion: 2,
      suppressedAt: null,
      suppressedReason: null,
      verifiedAt: null,
    });
    expect(after.addressSetAt.getTime()).toBeGreaterThan(user.addressSetAt.getTime());
    expect(await db.select().from(deliveries).where(eq(deliveries.userId, user.id))).toMatchObject([
      { state: "cancelled", settledAt: expect.any(Date) },
    ]);
    expect(await db.select().from(challenges).where(eq(challenges.userId, user.id))).toMatchObject([{ supersededAt: expect.any(Date) }]);
  });

  it("is none when only its spelling differs", async () => {
    const { id, name } = await insert.organisation(db);
    await insert.user(db, id, { userId: "1", loginAddress: "anna@acme.example", suppressedAt: new Date() });
    loaded(await load({ name }, "User-ID;Email Visma Connect\n1;Anna@ACME.example\n"));
    expect(await findUser(db, id, "1")).toMatchObject({
      loginAddress: "Anna@ACME.example",
      addressVersion: 1,
      suppressedAt: expect.any(Date),
    });
  });

  it("goes when its cell is blank, and stays when its cell is invalid", async () => {
    const { id, name } = await insert.organisation(db);
    await insert.user(db, id, { userId: "1", loginAddress: "a@acme.example" });
    await insert.user(db, id, { userId: "2", loginAddress: "b@acme.example" });
    const outcome = loaded(await load({ name }, "User-ID;Email Visma Connect\n1;\n2;nonsense\n"));
    expect(outcome.counts).toMatchObject({ addressesCleared: 1, addressesSet: 0, invalidAddresses: 1 });
    expect(outcome.remarks).toEqual([{ row: 3, userId: "2", note: { kind: "invalid-address", problem: "no-at" } }]);
    expect((await picture(db, id)).map((row) => row.loginAddress)).toEqual([null, "b@acme.example"]);
  });

  it("may be exchanged, or handed on, between users in one file", async () => {
    const { id, name } = await insert.organisation(db);
    for (const each of ["1", "2", "3"]) await insert.user(db, id, { userId: each, loginAddress: `u${each}@acme.example` });
    const outcome = loaded(
      await load({ name }, "User-ID;Email Visma Connect\n1;u2@acme.example\n2;u1@acme.example\n3;x@acme.example\n4;u3@acme.example\n"),
    );
    expect(outcome.counts).toMatchObject({ addressesSet: 4, rowErrors: 0 });
    expect((await picture(db, id)).map((row) => row.key)).toEqual([
      "u2@acme.example",
      "u1@acme.example",
      "x@acme.example",
      "u3@acme.example",
    ]);
  });

  it.each([
    ["Cyrillic а", "ol\u0430@acme.example"],
    ["full-width ｅ", "ol\uFF45@acme.example"],
    ["dotless ı", "k\u0131m@acme.example"],
  ])("is never taken for a look-alike's: %s", async (_what, address) => {
    const { id, name } = await insert.organisation(db);
    for (const [at, other] of ["ola", "ole", "kim"].entries())
      await insert.user(db, id, { userId: `x${at}`, loginAddress: `${other}@acme.example` });
    const outcome = loaded(await load({ name }, `User-ID;Email Visma Connect\n1;${address}\n`, false));
    expect(outcome.counts).toMatchObject({ addressesSet: 1, rowErrors: 0 });
    expect(outcome.remarks).toEqual([{ row: 2, userId: "1", note: { kind: "mixed-script" } }]);
  });
});

describe("row errors", () => {
  it("name the row: no User-ID, the same User-ID twice, too many cells", async () => {
    const organisation = await insert.organisation(db);
    const outcome = loaded(await load(organisation, "User-ID;Employee\n1;First\n;Nobody\n1;Second\n2;Berg; Anna\n"));
    expect(outcome.remarks).toEqual([
      { row: 3, userId: "", error: "no-user-id" },
      { row: 4, userId: "1", error: "repeated", first: 2 },
      { row: 5, userId: "2", error: "surplus-cells" },
    ]);
    expect(outcome.counts).toMatchObject({ rows: 4, created: 1, rowErrors: 3 });
    expect(await picture(db, organisation.id)).toMatchObject([{ name: "First" }]);
  });

  it("say that an address is twice in the file; the rest of the row counts", async () => {
    const organisation = await insert.organisation(db);
    const outcome = loaded(
      await load(organisation, "User-ID;Employee;Email Visma Connect\n1;A;same@acme.example\n2;B;Same@Acme.example\n"),
    );
    expect(outcome.remarks).toEqual([{ row: 3, userId: "2", error: "address-twice", first: 2 }]);
    expect(await picture(db, organisation.id)).toMatchObject([{ key: "same@acme.example" }, { name: "B", key: null }]);
  });

  it("leave an address with who holds it, all along a chain", async () => {
    const { id, name } = await insert.organisation(db);
    await insert.user(db, id, { userId: "0", loginAddress: "held@acme.example", verifiedAt: new Date() });
    await insert.user(db, id, { userId: "1", loginAddress: "one@acme.example" });
    await insert.user(db, id, { userId: "2", loginAddress: "two@acme.example" });
    const outcome = loaded(
      await load({ name }, "User-ID;Email Visma Connect\n1;held@acme.example\n2;one@acme.example\n3;two@acme.example\n", false),
    );
    expect(outcome.remarks).toEqual([
      { row: 2, userId: "1", error: "address-taken" },
      { row: 3, userId: "2", error: "address-taken" },
      { row: 4, userId: "3", error: "address-taken" },
    ]);
    expect((await picture(db, id)).map((row) => row.key)).toEqual(["held@acme.example", "one@acme.example", "two@acme.example", null]);
  });
});

it("adds up, and leaves every address with one user, whatever is loaded on top of what", async () => {
  const address = fc.constantFrom("", "a@x.example", "b@x.example", "c@x.example", "A@x.example", "bad");
  const file = fc.array(fc.tuple(fc.constantFrom("1", "2", "3", "4"), address, fc.constantFrom("active", "inactive", "")), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(file, file, fc.constantFrom("1", "2", "3"), async (first, second, connected) => {
      const organisation = await insert.organisation(db);
      const text = (rows: string[][]) => `User-ID;Email Visma Connect;Status\n${rows.map((row) => row.join(";")).join("\n")}\n`;
      loaded(await load(organisation, text(first)));
      await db
        .update(users)
        .set({ verifiedAt: sql`now()` })
        .where(and(eq(users.organisationId, organisation.id), eq(users.userId, connected), sql`${users.loginAddress} is not null`));
      const verified = () =>
        db
          .select({ id: users.id, key: users.loginAddressKey, version: users.addressVersion })
          .from(users)
          .where(and(eq(users.organisationId, organisation.id), sql`${users.verifiedAt} is not null`));
      const before = await verified();
      const { counts, remarks } = loaded(await load(organisation, text(second)));
      expect(await verified()).toEqual(before);
      expect(counts.rows).toBe(
        counts.created + counts.updated + counts.unchanged + remarks.filter((each) => "error" in each && each.error === "repeated").length,
      );
    }),
    { numRuns: 25 },
  );
});

it("takes two loads of one organisation one after the other", async () => {
  const organisation = await insert.organisation(db);
  const file = (domain: string) =>
    `User-ID;Email Visma Connect\n${Array.from({ length: 300 }, (_none, at) => `${at};u${at}@${domain}.example`).join("\n")}\n`;
  const both = (await Promise.all([load(organisation, file("acme")), load(organisation, file("beta"))])).map((each) => loaded(each).counts);
  expect(both.map((counts) => counts.created).sort((a, b) => a - b)).toEqual([0, 300]);
  expect(both.map((counts) => counts.addressesSet)).toEqual([300, 300]);
  expect(await db.$count(users, eq(users.organisationId, organisation.id))).toBe(300);
});

it("keeps who confirms while the load runs connected", async () => {
  const { id, name } = await insert.organisation(db);
  const user = await insert.user(db, id, { userId: "7", loginAddress: "seven@acme.example" });
  const confirm = db
    .update(users)
    .set({ verifiedAt: sql`now()` })
    .where(and(eq(users.organisationId, id), eq(users.id, user.id), eq(users.addressVersion, 1)))
    .returning({ id: users.id });
  const [outcome, confirmed] = await Promise.all([load({ name }, "User-ID;Email Visma Connect\n7;other@acme.example\n"), confirm]);
  const after = await findUser(db, id, "7");
  const kept = confirmed.length === 1;
  expect(after).toMatchObject(
    kept ? { loginAddress: "seven@acme.example", addressVersion: 1 } : { loginAddress: "other@acme.example", verifiedAt: null },
  );
  expect(loaded(outcome).counts).toMatchObject(kept ? { connectedKept: 1, addressesSet: 0 } : { connectedKept: 0, addressesSet: 1 });
});
