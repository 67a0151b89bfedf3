/** `requestEmailVerification` for users that are there and not verified, on Postgres and without HTTP between (`directAccess`). Signing up instead hashes a password a mail. */
import { ParseServer } from "parse-server";
import pg from "pg";
import { answerOnce, forEachIndex, openMailer } from "./rival.mjs";

const AT_ONCE = 50;
const CONNECTIONS = 20;
const ADDRESS = "http://127.0.0.1/parse";

const addressOf = (index) => `parse-server${index}@acme.example`;

async function run(ask) {
  const mailer = openMailer(ask);
  const databaseUrl = new URL(ask.databaseUrl);
  databaseUrl.searchParams.set("max", String(CONNECTIONS));
  const server = new ParseServer({
    appId: "bench",
    appName: "Bench",
    masterKey: "a-master-key-of-the-bench",
    serverURL: ADDRESS,
    publicServerURL: ADDRESS,
    databaseURI: databaseUrl.href,
    directAccess: true,
    verifyUserEmails: true,
    emailVerifyTokenValidityDuration: 24 * 60 * 60,
    emailAdapter: {
      sendMail: () => Promise.reject(new Error("only verification mails are asked for")),
      sendVerificationEmail: ({ link, user }) => mailer.send({ name: user.get("username"), address: user.get("email") }, link),
    },
    silent: true,
    logsFolder: null,
  });
  await server.start();
  // Asking for the app is what makes the SDK's calls go straight into it.
  void server.app;
  await fill(ask);

  const { User } = globalThis.Parse;
  const start = performance.now();
  await forEachIndex(ask.mails, AT_ONCE, (index) => User.requestEmailVerification(addressOf(index)));
  await mailer.lastTaken;
  return { ms: performance.now() - start };
}

async function fill(ask) {
  const client = new pg.Client(ask.databaseUrl);
  await client.connect();
  await client.query(
    `insert into "_User" ("objectId", username, email, "emailVerified", "createdAt", "updatedAt", _rperm, _wperm)
     select 'user' || i, 'Many Person ' || i, 'parse-server' || i || '@acme.example', false, now(), now(), array['*', 'user' || i], array['user' || i]
     from generate_series(0, $1::int - 1) as i`,
    [ask.mails],
  );
  await client.query("vacuum analyze");
  await client.end();
}

answerOnce(run);
