import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Mail } from "../../src/deps.ts";
import { openMailer } from "../../src/mail/smtp.ts";
import { makeCertificate } from "../support/certificate.ts";

const right = makeCertificate("IP:127.0.0.1");
const wrongHost = makeCertificate("DNS:other.example");

const mail: Mail = {
  to: { name: "Anna Berg", address: "anna@acme.example" },
  envelopeFrom: "hr@bot.example",
  from: { name: "Acme HR", address: "hr@bot.example" },
  messageId: "delivery.1.7@bot.example",
  sentAt: new Date("2026-11-24T13:05:00Z"),
  language: "en",
  organisationName: "Acme",
  purpose: "verify",
  link: "https://verify.example/verify/v1.1.7.abc",
  expiresAt: new Date("2026-11-25T13:05:00Z"),
  timeZone: "Europe/Stockholm",
  prompt: true,
};

async function serve(options: SMTPServerOptions) {
  const heard: { logins: string[]; mails: { secure: boolean }[] } = { logins: [], mails: [] };
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth: ({ username = "", password = "" }, session, done) => {
      heard.logins.push(`${username}/${password}${session.secure ? "" : " in clear"}`);
      if (password === "right") return done(null, { user: username });
      done(Object.assign(new Error("wrong password"), { responseCode: 535 }));
    },
    onData: (stream, session, done) => {
      heard.mails.push({ secure: session.secure });
      stream.resume();
      stream.on("end", () => done());
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { heard, port: (server.server.address() as AddressInfo).port };
}

function send(url: string, ca?: string, count = 1) {
  const timeouts = { connectMs: 2_000, greetingMs: 2_000, socketMs: 2_000, afterDataMs: 2_000 };
  const mailer = openMailer({ url, connections: 5, timeouts, ...(ca === undefined ? {} : { tls: { ca } }) });
  onTestFinished(() => mailer.close());
  return Promise.all(Array.from({ length: count }, () => mailer.send(mail)));
}

describe("a relay with credentials", () => {
  it("gets them over STARTTLS, with a certificate we trust", async () => {
    const { heard, port } = await serve(right);
    expect(await send(`smtp://bot:right@127.0.0.1:${port}`, right.cert)).toMatchObject([{ kind: "accepted" }]);
    expect(heard).toEqual({ logins: ["bot/right"], mails: [{ secure: true }] });
  });

  it("gets them over TLS from the first byte", async () => {
    const { heard, port } = await serve({ ...right, secure: true });
    expect(await send(`smtps://bot:right@127.0.0.1:${port}`, right.cert)).toMatchObject([{ kind: "accepted" }]);
    expect(heard.logins).toEqual(["bot/right"]);
  });

  it("that refuses them stops the relay, after one try", async () => {
    const { heard, port } = await serve(right);
    const results = await send(`smtp://bot:wrong@127.0.0.1:${port}`, right.cert, 5);
    expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => "relay-stopped"));
    expect(heard.logins).toHaveLength(1);
  });

  it.each<[string, SMTPServerOptions, string | undefined, string]>([
    ["no STARTTLS", { hideSTARTTLS: true, disabledCommands: ["STARTTLS"] }, undefined, "smtp"],
    ["an expired certificate", {}, undefined, "smtp"],
    ["an expired certificate, over TLS", { secure: true }, undefined, "smtps"],
    ["a certificate nobody vouches for", right, undefined, "smtp"],
    ["another host's certificate", wrongHost, wrongHost.cert, "smtp"],
    ["another host's certificate, over TLS", { ...wrongHost, secure: true }, wrongHost.cert, "smtps"],
    ["no AUTH", { ...right, disabledCommands: ["AUTH"] }, right.cert, "smtp"],
  ])("with %s gets neither them nor a mail", async (_name, options, ca, protocol) => {
    const { heard, port } = await serve(options);
    expect(await send(`${protocol}://bot:right@127.0.0.1:${port}`, ca)).toMatchObject([{ kind: "relay-stopped" }]);
    expect(heard).toEqual({ logins: [], mails: [] });
  });
});

it("STARTTLS asked for in the URL is required without credentials, too", async () => {
  const { heard, port } = await serve({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
  expect(await send(`smtp://127.0.0.1:${port}?requireTLS=true`)).toMatchObject([{ kind: "relay-stopped" }]);
  expect(heard.mails).toEqual([]);
});

it("this machine's own inbox needs no TLS", async () => {
  const { heard, port } = await serve({});
  expect(await send(`smtp://127.0.0.1:${port}`)).toMatchObject([{ kind: "accepted" }]);
  expect(heard.mails).toEqual([{ secure: false }]);
});
