import type { SMTPServerOptions } from "smtp-server";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Mail } from "../../src/deps.ts";
import { openMailer } from "../../src/mail/smtp.ts";
import { makeCertificate } from "../support/certificate.ts";
import { tlsRelay } from "../support/tls-relay.ts";

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

function send(url: string, ca?: string, count = 1) {
  const timeouts = { connectMs: 2_000, greetingMs: 2_000, socketMs: 2_000, afterDataMs: 2_000 };
  const mailer = openMailer({ url, connections: 5, timeouts, ...(ca === undefined ? {} : { tls: { ca } }) });
  onTestFinished(() => mailer.close());
  return Promise.all(Array.from({ length: count }, () => mailer.send(mail)));
}

describe("a relay with credentials", () => {
  it("gets them over STARTTLS, with a certificate we trust", async () => {
    const { heard, port } = await tlsRelay(right);
    expect(await send(`smtp://bot:right@127.0.0.1:${port}`, right.cert)).toMatchObject([{ kind: "accepted" }]);
    expect(heard).toEqual({ logins: ["bot/right"], envelopes: ["MAIL", "RCPT anna@acme.example"], mails: [{ secure: true }] });
  });

  it("gets them over TLS from the first byte", async () => {
    const { heard, port } = await tlsRelay({ ...right, secure: true });
    expect(await send(`smtps://bot:right@127.0.0.1:${port}`, right.cert)).toMatchObject([{ kind: "accepted" }]);
    expect(heard.logins).toEqual(["bot/right"]);
  });

  it("that refuses them stops the relay, after one try", async () => {
    const { heard, port } = await tlsRelay(right);
    const results = await send(`smtp://bot:wrong@127.0.0.1:${port}`, right.cert, 5);
    expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => "relay-stopped"));
    expect(heard.logins).toHaveLength(1);
  });

  it("that takes them later is asked again by the next mail", async () => {
    let known = false;
    const { heard, port } = await tlsRelay(right, () => known);
    const mailer = openMailer({ url: `smtp://bot:right@127.0.0.1:${port}`, connections: 1, tls: { ca: right.cert } });
    onTestFinished(() => mailer.close());
    expect(await mailer.send(mail)).toMatchObject({ kind: "relay-stopped" });
    known = true;
    expect(await mailer.send(mail)).toMatchObject({ kind: "accepted" });
    expect(heard.logins).toHaveLength(2);
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
    const { heard, port } = await tlsRelay(options);
    expect(await send(`${protocol}://bot:right@127.0.0.1:${port}`, ca)).toMatchObject([{ kind: "relay-stopped" }]);
    expect(heard).toEqual({ logins: [], envelopes: [], mails: [] });
  });
});

it("STARTTLS asked for in the URL is required without credentials, too", async () => {
  const { heard, port } = await tlsRelay({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
  const [result] = await send(`smtp://127.0.0.1:${port}?requireTLS=true`);
  expect(result).toMatchObject({ kind: "relay-stopped", answer: expect.stringMatching(/^STARTTLS: 5\d\d/) });
  expect(heard.mails).toEqual([]);
});

it("this machine's own inbox needs no TLS", async () => {
  const { heard, port } = await tlsRelay({});
  expect(await send(`smtp://127.0.0.1:${port}`)).toMatchObject([{ kind: "accepted" }]);
  expect(heard.mails).toEqual([{ secure: false }]);
});
