import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findActor } from "../../src/commands/actor.ts";
import type { Db } from "../../src/db/client.ts";
import { openDatabase } from "../../src/db/open.ts";
import { lockDataDir } from "../../src/db/pglite-lock.ts";
import { auditEvents, organisations, users, workspaces } from "../../src/db/schema/tables.ts";
import { askerOf } from "../support/chat.ts";
import { callCli, runCli } from "../support/cli.ts";
import { testDeps } from "../support/deps.ts";
import { createDatabase, dropDatabase, findPostgres } from "../support/postgres.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/employees-users.csv", import.meta.url));
const TENANT = "6f1c2f5e-8a55-4f0e-9f3e-0d6a2c1b7e42";
const OBJECT_ID = "0b9d7c1a-4a53-4b62-8c58-1f8a9be3d210";
const dir = mkdtempSync(join(tmpdir(), "verify-bot-cli-"));
const server = await findPostgres();
const name = `verify_cli_${process.pid}`;
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A data directory made from the migrated template: making one from nothing takes seconds. */
const ready = join(dir, "ready");
beforeAll(async () => {
  mkdirSync(ready);
  const client = await PGlite.create(join(ready, "database"), {
    loadDataDir: new Blob([readFileSync(process.env["VERIFY_TEST_TEMPLATE"] ?? "")]),
  });
  await client.close();
});

const ON = [
  { kind: "PGlite", make: () => Promise.resolve<Record<string, string>>({ DATA_DIR: join(dir, "data") }), drop: () => Promise.resolve() },
  ...(server
    ? [
        {
          kind: "Postgres",
          make: async (): Promise<Record<string, string>> => ({ DATABASE_URL: await createDatabase(server, name) }),
          drop: () => dropDatabase(server, name),
        },
      ]
    : []),
];

it("works as a process of its own", { timeout: 60_000 }, async () => {
  const env = { DATA_DIR: ready };
  expect(await runCli(["organisation", "create", "Acme", "--slack-team", "T0ACME", "--json"], env)).toEqual({
    code: 0,
    out: `${JSON.stringify({ ok: true, organisation: "Acme", created: true, workspaces: [{ platform: "slack", workspace: "T0ACME" }] })}\n`,
    err: "",
  });
  expect(await runCli(["roster", "load", FIXTURE, "--organisation", "Acme"], env)).toMatchObject({ code: 0, err: "" });
  expect(await runCli(["grant-owner", "slack:T0ACME/U1", "--user", "nobody", "--organisation", "Acme"], env)).toMatchObject({
    code: 1,
    out: "",
  });
  expect(await runCli(["dance"], env)).toMatchObject({ code: 64, out: "" });
});

describe.each(ON)("on $kind", ({ make, drop }) => {
  let env: Record<string, string> = {};
  const cli = (...args: string[]) => callCli(args, env);
  const look = async <T>(work: (db: Db) => Promise<T>): Promise<T> => {
    const opened = await openDatabase({ url: env["DATABASE_URL"], dataDir: env["DATA_DIR"] ?? "" });
    if (opened.kind !== "open") throw new Error("still open");
    try {
      return await work(opened.database.db);
    } finally {
      await opened.database.close();
    }
  };
  const actorOf = (db: Db, platform: "slack" | "teams", workspace: string, person: string) =>
    findActor(testDeps(db), askerOf(workspace, person, { principal: { platform, workspace, person }, locale: undefined }));

  beforeAll(async () => {
    env = await make();
  });
  afterAll(drop);

  it("migrates an empty database, and again", async () => {
    expect(await cli("migrate")).toEqual({ code: 0, out: "The tables are up to date.\n", err: "" });
    expect(await cli("migrate", "--json")).toMatchObject({ code: 0 });
  });

  it("creates an organisation with its workspaces, once", async () => {
    const made = await cli("organisation", "create", "Acme", "--slack-team", "T0ACME", "--language", "sv");
    expect(made).toMatchObject({ code: 0, err: "" });
    expect(made.out).toContain("Created Acme, with slack T0ACME.");
    expect(await cli("organisation", "create", "Acme")).toMatchObject({ code: 1, out: "" });
    expect(await cli("organisation", "create", "Acme", "--teams-tenant", TENANT.toUpperCase())).toMatchObject({ code: 0 });
    expect(await cli("organisation", "create", "Beta", "--slack-team", "T0ACME", "--json")).toMatchObject({ code: 1 });
    await look(async (db) => {
      expect(await db.select({ name: organisations.name, language: organisations.language }).from(organisations)).toEqual([
        { name: "Acme", language: "sv" },
      ]);
      expect((await db.select().from(workspaces)).map((row) => row.workspace).sort()).toEqual([TENANT, "T0ACME"].sort());
    });
  });

  it("loads a roster and prints what it did, row by row", async () => {
    const first = await cli("roster", "load", FIXTURE, "--organisation", "Acme");
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toBe(
      [
        "7 rows for Acme: 7 created, 5 login addresses set, 1 invalid address ignored. No mail was sent.",
        "Read as utf-8, separated by semicolon, header in row 1.",
        "  row 7 (1006): the role owner was ignored: use grant-owner",
        "  row 8 (1007): the login address was ignored: it holds a space or an invisible character",
        "  row 8 (1007): not authorised to “Beta AB”: there is no such company",
        "",
      ].join("\n"),
    );
    const again = await cli("roster", "load", FIXTURE, "--organisation", "Acme", "--json");
    expect(JSON.parse(again.out)).toMatchObject({
      ok: true,
      counts: { rows: 7, created: 0, unchanged: 7 },
      remarks: [{ row: 7 }, { row: 8 }, { row: 8 }],
    });
  });

  it("marks leavers in a full load, and nobody in a partial one", async () => {
    const file = join(dir, "some.csv");
    writeFileSync(file, "Användar-ID;Anställd;Skonummer\n1001;Anna Berg;38\n");
    const partial = await cli("roster", "load", file, "--organisation", "Acme", "--partial");
    expect(partial.out).toBe(
      "1 row for Acme: 1 unchanged. No mail was sent.\nRead as utf-8, separated by semicolon, header in row 1.\nColumns that are not the template's were ignored: Skonummer.\n",
    );
    const refused = await cli("roster", "load", file, "--organisation", "Acme");
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("Nothing was changed: 6 of 7 users are not in the file");
    const dry = await cli("roster", "load", file, "--organisation", "Acme", "--dry-run", "--yes-really");
    expect(dry.out).toMatch(/^Dry run: nothing was changed\.\n1 row for Acme: .*6 no longer in the file, marked as leavers/);
    const full = await cli("roster", "load", file, "--organisation", "Acme", "--yes-really");
    expect(full.out).toContain("6 no longer in the file, marked as leavers");
    expect((await cli("roster", "load", FIXTURE, "--organisation", "Acme")).out).toContain("6 back after having left");
  });

  it.each([
    ["Slack", ["slack:T0ACME/U0BOSS"], ["slack", "T0ACME", "U0BOSS"]],
    ["Teams", [`teams:${TENANT}/${OBJECT_ID}`], ["teams", TENANT, OBJECT_ID]],
  ] as const)("makes an owner of a person in %s", async (_platform, principal, [platform, workspace, person]) => {
    const granted = await cli("grant-owner", ...principal, "--user", "1002", "--organisation", "Acme");
    expect(granted).toMatchObject({ code: 0, err: "" });
    await look(async (db) => {
      const actor = await actorOf(db, platform, workspace, person);
      expect(actor).toMatchObject({ user: { name: "Bo Ek" }, scope: { kind: "all" } });
      expect(actor?.roles).toContain("owner");
      expect(await db.$count(auditEvents, eq(auditEvents.action, "grant-owner"))).toBeGreaterThan(0);
    });
  });

  it.each([
    ["no such user", ["grant-owner", "slack:T0ACME/U1", "--user", "9999", "--organisation", "Acme"], "no user with the User-ID 9999"],
    ["an inactive user", ["grant-owner", "slack:T0ACME/U1", "--user", "1005", "--organisation", "Acme"], "not active"],
    [
      "no such organisation",
      ["grant-owner", "slack:T0ACME/U1", "--user", "1001", "--organisation", "Nobody"],
      "no organisation called Nobody",
    ],
    [
      "a workspace that is not theirs",
      ["grant-owner", "slack:T0EVIL/U1", "--user", "1001", "--organisation", "Acme"],
      "T0EVIL is not connected to Acme",
    ],
    ["no such file", ["roster", "load", "nowhere.csv", "--organisation", "Acme"], "no file nowhere.csv"],
    ["a roster for nobody", ["roster", "load", FIXTURE, "--organisation", "Nobody"], "no organisation called Nobody"],
    ["a file that is no table", ["roster", "load", process.execPath, "--organisation", "Acme"], "Nothing was changed"],
  ])("refuses %s with exit 1", async (_what, args, said) => {
    const end = await cli(...args);
    expect(end).toMatchObject({ code: 1, out: "" });
    expect(end.err).toContain(said);
  });

  it("says how things are", async () => {
    const end = await cli("doctor");
    expect(end).toMatchObject({ code: 0, err: "" });
    expect(end.out).toMatch(/ok {3}database: .*1 organisation\n/);
  });

  it("touched nobody who is connected", async () => {
    await look((db) =>
      db
        .update(users)
        .set({ verifiedAt: new Date() })
        .where(and(eq(users.userId, "1001"))),
    );
    const file = join(dir, "blank.csv");
    writeFileSync(file, "User-ID;Email Visma Connect\n1001;\n");
    const end = await cli("roster", "load", file, "--organisation", "Acme", "--partial");
    expect(end.out).toContain("1 connected and kept as they are");
    expect(end.out).toContain("row 2 (1001): connected already, the login address stays as it is");
  });
});

describe("wrong use", () => {
  const env = { DATA_DIR: join(dir, "unused") };

  it.each([
    [[]],
    [["dance"]],
    [["organisation"]],
    [["organisation", "create"]],
    [["organisation", "create", "A", "B"]],
    [["organisation", "create", "A", "--language", "tlh"]],
    [["organisation", "create", "A", "--slack-team", "acme.slack.com"]],
    [["roster", "load", "file.csv"]],
    [["roster", "load", "file.csv", "--organisation", "A", "--fast"]],
    [["grant-owner", "anna@acme.example", "--user", "1", "--organisation", "A"]],
    [["grant-owner", "slack:T1/U1", "--user", "1"]],
  ])("%j ends with 64 and says how", async (args) => {
    const end = await callCli(args, env);
    expect(end).toMatchObject({ code: 64, out: "" });
    expect(end.err).toContain("Usage: npm run cli -- ");
  });

  it("prints one line of JSON for machines", async () => {
    const end = await callCli(["roster", "load", "--json"], env);
    expect(end).toMatchObject({ code: 64, err: "" });
    expect(JSON.parse(end.out)).toMatchObject({ ok: false, message: expect.stringContaining("Something is missing") });
  });

  it("shows every command when asked for help", async () => {
    const end = await callCli(["--help"], env);
    expect(end).toMatchObject({ code: 0, err: "" });
    for (const command of ["organisation create", "roster load", "grant-owner", "doctor", "migrate"])
      expect(end.out).toContain(`  ${command}`);
  });
});

it("refuses while another process has the data directory open, and names it", async () => {
  const dataDir = join(dir, "held");
  const lock = lockDataDir(dataDir);
  const end = await runCli(["migrate"], { DATA_DIR: dataDir });
  if (lock.kind === "held") lock.release();
  expect(end).toMatchObject({ code: 1, out: "" });
  expect(end.err).toContain(`Process ${process.pid} has the data in ${dataDir} open. Stop the server first`);
});

it("names every problem of the configuration and ends with 78", async () => {
  const end = await callCli(["migrate"], { DATABASE_URL: "mysql://x", PORT: "many" });
  expect(end.code).toBe(78);
  expect(end.err).toMatch(/PORT[^]*DATABASE_URL|DATABASE_URL[^]*PORT/);
});

it("says that Postgres is away instead of failing", async () => {
  expect(await callCli(["migrate"], { DATABASE_URL: "postgres://127.0.0.1:1/none" })).toEqual({
    code: 1,
    out: "",
    err: "The database does not answer. Nothing was changed.\n",
  });
});

describe("the doctor looks at the mail server", () => {
  const listen = (greeting: string) =>
    new Promise<{ port: number; close(): void }>((resolve) => {
      const smtp = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.end(greeting);
      }).listen(0, "127.0.0.1", () => {
        const address = smtp.address();
        resolve({ port: typeof address === "object" && address ? address.port : 0, close: () => smtp.close() });
      });
    });
  const doctor = async (port: number) =>
    JSON.parse((await callCli(["doctor", "--json"], { DATA_DIR: ready, SMTP_URL: `smtp://u:secret@127.0.0.1:${port}` })).out) as {
      ok: boolean;
      findings: { what: string; ok: boolean; found: string }[];
    };

  it.each([
    ["220 relay.example ESMTP\r\n", true, "answers 220"],
    ["554 go away\r\n", false, "does not greet like a mail server"],
  ])("that says %j", async (greeting, ok, found) => {
    const smtp = await listen(greeting);
    const seen = await doctor(smtp.port);
    smtp.close();
    expect(seen.ok).toBe(ok);
    expect(seen.findings[2]).toMatchObject({ ok, found: expect.stringContaining(found) });
    expect(JSON.stringify(seen)).not.toContain("secret");
  });

  it("that is not there", async () => {
    expect(await doctor(1)).toMatchObject({
      ok: false,
      findings: [{ ok: true }, { ok: true }, { ok: false, found: expect.stringContaining("ECONNREFUSED") }, { ok: true }],
    });
  });
});
