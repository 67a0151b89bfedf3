import * as fc from "fast-check";
import MailComposer from "nodemailer/lib/mail-composer";
import PostalMime from "postal-mime";
import { expect, it } from "vitest";
import type { Mail } from "../../src/deps.ts";
import { LANGUAGES } from "../../src/domain/user.ts";
import { oneLine } from "../../src/mail/clean.ts";
import { openMimeForms } from "../../src/mail/mime.ts";
import { verificationMail } from "../../src/mail/verification-mail.ts";
import { wordsIn } from "../../src/words/words.ts";

const NASTY = [
  "Anna\r\nBcc: eve@evil.example",
  "=?utf-8?Q?x?=",
  "a\u2028b",
  "Åsa 👩‍👩‍👧",
  "\ue000link\ue001",
  ".",
  "=",
  "<img src=x onerror=alert(1)>",
  "x".repeat(300),
  '"',
  "\\",
  "\ud800",
  "",
];
const anyText = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 80 }),
);

const anyMail: fc.Arbitrary<Mail> = fc.record({
  to: fc.record({ name: anyText, address: fc.constant("anna.berg+hr@acme.example") }),
  envelopeFrom: fc.constant("hr@bot.example"),
  from: fc.record({ name: anyText, address: fc.constant("hr@bot.example") }),
  messageId: fc.constant("delivery.1.7@bot.example"),
  sentAt: fc.constant(new Date("2026-11-24T13:05:00Z")),
  language: fc.constantFrom(...LANGUAGES),
  organisationName: anyText.filter((name) => oneLine(name) !== ""),
  purpose: fc.constant("verify"),
  link: fc.nat().map((id) => `https://verify.example/verify/v1.1.${id}.c2VjcmV0-_`),
  expiresAt: fc.date({ min: new Date("2026-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
  timeZone: fc.constantFrom("Europe/Stockholm", "Europe/Helsinki", "America/New_York"),
  prompt: fc.boolean(),
});

const worded = (mail: Mail) => verificationMail({ ...mail, name: mail.to.name }, wordsIn(mail.language));

/** The same mail, composed by nodemailer. */
function composed(mail: Mail): Promise<Buffer> {
  const named = (box: { name: string; address: string }) => ({ name: oneLine(box.name), address: box.address });
  const composer = new MailComposer({
    ...worded(mail),
    from: named(mail.from),
    to: [named(mail.to)],
    messageId: mail.messageId,
    date: mail.sentAt,
  });
  return composer.compile().build();
}

const read = async (source: Buffer) => {
  const { from, to, subject, text, html, messageId, date, cc, bcc } = await PostalMime.parse(source);
  const lines = (body: string | undefined) => body?.replaceAll("\r\n", "\n").trimEnd();
  return { from, to, subject, text: lines(text), html: lines(html), messageId, date, cc, bcc };
};

it("a filled mail reads the same as one composed from scratch, whatever people are called", async () => {
  const toMime = openMimeForms();
  const shown = ({ name, address }: { name: string; address: string }) => ({ name: oneLine(name), address });
  await fc.assert(
    fc.asyncProperty(anyMail, async (mail) => {
      // Names that look encoded are shown as they are; nodemailer would decode them.
      const heads = { from: shown(mail.from), to: [shown(mail.to)], subject: worded(mail).subject };
      expect(await read(toMime(mail))).toEqual({ ...(await read(await composed(mail))), ...heads });
    }),
    { numRuns: 400 },
  );
});

it("every line is short, ASCII and ends in CRLF; every header stands once", async () => {
  const toMime = openMimeForms();
  fc.assert(
    fc.property(anyMail, (mail) => {
      const source = toMime(mail).toString("utf8");
      expect(source).toMatch(/^[\x20-\x7e\r\n\t]*$/);
      expect(source.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      const lines = source.split("\r\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78);
      const head = source
        .slice(0, source.indexOf("\r\n\r\n"))
        .replaceAll(/\r\n[ \t]/g, " ")
        .split("\r\n");
      const names = head.map((line) => line.slice(0, line.indexOf(":")));
      expect(names.toSorted()).toEqual(
        [
          "Auto-Submitted",
          "Content-Type",
          "Date",
          "From",
          "MIME-Version",
          "Message-ID",
          "Subject",
          "To",
          "X-Auto-Response-Suppress",
        ].toSorted(),
      );
    }),
    { numRuns: 400 },
  );
});
