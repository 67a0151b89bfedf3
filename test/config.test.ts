import { describe, expect, it } from "vitest";
import { readConfig, type Config } from "../src/config.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const PRODUCTION = {
  NODE_ENV: "production",
  SECRET_KEY: KEY,
  DATABASE_URL: "postgres://verify@db.example/verify",
  SMTP_URL: "smtp://relay.example:2525",
  MAIL_FROM: "Verify <verify@acme.example>",
  PUBLIC_URL: "https://verify.example/",
  SLACK_SIGNING_SECRET: "signing",
  SLACK_BOT_TOKEN: "xoxb-made-up",
};

const without = (...names: string[]) => Object.fromEntries(Object.entries(PRODUCTION).filter(([name]) => !names.includes(name)));

function configOf(env: Record<string, string>): Config {
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.problems.join("\n"));
  return read.config;
}

/** The variables that a refusal names. */
function named(env: Record<string, string>, purpose?: "serve" | "worker" | "cli"): string[] {
  const read = readConfig(env, purpose);
  return read.ok
    ? []
    : [...new Set(read.problems.flatMap((problem) => problem.match(/\b[A-Z]+(?:_[A-Z]+)+\b|^(?:HOST|PORT|WORKER)\b/g) ?? []))].toSorted();
}

describe("the embedded default", () => {
  it("The embedded default needs nothing and listens on this machine only", () => {
    expect(configOf({})).toMatchObject({
      playground: true,
      production: false,
      host: "127.0.0.1",
      port: 3000,
      database: { url: undefined, dataDir: ".data" },
      secrets: { current: undefined },
      smtp: undefined,
      worker: "inline",
    });
  });

  it.each(["127.0.0.1", "127.8.8.8", "localhost", "::1"])("The embedded default may listen on %s", (host) => {
    expect(configOf({ HOST: host }).host).toBe(host);
  });

  it.each(["0.0.0.0", "::", "192.168.1.4", "verify.example"])("The embedded default refuses to listen on %s", (host) => {
    expect(named({ HOST: host })).toContain("HOST");
  });

  it("The embedded default stays the default on a real Postgres", () => {
    expect(configOf({ DATABASE_URL: PRODUCTION.DATABASE_URL })).toMatchObject({
      playground: true,
      database: { url: PRODUCTION.DATABASE_URL },
    });
  });

  it("The embedded default ends where a chat surface is configured", () => {
    expect(configOf({ ...PRODUCTION, NODE_ENV: "development" })).toMatchObject({ playground: false, host: "0.0.0.0" });
  });
});

/** What production cannot do without. */
const NEEDED = Object.keys(PRODUCTION).filter((name) => name !== "NODE_ENV" && name !== "DATABASE_URL");

describe("production", () => {
  it("Production starts when all is there", () => {
    expect(configOf(PRODUCTION)).toMatchObject({
      playground: false,
      host: "0.0.0.0",
      publicUrl: "https://verify.example",
      smtp: { relay: "relay.example:2525" },
      mailFrom: { name: "Verify", address: "verify@acme.example" },
      slack: { signingSecret: "signing", botToken: "xoxb-made-up" },
    });
  });

  it("Production names everything that is missing, at once", () => {
    expect(named({ NODE_ENV: "production" })).toEqual(
      expect.arrayContaining(["SECRET_KEY", "SMTP_URL", "MAIL_FROM", "PUBLIC_URL", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"]),
    );
  });

  it.each(NEEDED)("Production refuses to start without %s", (name) => {
    expect(named(without(name))).toContain(name);
  });

  it.each(NEEDED)("Production refuses an empty %s and names it", (name) => {
    expect(named({ ...PRODUCTION, [name]: "" })).toContain(name);
  });

  it("Production wants https, but for this machine", () => {
    expect(named({ ...PRODUCTION, PUBLIC_URL: "http://verify.example" })).toEqual(["PUBLIC_URL"]);
    expect(configOf({ ...PRODUCTION, PUBLIC_URL: "http://127.0.0.1:3000" }).publicUrl).toBe("http://127.0.0.1:3000");
  });
});

describe("half a configuration", () => {
  it.each<[string, Record<string, string>, string[]]>([
    ["a bot token alone", { SLACK_BOT_TOKEN: "xoxb-made-up" }, ["SLACK_SIGNING_SECRET"]],
    ["a signing secret alone", { SLACK_SIGNING_SECRET: "s" }, ["SLACK_BOT_TOKEN"]],
    ["a client id alone", { SLACK_CLIENT_ID: "1" }, ["SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"]],
    ["an app token alone", { SLACK_APP_TOKEN: "xapp-1" }, ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]],
    ["an empty signing secret alone", { SLACK_SIGNING_SECRET: "" }, ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]],
    ["a Teams app id alone", { MICROSOFT_APP_ID: "a" }, ["MICROSOFT_APP_PASSWORD"]],
    ["an empty Teams app id", { MicrosoftAppId: "", MicrosoftAppPassword: "p" }, ["MICROSOFT_APP_ID"]],
    ["a Teams password alone", { MicrosoftAppPassword: "p" }, ["MICROSOFT_APP_ID"]],
    ["a bounce domain alone", { BOUNCE_DOMAIN: "bounces.acme.example" }, ["BOUNCE_SECRET"]],
    ["an issuer alone", { OIDC_ISSUER: "https://login.example" }, ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"]],
  ])("A configuration with %s is refused", (_what, env, expected) => {
    expect(named(env)).toEqual(expect.arrayContaining(expected));
  });
});

it("Teams is read under both spellings", () => {
  const teams = { MicrosoftAppId: "app", MicrosoftAppPassword: "p", MicrosoftAppTenantId: "t", TEAMS_TENANTS: "t, u" };
  expect(configOf({ ...without("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"), ...teams }).teams).toMatchObject({
    appId: "app",
    type: "SingleTenant",
    tenants: ["t", "u"],
  });
});

it("The owners are read", () => {
  expect(configOf({ OWNER_PRINCIPALS: "slack:T123/U456, teams:4f/9a" }).owners).toEqual([
    { platform: "slack", workspace: "T123", person: "U456" },
    { platform: "teams", workspace: "4f", person: "9a" },
  ]);
});

it.each<[string, string]>([
  ["PORT", "99999"],
  ["PORT", "http"],
  ["WORKER", "maybe"],
  ["LOG_LEVEL", "loud"],
  ["DATABASE_URL", "mysql://db.example"],
  ["SMTP_URL", "relay.example:25"],
  ["SMTP_RATE", "0"],
  ["SMTP_CONNECTIONS", "101"],
  ["MAIL_FROM", "somebody"],
  ["PUBLIC_URL", "verify.example"],
  ["OWNER_PRINCIPALS", "anna@acme.example"],
  ["SECRET_KEY", "short"],
  ["SECRET_KEY", Buffer.alloc(31, 1).toString("base64")],
  ["SECRET_KEY", Buffer.alloc(31, 1).toString("hex")],
  ["SECRET_KEY", "a pass phrase of more than thirty-two characters"],
  ["SECRET_KEY_PREVIOUS", "short"],
])("The setting %s=%s is refused", (name, value) => {
  expect(named({ [name]: value })).toContain(name);
});

it("A key is taken as base64 and as hex", () => {
  const key = Buffer.alloc(32, 9);
  expect(configOf({ SECRET_KEY: key.toString("base64") }).secrets.current).toEqual(key);
  expect(configOf({ SECRET_KEY: key.toString("hex") }).secrets.current).toEqual(key);
});

it("A worker alone must have Postgres and a mail server; the command line needs neither", () => {
  expect(named({}, "worker")).toEqual(["DATABASE_URL", "SMTP_URL"]);
  expect(named({}, "cli")).toEqual([]);
  expect(named({ NODE_ENV: "production" }, "cli")).toEqual(["SECRET_KEY"]);
});
