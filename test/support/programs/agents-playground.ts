/**
 * `npm run try:teams`: the real bot with the demo organisation, and a signing wire in front of it, so that the Microsoft 365 Agents Playground can be pointed at it.
 * The bot itself takes signed requests only, here as anywhere: the wire stands for the Bot Connector, signs what the Playground sends and has the keys.
 */
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import express from "express";
import { SignJWT } from "jose";
import { SMTPServer } from "smtp-server";
import PostalMime from "postal-mime";
import { openDatabase } from "../../../src/db/open.ts";
import { organisations, principals, users, workspaces } from "../../../src/db/schema/tables.ts";
import { DEMO_ORGANISATION, loadDemo } from "../../../src/playground/demo.ts";

const APP_ID = "11111111-2222-4333-8444-555555555555";
/** Whom the Agents Playground speaks as, and where it listens, unless it is configured otherwise. */
const TENANT = "00000000-0000-0000-0000-0000000000001";
const PERSON = "00000000-0000-0000-0000-0000000000020";
const PLAYGROUND = "localhost:56150";
const WIRE = 3978;
const BOT = 3979;
const MAIL = 3980;
const OWNER = "1001";

const say = (line: string) => void process.stdout.write(`${line}\n`);
const dataDir = mkdtempSync(join(tmpdir(), "verify-agents-playground-"));

const opened = await openDatabase({ url: undefined, dataDir });
if (opened.kind !== "open") throw new Error("the new data directory is in use");
const { db } = opened.database;
await loadDemo(db);
const [acme] = await db.select({ id: organisations.id }).from(organisations).where(eq(organisations.name, DEMO_ORGANISATION));
const [owner] = await db.select({ id: users.id }).from(users).where(eq(users.userId, OWNER));
if (!acme || !owner) throw new Error("the demo organisation has no owner");
await db.insert(workspaces).values({ organisationId: acme.id, platform: "teams", workspace: TENANT });
await db.insert(principals).values({ organisationId: acme.id, platform: "teams", workspace: TENANT, person: PERSON, userId: owner.id });
await opened.database.close();

async function show(mail: Buffer): Promise<void> {
  const { to, text } = await PostalMime.parse(mail);
  say(`  mail to ${to?.[0]?.address ?? "?"}: ${/https?:\S+/.exec(text ?? "")?.[0] ?? ""}`);
}

new SMTPServer({
  authOptional: true,
  disabledCommands: ["AUTH", "STARTTLS"],
  onData: (stream, _session, done) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.once("end", () => {
      done();
      void show(Buffer.concat(chunks));
    });
  },
}).listen(MAIL, "127.0.0.1");

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const here = `http://127.0.0.1:${WIRE}`;
const wire = express().use(express.json({ limit: "1mb" }));
wire.get("/openid", (_request, response) => void response.json({ jwks_uri: `${here}/keys` }));
wire.get("/keys", (_request, response) => {
  response.json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "wire", endorsements: ["msteams"] }] });
});
wire.post(/^\/login\//, (_request, response) => void response.json({ access_token: "wire", expires_in: 3600 }));
wire.post("/api/messages", async (request, response) => {
  const activity = request.body as { serviceUrl?: string };
  const token = await new SignJWT({ serviceurl: activity.serviceUrl })
    .setProtectedHeader({ alg: "RS256", kid: "wire" })
    .setIssuer("https://api.botframework.com")
    .setAudience(APP_ID)
    .setNotBefore("-5s")
    .setExpirationTime("5m")
    .sign(privateKey);
  const answer = await fetch(`http://127.0.0.1:${BOT}/api/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(activity),
  });
  response
    .status(answer.status)
    .type("json")
    .send(await answer.text());
});
wire.use((_request, response) => void response.end());
createServer(wire).listen(WIRE, "127.0.0.1");

const bot = spawn(process.execPath, [join(import.meta.dirname, "../../../src/main.ts")], {
  stdio: ["ignore", "inherit", "inherit"],
  env: {
    PORT: String(BOT),
    HOST: "127.0.0.1",
    PUBLIC_URL: `http://127.0.0.1:${BOT}`,
    DATA_DIR: dataDir,
    SMTP_URL: `smtp://127.0.0.1:${MAIL}`,
    MAIL_FROM: "Acme HR <hr@acme.example>",
    MICROSOFT_APP_ID: APP_ID,
    MICROSOFT_APP_PASSWORD: "unused",
    TEAMS_OPENID_METADATA: `${here}/openid`,
    TEAMS_LOGIN_URL: `${here}/login`,
    TEAMS_SERVICE_HOSTS: PLAYGROUND,
  },
});
const end = () => {
  rmSync(dataDir, { recursive: true, force: true });
  process.exit();
};
bot.once("exit", end);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void bot.kill(signal));

say(`\n  In a folder of its own:  npm install @microsoft/m365agentsplayground`);
say(`  then:  npx agentsplayground start -e ${here}/api/messages -c msteams -p 56150 --disable-telemetry`);
say(`  and open http://${PLAYGROUND}. Write help, resend me, bulk. Mails are listed here.\n`);
