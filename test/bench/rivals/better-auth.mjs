/** `sendVerificationEmail` for users that are there and not verified, on Postgres. A call takes half a second at the least, so many are made at once. */
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";
import { answerOnce, forEachIndex, openMailer } from "./rival.mjs";

const AT_ONCE = 500;
const CONNECTIONS = 20;

const addressOf = (index) => `better-auth${index}@acme.example`;

async function run(ask) {
  const mailer = openMailer(ask);
  const database = new pg.Pool({ connectionString: ask.databaseUrl, max: CONNECTIONS });
  const auth = betterAuth({
    appName: "Bench",
    baseURL: "https://verify.acme.example",
    secret: "a-secret-of-the-bench-that-is-long-enough",
    database,
    emailAndPassword: { enabled: true, requireEmailVerification: true },
    emailVerification: {
      sendVerificationEmail: ({ user, url }) => mailer.send({ name: user.name, address: user.email }, url),
    },
    telemetry: { enabled: false },
  });
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  await database.query(
    `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
     select 'user' || i, 'Many Person ' || i, 'better-auth' || i || '@acme.example', false, now(), now()
     from generate_series(0, $1::int - 1) as i`,
    [ask.mails],
  );
  await database.query("vacuum analyze");

  const start = performance.now();
  await forEachIndex(ask.mails, AT_ONCE, (index) => auth.api.sendVerificationEmail({ body: { email: addressOf(index) } }));
  await mailer.lastTaken;
  return { ms: performance.now() - start };
}

answerOnce(run);
