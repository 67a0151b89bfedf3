import { writeFileSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { sql } from "drizzle-orm";
import { expect, it, onTestFinished } from "vitest";
import { deliveryStates } from "../support/send-load.ts";
import { dsn, PATHS } from "../support/bounces.ts";
import { makeCertificate } from "../support/certificate.ts";
import { temporaryFolder } from "../support/folder.ts";
import { command, SIGNING_SECRET, signed } from "../support/fake-slack.ts";
import * as insert from "../support/insert.ts";
import { end, isReady, startProduct, metricsOf, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { slackPerson, textOf } from "../support/slack-person.ts";
import { twoAdmins } from "../support/two-admins.ts";

/** What nobody may read in a log: they are in the configuration, in the database and on the wire of what happens below. */
const SECRETS = {
  databasePassword: "canary-database-word",
  smtpUser: "canary-smtp-user",
  smtpPassword: "canary-smtp-word",
  botToken: "xoxb-900-canarytoken",
  signingSecret: SIGNING_SECRET,
  secretKey: Buffer.from("canary-secret-key-of-thirty-two-bytes!").toString("base64"),
  bounceSecret: "canary-bounce-word",
};
const PEOPLE = ["taken", "refused", "deferred", "cutoff", "broken"].map((end) => ({
  end,
  name: `Kanaria ${end} Fågelsson`,
  address: `kanaria.${end}@fagelholk.example`,
  department: end === "broken" ? "Buren" : "Voljären",
}));
const [TAKEN, , DEFERRED, CUTOFF, BROKEN] = PEOPLE;

/** A port that leads to the relay by way of TLS: credentials are not given in the clear. `caFile` is what to trust for it. */
async function behindTls(relay: { port: number }): Promise<{ port: number; caFile: string }> {
  const certificate = makeCertificate("IP:127.0.0.1");
  const caFile = join(temporaryFolder(), "ca.pem");
  writeFileSync(caFile, certificate.cert);
  const server = createServer(certificate, (client) => {
    const upstream = connect(relay.port, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      from
        .on("error", () => undefined)
        .on("close", () => to.destroy())
        .pipe(to);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, caFile };
}

it("The log and the metrics name no person, address, link or secret, whatever goes wrong", async () => {
  const stage = await twoAdmins(0);
  const { cluster, db, slack, organisationId } = stage;
  for (const { name, address, department } of PEOPLE)
    await insert.user(db, organisationId, { name, loginAddress: address, loginAddressKey: address, department });
  let recipient = "";
  const relay = await fakeRelay(
    (line) => {
      if (line.startsWith("AUTH")) return "235 2.7.0 welcome";
      if (line.startsWith("RCPT")) recipient = line;
      if (line.startsWith("RCPT") && line.includes("refused"))
        return `550 5.1.1 <kanaria.refused@fagelholk.example> Kanaria refused Fågelsson unknown`;
      if (line.startsWith("RCPT") && line.includes("deferred")) return "451 4.2.0 <kanaria.deferred@fagelholk.example> come back";
      return line === "." && recipient.includes("cutoff") ? null : undefined;
    },
    { extensions: ["AUTH PLAIN LOGIN", "8BITMIME"] },
  );
  const databaseUrl = cluster.url.replace("verify@", `verify:${SECRETS.databasePassword}@`);
  const { port, caFile } = await behindTls(relay);
  const product = await startProduct({
    databaseUrl,
    smtpUrl: `smtps://${SECRETS.smtpUser}:${SECRETS.smtpPassword}@127.0.0.1:${port}`,
    slackUrl: slack.apiUrl,
    connections: 1,
    env: {
      LOG_LEVEL: "trace",
      NODE_EXTRA_CA_CERTS: caFile,
      SLACK_BOT_TOKEN: SECRETS.botToken,
      SECRET_KEY: SECRETS.secretKey,
      BOUNCE_DOMAIN: PATHS.domain,
      BOUNCE_SECRET: SECRETS.bounceSecret,
    },
  });
  await until(product, () => isReady(product));
  const anna = slackPerson(slack, () => product.address);
  const post = async (path: string, init: RequestInit) => (await fetch(product.address + path, { method: "POST", ...init })).status;

  await anna.press(await anna.type("bulk department:Voljären"), "Send 4");
  await until(product, async () => (await deliveryStates(db)).every(({ state }) => !["queued", "sending"].includes(state)));
  await anna.type(`status ${TAKEN?.address}`);
  await anna.type(`resend "${TAKEN?.name}"`);
  await anna.type("bulk department:Kanaria");

  const [mail] = relay.taken;
  const [, token] = /\/verify\/(v1\.[\w.-]+)/.exec(mail?.source.replaceAll("=\r\n", "") ?? "") ?? [];
  const returned = { headers: { authorization: `Bearer ${SECRETS.bounceSecret}` }, body: dsn({ to: mail?.from ?? "" }) };
  expect(await post("/bounces", returned)).toBe(202);
  expect(await post("/bounces", { headers: { authorization: "Bearer canary-wrong-word" }, body: returned.body })).toBe(401);
  expect((await fetch(`${product.address}/verify/${token}`)).status).toBe(200);
  expect(await post(`/verify/${token}`, { body: new URLSearchParams({ form: "forged" }) })).toBe(403);
  const typed = new URLSearchParams(command(slack, `resend ${DEFERRED?.address}`)).toString();
  const [headers, body] = signed(typed, { secret: "another secret" });
  expect(await post("/slack/events", { headers, body: String(body) })).toBe(401);

  const answered = slack.toldTo("respond").length;
  slack.script("respond", () => ({ status: 500 }));
  slack.script("chat.postMessage", () => ({ status: 500 }));
  const [again, late] = signed(new URLSearchParams(command(slack, `status ${CUTOFF?.address}`)).toString());
  expect(await post("/slack/events", { headers: again, body: String(late) })).toBe(200);
  await until(product, () => slack.toldTo("respond").length > answered);
  slack.script("respond", undefined);
  await db.execute(sql`alter table deliveries add constraint held check (sending <> 'single') not valid`);
  expect(textOf(await anna.type(`resend "${BROKEN?.name}"`))).toMatch(/^Something went wrong/);
  await cluster.restart("immediate");
  await until(product, () => isReady(product));
  const metrics = await metricsOf(product);
  expect(await end(product.child, "SIGTERM")).toBe(0);

  const said = product.said() + metrics;
  const secrets = Object.values(SECRETS).flatMap((secret) => [
    secret,
    Buffer.from(secret).toString("base64"),
    Buffer.from(secret).toString("hex"),
  ]);
  const canaries = [...secrets, "canary", "anaria", "fagelholk", "Fågelsson", "Anna Lind", "Voljären", "Buren", token ?? "no link"];
  expect(said).toContain('"code":"23514"');
  expect(canaries.filter((canary) => said.includes(canary))).toEqual([]);
});
