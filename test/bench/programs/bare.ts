/** What one would write without us: nodemailer's own pool in a process of its own, no database, each mail composed by nodemailer or filled into prepared MIME. */
import { createTransport, type SendMailOptions } from "nodemailer";
import type { Mail } from "../../../src/deps.ts";
import { LANGUAGES } from "../../../src/domain/user.ts";
import { openMimeForms } from "../../../src/mail/mime.ts";
import { instantFormat, verificationFields, wordVerification } from "../../../src/mail/verification-mail.ts";
import { wordsIn } from "../../../src/words/words.ts";

export type BareAsk = { port: number; connections: number; mails: number; how: "composed" | "prepared" };
/** `cpuMs`: of the whole process. */
export type BareEnd = { ms: number; cpuMs: number };

const FROM = { name: "Verify", address: "verify@acme.example" };
const EXPIRES = new Date("2026-12-01T08:00:00Z");

function mailOf(index: number): Mail {
  const to = { name: `Many Person ${index}`, address: `bare${index}@acme.example` };
  return {
    to,
    from: FROM,
    envelopeFrom: FROM.address,
    messageId: `bare.${index}@acme.example`,
    sentAt: new Date(),
    language: LANGUAGES[index % LANGUAGES.length] ?? "en",
    organisationName: "Bench",
    purpose: "verify",
    link: `http://127.0.0.1:3000/verify/v1.abcdef.${100_000 + index}.${"x".repeat(43)}`,
    expiresAt: EXPIRES,
    timeZone: "Europe/Stockholm",
    prompt: false,
  };
}

const formats = new Map(LANGUAGES.map((language) => [language, instantFormat(wordsIn(language), "Europe/Stockholm")]));
const fill = openMimeForms();

function composed(mail: Mail): SendMailOptions {
  const t = wordsIn(mail.language);
  const format = formats.get(mail.language) ?? instantFormat(t, mail.timeZone);
  const { subject, text, html } = wordVerification(verificationFields({ ...mail, name: mail.to.name }, format), t);
  return { from: mail.from, to: mail.to, subject, text, html, messageId: `<${mail.messageId}>` };
}

async function run({ port, connections, mails, how }: BareAsk): Promise<BareEnd> {
  const transport = createTransport({
    host: "127.0.0.1",
    port,
    ignoreTLS: true,
    pool: true,
    maxConnections: connections,
    allowInternalNetworkInterfaces: true,
  });
  const start = performance.now();
  const cpu = process.cpuUsage();
  let next = 0;
  // Twice as many in hand as there are connections: the pool never waits for us, and holds no more than it needs.
  const lane = async (): Promise<void> => {
    while (next < mails) {
      const mail = mailOf(next++);
      const envelope = { from: mail.envelopeFrom, to: mail.to.address };
      await transport.sendMail(how === "composed" ? { ...composed(mail), envelope } : { envelope, raw: fill(mail) });
    }
  };
  await Promise.all(Array.from({ length: connections * 2 }, lane));
  const ms = performance.now() - start;
  transport.close();
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000 };
}

process.on("message", (ask: BareAsk) => void run(ask).then((end) => process.send?.(end)));
process.on("disconnect", () => process.exit());
process.send?.("ready");
