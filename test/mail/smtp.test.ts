import { onTestFinished, expect, it, describe } from "vitest";
import type { Mail } from "../../src/deps.ts";
import { openMailer, type MailerOptions } from "../../src/mail/smtp.ts";
import { fakeRelay, type Script } from "../support/relay.ts";

const mail = (over: Partial<Mail> = {}): Mail => ({
  to: { name: "Anna Berg", address: "anna@acme.example" },
  envelopeFrom: "hr@bot.example",
  from: { name: "Acme HR", address: "hr@bot.example" },
  messageId: "delivery.1.7@bot.example",
  sentAt: new Date("2026-11-24T13:05:00Z"),
  language: "sv",
  organisationName: "Acme",
  purpose: "verify",
  link: "https://verify.example/verify/v1.1.7.abc",
  expiresAt: new Date("2026-11-25T13:05:00Z"),
  timeZone: "Europe/Stockholm",
  prompt: true,
  ...over,
});

const SHORT = { connectMs: 300, greetingMs: 300, socketMs: 300, afterDataMs: 500 };

function mailer(url: string, over: Partial<MailerOptions> = {}) {
  const opened = openMailer({ url, connections: 1, timeouts: SHORT, ...over });
  onTestFinished(() => opened.close());
  return opened;
}

const answering =
  (start: string, answer: string | null): Script =>
  (line) =>
    line.startsWith(start) ? answer : undefined;

it("sends a mail with an explicit envelope and one line for each header", async () => {
  const relay = await fakeRelay();
  const result = await mailer(relay.url).send(mail());
  expect(result).toEqual({ kind: "accepted", answer: "250 2.0.0 taken" });
  const [taken] = relay.taken;
  expect(taken).toMatchObject({ from: "hr@bot.example", to: "anna@acme.example" });
  expect(taken?.source).toContain("Message-ID: <delivery.1.7@bot.example>");
  expect(taken?.source).toContain("Auto-Submitted: auto-generated");
  expect(taken?.source).toContain('From: "Acme HR" <hr@bot.example>');
  expect(taken?.source).toContain("Date: Tue, 24 Nov 2026 13:05:00 +0000");
});

describe("what the server says decides the end", () => {
  it.each<[string, Script, object]>([
    ["451 for the recipient", answering("RCPT", "451 4.7.1 try later"), { kind: "deferred" }],
    ["550 for the recipient", answering("RCPT", "550 5.1.1 <anna@acme.example> nobody here"), { kind: "failed", suppress: true }],
    ["policy for the recipient", answering("RCPT", "554 5.7.1 relay access denied"), { kind: "failed", suppress: false }],
    ["a full mailbox", answering("RCPT", "452 4.2.2 mailbox full"), { kind: "deferred" }],
    ["421 for the recipient", answering("RCPT", "421 4.7.0 too many"), { kind: "relay-paused" }],
    ["452 for the recipient", answering("RCPT", "452 4.3.1 no room"), { kind: "relay-paused" }],
    ["454 for the recipient", answering("RCPT", "454 4.7.0 slower"), { kind: "relay-paused" }],
    ["421 as greeting", answering("GREETING", "421 4.3.2 busy"), { kind: "relay-paused" }],
    ["554 as greeting", answering("GREETING", "554 5.7.1 go away"), { kind: "relay-stopped" }],
    ["550 for the sender", answering("MAIL", "550 5.7.1 not you"), { kind: "relay-stopped" }],
    ["530 for the sender", answering("MAIL", "530 5.7.0 authentication required"), { kind: "relay-stopped" }],
    ["451 for the sender", answering("MAIL", "451 4.3.0 try later"), { kind: "deferred" }],
    ["a connection cut at the recipient", answering("RCPT", null), { kind: "deferred" }],
    ["a connection cut before the greeting", answering("GREETING", null), { kind: "deferred" }],
    ["no greeting ever", answering("GREETING", ""), { kind: "deferred" }],
    ["no answer to the recipient", answering("RCPT", ""), { kind: "deferred" }],
    ["a connection cut after the final dot", answering(".", null), { kind: "unknown" }],
    ["no answer to the final dot", answering(".", ""), { kind: "unknown" }],
    ["550 to the final dot", answering(".", "550 5.7.1 looks like spam"), { kind: "failed", suppress: false }],
    ["451 to the final dot", answering(".", "451 4.3.0 try later"), { kind: "deferred" }],
    ["421 to the final dot", answering(".", "421 4.3.2 closing"), { kind: "relay-paused" }],
  ])("%s", async (_name, script, expected) => {
    const relay = await fakeRelay(script);
    const result = await mailer(relay.url).send(mail());
    expect(result).toMatchObject(expected);
    expect(result.answer).not.toContain("anna");
    expect(relay.taken).toHaveLength(0);
  });

  it("without pipelining, too", async () => {
    const relay = await fakeRelay(answering("RCPT", "550 5.1.1 nobody here"), { extensions: [] });
    expect(await mailer(relay.url).send(mail())).toMatchObject({ kind: "failed", suppress: true });
  });

  it("a refused connection defers", async () => {
    const relay = await fakeRelay();
    await relay.close();
    expect(await mailer(relay.url).send(mail())).toMatchObject({ kind: "deferred" });
  });
});

describe("addresses", () => {
  it("a relay without SMTPUTF8 never hears of an address with a non-ASCII local part", async () => {
    const relay = await fakeRelay();
    const result = await mailer(relay.url).send(mail({ to: { name: "Åsa", address: "åsa@acme.example" } }));
    expect(result).toEqual({ kind: "failed", answer: "the relay cannot carry this address", suppress: false });
    expect(relay.lines.filter((line) => /^(?:MAIL|RCPT|DATA)/.test(line))).toEqual([]);
  });

  it("a relay with SMTPUTF8 gets it", async () => {
    const relay = await fakeRelay(undefined, { extensions: ["PIPELINING", "8BITMIME", "SMTPUTF8"] });
    expect(await mailer(relay.url).send(mail({ to: { name: "Åsa", address: "åsa@acme.example" } }))).toMatchObject({ kind: "accepted" });
    expect(relay.lines.find((line) => line.startsWith("MAIL"))).toContain("SMTPUTF8");
    expect(relay.taken[0]?.to).toBe("åsa@acme.example");
  });

  it("a domain outside ASCII goes out in ASCII", async () => {
    const relay = await fakeRelay();
    await mailer(relay.url).send(mail({ to: { name: "Anna", address: "anna@företag.example" } }));
    expect(relay.taken[0]?.to).toBe("anna@xn--fretag-wxa.example");
  });

  it.each([
    '"a b"@acme.example',
    "anna@acme.example\r\nBcc: eve@evil.example",
    "a@acme.example,eve@evil.example",
    "anna@[127.0.0.1]",
    "x: a@acme.example;",
  ])("%j is refused before anything is on the wire", async (address) => {
    const relay = await fakeRelay();
    expect(await mailer(relay.url).send(mail({ to: { name: "Anna", address } }))).toMatchObject({ kind: "failed", suppress: false });
    expect(relay.connections()).toBe(0);
  });
});

describe("a kept connection", () => {
  it("carries the next mail after a refused one", async () => {
    const relay = await fakeRelay((line) => (line.includes("bad@") ? "550 5.1.1 nobody" : undefined));
    const { send } = mailer(relay.url);
    expect(await send(mail({ to: { name: "B", address: "bad@acme.example" } }))).toMatchObject({ kind: "failed" });
    expect(await send(mail())).toMatchObject({ kind: "accepted" });
    expect(relay.connections()).toBe(1);
  });

  it("that the server has given up is replaced without costing the mail an attempt", async () => {
    const relay = await fakeRelay((line, { connection, mails }) =>
      connection === 1 && mails === 1 && line.startsWith("MAIL") ? null : undefined,
    );
    const { send } = mailer(relay.url);
    expect(await send(mail())).toMatchObject({ kind: "accepted" });
    expect(await send(mail())).toMatchObject({ kind: "accepted" });
    expect(relay.connections()).toBe(2);
  });

  it("with a reply too many is given up before another mail could take it for its own", async () => {
    const relay = await fakeRelay((line, { connection }) =>
      connection === 1 && line === "." ? "250 taken\r\n550 5.1.1 nobody" : undefined,
    );
    const { send } = mailer(relay.url);
    expect(await send(mail())).toMatchObject({ kind: "accepted" });
    expect(await send(mail())).toMatchObject({ kind: "accepted" });
    expect(relay.connections()).toBe(2);
  });

  it("out of step by one reply never books a refusal on the next recipient", async () => {
    let stray = false;
    const relay = await fakeRelay((line, { connection, mails }) => {
      if (connection !== 1 || mails !== 1 || stray || !line.startsWith("MAIL")) return undefined;
      stray = true;
      return "550 5.1.1 nobody\r\n250 ok";
    });
    const { send } = mailer(relay.url);
    await send(mail());
    expect(await send(mail())).toMatchObject({ kind: "accepted" });
    expect(relay.connections()).toBe(2);
  });

  it("answering 250 to DATA is not believed", async () => {
    const relay = await fakeRelay((line) => (line.startsWith("MAIL") ? "250 ok\r\n250 ok" : undefined), { extensions: ["PIPELINING"] });
    expect(await mailer(relay.url).send(mail())).toMatchObject({ kind: "unknown" });
  });
});

describe("the relay's trouble", () => {
  it("refusing our password is met once, not once a connection", async () => {
    const relay = await fakeRelay(answering("MAIL", "550 5.7.1 not you"));
    const { send } = mailer(relay.url, { connections: 10 });
    const results = await Promise.all(Array.from({ length: 10 }, () => send(mail())));
    expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 10 }, () => "relay-stopped"));
    expect(relay.lines.filter((line) => line.startsWith("MAIL"))).toHaveLength(1);
  });

  it("credentials never leave over a connection that cannot be encrypted", async () => {
    const relay = await fakeRelay();
    const url = relay.url.replace("smtp://", "smtp://user:secret@");
    expect(await mailer(url).send(mail())).toMatchObject({ kind: "relay-stopped" });
    expect(relay.lines.some((line) => /^(?:AUTH|MAIL)/.test(line))).toBe(false);
  });
});

it("what may not begin when a connection is free for it comes back untouched, and those behind it go", async () => {
  const relay = await fakeRelay();
  const { send } = mailer(relay.url);
  const results = await Promise.all([send(mail()), send(mail(), () => false), send(mail({ messageId: "delivery.1.8@bot.example" }))]);
  expect(results.map(({ kind }) => kind)).toEqual(["accepted", "returned", "accepted"]);
  expect(relay.taken).toHaveLength(2);
});

it("closing ends what is on the wire: unknown once the data is out, returned before", async () => {
  let heard = (): void => undefined;
  const reached = new Promise<void>((resolve) => (heard = resolve));
  const stuckAt =
    (at: string): Script =>
    (line) => {
      if (!line.startsWith(at)) return undefined;
      heard();
      return "";
    };
  const before = await fakeRelay(stuckAt("RCPT"));
  const first = mailer(before.url);
  const early = first.send(mail());
  await reached;
  first.close();
  expect(await early).toMatchObject({ kind: "returned" });

  const seen = new Promise<void>((resolve) => (heard = resolve));
  const after = await fakeRelay(stuckAt("."));
  const second = mailer(after.url);
  const lateOne = second.send(mail());
  await seen;
  second.close();
  expect(await lateOne).toMatchObject({ kind: "unknown" });
});
