/** `npm run mails`: writes every mail in every language as files to look at, and prints where. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LANGUAGES } from "../../src/domain/user.ts";
import { verificationMail } from "../../src/mail/verification-mail.ts";
import { wordsIn } from "../../src/words/words.ts";

const facts = {
  name: "Åsa Öberg",
  organisationName: "Nordlager AB",
  link: "https://verify.example/verify/v1.1.4711.q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA",
  expiresAt: new Date("2026-11-25T13:05:00Z"),
  timeZone: "Europe/Stockholm",
};

const folder = mkdtempSync(join(tmpdir(), "verify-bot-mails-"));
for (const language of LANGUAGES) {
  const { subject, text, html } = verificationMail(facts, wordsIn(language));
  writeFileSync(join(folder, `verification.${language}.html`), html);
  writeFileSync(join(folder, `verification.${language}.txt`), `${subject}\n\n${text}`);
  process.stdout.write(`\n── verification, ${language} ── ${subject}\n\n${text}`);
}
process.stdout.write(`\nAs HTML in ${folder}\n`);
