import { connect } from "node:net";
import { SignJWT, UnsecuredJWT } from "jose";
import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import { APP_ID, fakeTeams, invoke, message, teamsWire, tokenOf } from "../support/fake-teams.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const teams = await fakeTeams();
const wire = await teamsWire(testDeps(db), teams);
const acme = await insert.organisation(db);
await insert.workspace(db, acme.id, { platform: "teams", workspace: "aaaaaaaa-0000-4000-8000-000000000001" });

const ISSUER = "https://api.botframework.com";
const hello = () => message(teams, "29:anna", "help");
const bearer = async (over: Parameters<typeof tokenOf>[1]) => `Bearer ${await tokenOf(teams, over)}`;
const claims = () => ({ serviceurl: teams.serviceUrl });

beforeEach(() => {
  teams.told.length = 0;
});

const nothingSaid = () => [...teams.toldTo("send"), ...teams.toldTo("token")];

describe("a request without the connector's token", () => {
  it.each([
    ["no header", null],
    ["an empty header", ""],
    ["another scheme", "Basic YTpi"],
    ["a bearer without a token", "Bearer "],
    ["words for a token", "Bearer not.a.token"],
    ["a token of two parts", "Bearer e30.e30"],
    ["a token twice", "Bearer e30.e30.e30 e30.e30.e30"],
  ])("is answered 401: %s", async (_name, header) => {
    expect((await wire.post(hello(), header)).status).toBe(401);
    expect(nothingSaid()).toEqual([]);
  });

  it("is answered 401 when it is not signed at all", async () => {
    const token = new UnsecuredJWT(claims()).setIssuer(ISSUER).setAudience(APP_ID).setExpirationTime("1h").setNotBefore("-1s").encode();
    expect((await wire.post(hello(), `Bearer ${token}`)).status).toBe(401);
    expect((await wire.post(hello(), `Bearer ${token}AAAA`)).status).toBe(401);
  });

  it("is answered 401 when the public key was used as a secret", async () => {
    const secret = Buffer.from(teams.key().publicKey.export({ type: "spki", format: "pem" }));
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: "HS256", kid: teams.key().kid })
      .setIssuer(ISSUER)
      .setAudience(APP_ID)
      .setNotBefore("-1s")
      .setExpirationTime("1h")
      .sign(secret);
    expect((await wire.post(hello(), `Bearer ${token}`)).status).toBe(401);
  });

  it.each([
    ["for another bot", { aud: "99999999-2222-4333-8444-555555555555" }],
    ["by another issuer", { iss: "https://evil.example" }],
    ["by an emulator", { iss: "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/", claims: { appid: APP_ID, ver: "1.0" } }],
    [
      "by any Entra tenant",
      { iss: "https://login.microsoftonline.com/evil-tenant/v2.0", claims: { azp: APP_ID, ver: "2.0", tid: "evil-tenant" } },
    ],
    ["by a skill", { iss: "https://login.microsoftonline.com/t/v2.0", claims: { azp: "another-bot", ver: "2.0" } }],
    ["that ended 6 minutes ago", { exp: -360, nbf: -4000 }],
    ["that begins in 6 minutes", { nbf: 360 }],
    ["with a key id nobody knows", { kid: "key-999" }],
    ["with another key under a known id", { key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey }],
  ])("is answered 401: a token %s", async (_name, over) => {
    expect((await wire.post(hello(), await bearer(over))).status).toBe(401);
    expect(nothingSaid()).toEqual([]);
  });

  it("is answered 401 when the key does not stand for its channel", async () => {
    expect((await wire.post({ ...hello(), channelId: "webchat" })).status).toBe(401);
  });
});

describe("a forged service URL", () => {
  const forged = "http://127.0.0.1:9/";

  it("that the token does not name is answered 401, and gets neither answer nor token", async () => {
    expect((await wire.post({ ...hello(), serviceUrl: forged })).status).toBe(401);
    expect(nothingSaid()).toEqual([]);
  });

  it("that the token names, but we do not, is answered 403", async () => {
    expect((await wire.post({ ...hello(), serviceUrl: forged }, await bearer({ serviceUrl: forged }))).status).toBe(403);
    expect(nothingSaid()).toEqual([]);
  });
});

describe("a body that is no activity", () => {
  it.each([
    ["nothing", "", 400],
    ["half an object", '{"type":"message"', 400],
    ["a list", "[]", 400],
    ["null", "null", 400],
    ["no channel", JSON.stringify({ ...hello(), channelId: undefined }), 400],
    ["no sender", JSON.stringify({ ...hello(), from: null }), 400],
    ["a message without an id", JSON.stringify({ ...hello(), id: undefined }), 400],
    ["U+0000 in its id", JSON.stringify({ ...hello(), id: "a\u0000b" }), 400],
    ["a control character in its text", JSON.stringify({ ...hello(), text: "help\u0007" }), 400],
    ["nesting without end", "[".repeat(100_000), 400],
    ["a body of 2 MB", JSON.stringify({ ...hello(), text: "x".repeat(2_000_000) }), 413],
  ])("is answered without a stack trace: %s", async (_name, body, status) => {
    expect(await wire.post(body)).toEqual({ status, body: {} });
  });

  it.each([
    ["adaptiveCard/action", null],
    ["adaptiveCard/action", { action: null }],
    ["adaptiveCard/action", { action: { type: "Action.Execute", verb: "no-such-verb", data: null } }],
    ["task/fetch", null],
    ["task/submit", { data: null }],
    ["composeExtension/fetchTask", { commandId: "no-such-command" }],
    ["composeExtension/submitAction", undefined],
    ["application/search", { queryText: null, dataset: "departments" }],
    ["application/search", null],
    ["no/such/invoke", {}],
    ["signin/verifyState", { state: "1" }],
    ["fileConsent/invoke", null],
  ])("gets a clean answer where an invoke holds nothing of ours: %s %j", async (name, value) => {
    const { status } = await wire.post(invoke(teams, "29:anna", name, value));
    expect([200, 400]).toContain(status);
  });

  it("is given up on when its end never comes", async () => {
    const { port } = new URL(wire.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(`POST /api/messages HTTP/1.1\r\nHost: x\r\nAuthorization: ${await bearer({})}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const answered = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    for (let sent = 0; sent < 6; sent += 1) socket.write(chunk);
    expect(await answered).toMatch(/^HTTP\/1\.1 413/);
    socket.destroy();
  });
});

describe("the connector's keys", () => {
  it("being away at the start is answered 503 in time; they are found when they are back", async () => {
    const late = await fakeTeams();
    await late.listen(false);
    let now = Date.now();
    const app = await teamsWire(testDeps(db, { now: () => new Date(now) }), late);
    const body = message(late, "29:anna", "help");
    const started = performance.now();
    expect((await app.post(body)).status).toBe(503);
    expect(performance.now() - started).toBeLessThan(5000);
    await late.listen(true);
    now += 2000;
    expect((await app.post(body)).status).toBe(200);
  });

  it("go on to work while the document is away, and are found again when they change", async () => {
    const rotating = await fakeTeams();
    let now = Date.now();
    const app = await teamsWire(testDeps(db, { now: () => new Date(now) }), rotating);
    expect((await app.post(message(rotating, "29:anna", "help"))).status).toBe(200);
    rotating.script("keys", () => ({ status: 500 }));
    now += 25 * 60 * 60 * 1000;
    const early = `Bearer ${await tokenOf(rotating, { exp: 26 * 3600 })}`;
    expect((await app.post(message(rotating, "29:anna", "help"), early)).status).toBe(200);
    rotating.rotate();
    const fresh = `Bearer ${await tokenOf(rotating, { exp: 26 * 3600 })}`;
    now += 6000;
    expect((await app.post(message(rotating, "29:anna", "help"), fresh)).status).toBe(503);
    rotating.script("keys", undefined);
    now += 6000;
    expect((await app.post(message(rotating, "29:anna", "help"), fresh)).status).toBe(200);
  });

  it("are not fetched for every token that names an unknown one", async () => {
    const busy = await fakeTeams();
    const app = await teamsWire(testDeps(db), busy);
    const token = `Bearer ${await tokenOf(busy, { kid: "unknown" })}`;
    await Promise.all(Array.from({ length: 20 }, () => app.post(message(busy, "29:anna", "help"), token)));
    expect(busy.toldTo("keys").length).toBeLessThanOrEqual(4);
  });
});
