/** The local mail server of the embedded default: takes every mail, keeps the last ones in memory and shows them on the page. */
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

const KEPT = 500;
const LISTED = 100;
const MAX_MAIL_BYTES = 2_000_000;

type Captured = { id: number; receivedAt: string; recipients: string[]; raw: Buffer; parsed?: Promise<Email> };

export type MailSummary = { id: number; receivedAt: string; to: string; name: string; subject: string; language: string | null };
export type MailDetail = MailSummary & { from: string; headers: { name: string; value: string }[]; text: string; hasHtml: boolean };

export type Inbox = {
  /** `smtp://127.0.0.1:<port>` */
  url: string;
  /** Newest first, at most 100; `matching` of the kept ones hold every word of `query`, `total` were ever taken. */
  list(query: string): Promise<{ total: number; kept: number; matching: number; mails: MailSummary[] }>;
  find(id: number): Promise<MailDetail | null>;
  /** The mail's HTML as it came: untrusted, to be shown in a sandbox only. */
  findHtml(id: number): Promise<string | null>;
  total(): number;
  clear(): void;
  close(): Promise<void>;
};

const parsed = (mail: Captured): Promise<Email> => (mail.parsed ??= PostalMime.parse(mail.raw));

async function summarise(mail: Captured): Promise<MailSummary> {
  const email = await parsed(mail);
  const [first] = email.to ?? [];
  return {
    id: mail.id,
    receivedAt: mail.receivedAt,
    to: mail.recipients.join(", "),
    name: first?.name ?? "",
    subject: email.subject ?? "",
    language: /<html[^<>]*\slang="([a-z]{2})/i.exec(email.html ?? "")?.[1] ?? null,
  };
}

/** Starts on a free loopback port. `onMail` is called for each mail taken. */
export async function startInbox({ now, onMail }: { now(): Date; onMail(): void }): Promise<Inbox> {
  const kept: Captured[] = [];
  let total = 0;

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    banner: "verify-bot local inbox",
    size: MAX_MAIL_BYTES,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => {
        if (!stream.sizeExceeded) chunks.push(chunk);
      });
      stream.on("error", done);
      stream.on("end", () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error("Message too large"), { responseCode: 552 }));
        total += 1;
        const recipients = session.envelope.rcptTo.map((recipient) => recipient.address);
        kept.push({ id: total, receivedAt: now().toISOString(), recipients, raw: Buffer.concat(chunks) });
        if (kept.length > KEPT) kept.shift();
        onMail();
        done();
      });
    },
  });
  // A client that hangs up in the middle is no fault of the inbox.
  server.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the inbox has no port");

  const get = (id: number) => kept.find((mail) => mail.id === id);
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    async list(query) {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      const newest = kept.toReversed();
      if (words.length === 0)
        return { total, kept: kept.length, matching: kept.length, mails: await Promise.all(newest.slice(0, LISTED).map(summarise)) };
      const all = await Promise.all(newest.map(summarise));
      const found = all.filter((mail) => words.every((word) => `${mail.to} ${mail.name} ${mail.subject}`.toLowerCase().includes(word)));
      return { total, kept: kept.length, matching: found.length, mails: found.slice(0, LISTED) };
    },
    async find(id) {
      const mail = get(id);
      if (!mail) return null;
      const email = await parsed(mail);
      const headers = email.headers.map(({ originalKey, value }) => ({ name: originalKey, value }));
      const from = email.from ? `${email.from.name} <${email.from.address ?? ""}>`.trim() : "";
      return { ...(await summarise(mail)), from, headers, text: email.text ?? "", hasHtml: Boolean(email.html) };
    },
    async findHtml(id) {
      const mail = get(id);
      return mail ? ((await parsed(mail)).html ?? null) : null;
    },
    total: () => total,
    clear() {
      kept.length = 0;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
