import { beforeEach, describe, expect, it } from "vitest";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";
import { colleague, conversation, textOf } from "../../support/chat.ts";

const { db } = await testDatabase();
const { ask } = conversation(testDeps(db));

async function world() {
  const { id } = await insert.organisation(db);
  await insert.workspace(db, id);
  for (const [company, department] of [
    ["North", "Lager"],
    ["North", "Butik"],
    ["South", "Lager"],
  ] as const)
    await insert.user(db, id, { company, department });
  return {
    owner: (await colleague(db, id, "Olga Owner", "owner")).asker,
    admin: (await colleague(db, id, "Adam Admin", "admin", ["North"])).asker,
    other: (await colleague(db, id, "Bo Admin", "admin", ["South"])).asker,
    peer: (await colleague(db, id, "Cia Admin", "admin", ["North"])).asker,
    employee: (await colleague(db, id, "Eva Employee", null)).asker,
  };
}
let w: Awaited<ReturnType<typeof world>>;
beforeEach(async () => {
  w = await world();
});

describe("a saved selection", () => {
  it("stands for its filters, for each speaker within their own scope", async () => {
    expect(textOf(await ask(w.owner, "save Weekly department:Lager"))).toMatch(/^saved:weekly stands for: in Lager.\n2 users match now/);
    expect(textOf(await ask(w.owner, "bulk saved:weekly --dry-run"))).toContain("Dry run: 2 users match.");
    await ask(w.admin, "save Weekly department:Lager");
    expect(textOf(await ask(w.admin, "bulk saved:WEEKLY --dry-run"))).toContain("Dry run: 1 user matches.");
    expect(textOf(await ask(w.owner, "bulk saved:weekly -company:South --dry-run"))).toContain("Dry run: 1 user matches.");
  });

  it("is listed, replaced by whoever saved it, and removed", async () => {
    await ask(w.admin, "save weekly department:Lager");
    expect(textOf(await ask(w.admin, "save weekly department:Butik"))).toMatch(/^saved:weekly now stands for: in Butik/);
    const list = await ask(w.peer, "saved");
    expect(list.items?.rows).toEqual([{ title: "saved:weekly", detail: "in Butik · Adam Admin" }]);
    expect(textOf(await ask(w.peer, "save weekly department:Lager"))).toMatch(/^Not saved: another admin uses the name/);
    expect(textOf(await ask(w.peer, "saved remove weekly"))).toMatch(/^Not removed/);
    expect(textOf(await ask(w.owner, "save weekly department:Lager"))).toMatch(/now stands for/);
    expect(textOf(await ask(w.owner, "sparade ta-bort weekly"))).toMatch(/^weekly removed/);
    expect(textOf(await ask(w.owner, "saved"))).toMatch(/^Nothing is saved yet/);
  });

  it("is neither listed, suggested, used nor in the way for those who may not see its maker's people", async () => {
    await ask(w.admin, "save weekly employee:Anna department:Lager");
    expect(textOf(await ask(w.other, "saved"))).toMatch(/^Nothing is saved yet/);
    expect(textOf(await ask(w.other, "bulk saved:weakly"))).not.toContain("Did you mean");
    expect(textOf(await ask(w.other, "bulk saved:weekly"))).toMatch(/^Nothing is saved as/);
    expect(textOf(await ask(w.other, "saved remove weekly"))).toMatch(/^Not removed/);
    expect(textOf(await ask(w.other, "save weekly pending>7d"))).toMatch(/^saved:weekly stands for/);
    expect((await ask(w.admin, "saved")).items?.rows).toHaveLength(1);
    expect((await ask(w.owner, "saved")).items?.rows).toHaveLength(2);
  });

  it.each([
    ["bulk saved:weakly", /^Nothing is saved as “weakly”\.\nDid you mean “saved:weekly”\?\nNothing was done/],
    ["bulk -saved:weekly", /^“-saved:weekly” does not work/],
    ["bulk saved:weekly,monthly", /^“saved:weekly,monthly” does not work/],
    ["bulk saved:", /^“saved:” needs a value/],
    ["save weekly", /^What should it stand for/],
    ["save pending>7d", /^Which name/],
    ["save two words pending>7d", /^Which name/],
    ["save -odd pending>7d", /^There is no flag|^Which name/],
    ["save other department:Lagr", /^“Lagr” is not a value of department\.\nDid you mean “department:Lager”/],
    ["save other pending>7d --force", /^--force does not work with save/],
    ["saved forget weekly", /^Which name/],
  ])("%s is refused, and says why", async (text, said) => {
    await ask(w.owner, "save weekly department:Lager");
    const reply = await ask(w.owner, text);
    expect(textOf(reply)).toMatch(said);
    expect(reply.tone).toBe("refused");
  });

  it("is none of an employee's business", async () => {
    await ask(w.owner, "save weekly department:Lager");
    for (const text of ["saved", "save mine pending>7d", "bulk saved:weakly", "bulk saved:weekly"])
      expect(textOf(await ask(w.employee, text))).toMatch(/^Your role does not include/);
  });

  it("belongs to one organisation", async () => {
    await ask(w.owner, "save weekly department:Lager");
    const elsewhere = await world();
    expect(textOf(await ask(elsewhere.owner, "bulk saved:weekly"))).toMatch(/^Nothing is saved as/);
  });
});
