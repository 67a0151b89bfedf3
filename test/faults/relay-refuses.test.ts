/** A mail server that refuses: some recipients, or all of us; and one that we refuse. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SMTPServerOptions } from "smtp-server";
import { afterAll, expect, it } from "vitest";
import { type Certificate, makeCertificate, makeExpiredCertificate } from "../support/certificate.ts";
import { startCluster } from "../support/cluster.ts";
import { temporaryFolder } from "../support/folder.ts";
import { fakeRelay } from "../support/relay.ts";
import { textOf } from "../support/slack-person.ts";
import { letProbe, mails, openStage, relayOf, saidLast, sendToAll, soon, tally, timesSaid, type Stage } from "../support/stage.ts";
import { tlsRelay } from "../support/tls-relay.ts";

const PEOPLE = 20;
const ALERT = "The mail server does not let us in or refuses our sender: no mail leaves.";
const WORKS = "The mail server takes our mail again.";

const cluster = await startCluster();
afterAll(cluster.stop);

it("A relay that refuses 3 of 100 recipients fails those after one try, with its words, and none of the others", async () => {
  const relay = await fakeRelay((line) => (/RCPT.*<r(?:7|42|99)@/.test(line) ? "550 5.1.1 nobody of that name" : undefined));
  const stage = await openStage(cluster, { smtpUrl: relay.url, people: 100 });
  await sendToAll(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 97, failed: 3 });
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 97 of 100 users received mail\. 3 failed\.$/);
  const failed = (await mails(stage)).filter(({ state }) => state === "failed");
  expect(failed.map(({ address }) => address).toSorted()).toEqual(["r42@acme.example", "r7@acme.example", "r99@acme.example"]);
  for (const each of failed) expect(each).toMatchObject({ attempts: 1, answer: "550 5.1.1 nobody of that name", suppressed: true });
  expect(relay.lines.filter((line) => /RCPT.*<r(?:7|42|99)@/.test(line))).toHaveLength(3);
  expect(relay.taken).toHaveLength(97);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(97);
  expect(textOf(await stage.owner.type("status r42@acme.example"))).toContain("bounced");
});

type Refusing = {
  smtpUrl: string;
  env?: Record<string, string>;
  /** How often we tried to get in, or gave a sender. */
  tries(): number;
  mend(): void;
  taken(): number;
};

async function refusingSender(answer: string): Promise<Refusing> {
  let refuses = true;
  const relay = await fakeRelay((line) => (refuses && line.startsWith("MAIL") ? answer : undefined));
  const tries = () => relay.lines.filter((line) => line.startsWith("MAIL")).length;
  return { smtpUrl: relay.url, tries, mend: () => void (refuses = false), taken: () => relay.taken.length };
}

async function refusingPassword(): Promise<Refusing> {
  let right = false;
  const certificate = makeCertificate("IP:127.0.0.1");
  const { heard, port } = await tlsRelay(certificate, () => right);
  const smtpUrl = `smtp://bot:secret@127.0.0.1:${port}`;
  return {
    smtpUrl,
    env: trusting(certificate),
    tries: () => heard.logins.length,
    mend: () => void (right = true),
    taken: () => heard.mails.length,
  };
}

/** Has the product trust a certificate. */
function trusting({ cert }: Certificate): Record<string, string> {
  const file = join(temporaryFolder(), "relay.pem");
  writeFileSync(file, cert);
  return { NODE_EXTRA_CA_CERTS: file };
}

/** Everyone waits, and nobody has been charged a try. */
async function stopsWithEveryMailQueued(stage: Stage): Promise<void> {
  await soon(async () => (await relayOf(stage))?.stopped).toBe(true);
  await soon(async () => (await mails(stage)).every(({ state, attempts }) => state === "queued" && attempts === 0)).toBe(true);
  expect(await tally(stage)).toEqual({ remaining: PEOPLE });
  await soon(() => saidLast(stage, "B-1")).toContain("\nThe mail server does not take our mail at the moment. Nothing is lost;");
  await soon(() => timesSaid(stage, ALERT)).toBe(1);
}

async function startsAgainAfterAProbe(answer: string, { smtpUrl, env = {}, tries, mend, taken }: Refusing): ReturnType<typeof tally> {
  const stage = await openStage(cluster, { smtpUrl, people: PEOPLE, env });
  await sendToAll(stage);
  await stopsWithEveryMailQueued(stage);
  expect(saidLast(stage, ALERT)).toContain(`\nThe server's answer: ${answer}`);
  expect(tries()).toBeLessThanOrEqual(3);
  expect(taken()).toBe(0);

  mend();
  await letProbe(stage);
  await soon(() => tally(stage)).toEqual({ accepted: PEOPLE });
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 20 of 20 users received mail\.$/);
  await soon(() => timesSaid(stage, WORKS)).toBe(1);
  expect(timesSaid(stage, ALERT)).toBe(1);
  expect(taken()).toBe(PEOPLE);
  return tally(stage);
}

async function getsNothingInClear(why: RegExp, certificate: Certificate, options: SMTPServerOptions = {}): ReturnType<typeof tally> {
  const { heard, port } = await tlsRelay({ ...certificate, ...options });
  const smtpUrl = `smtp://bot:right@127.0.0.1:${port}`;
  const stage = await openStage(cluster, { smtpUrl, people: PEOPLE, env: trusting(certificate) });
  await sendToAll(stage);
  await stopsWithEveryMailQueued(stage);
  expect(saidLast(stage, ALERT)).toMatch(why);
  expect(heard).toEqual({ logins: [], envelopes: [], mails: [] });
  return tally(stage);
}

it("A relay that refuses us, or lacks the encryption we ask for, is left alone after three tries at most, the owner is told once, and no row is lost", async () => {
  const [own, elsewhere] = [makeCertificate("IP:127.0.0.1"), makeCertificate("DNS:other.example")];
  const refusals = ["530 5.7.0 authentication required", "550 5.7.1 not you"];
  const ends = await Promise.all([
    startsAgainAfterAProbe("535", await refusingPassword()),
    ...refusals.map(async (answer) => startsAgainAfterAProbe(answer, await refusingSender(answer))),
    getsNothingInClear(/STARTTLS/, own, { hideSTARTTLS: true, disabledCommands: ["STARTTLS"] }),
    getsNothingInClear(/certificate has expired/, makeExpiredCertificate("IP:127.0.0.1")),
    getsNothingInClear(/does not match/, elsewhere),
  ]);
  const [sent, waiting] = [{ accepted: PEOPLE }, { remaining: PEOPLE }];
  expect(ends).toEqual([sent, sent, sent, waiting, waiting, waiting]);
});
