/** The verification mail in words: pure, so that it can be read, tested and prepared without sending it. */
import { firstNameOf } from "../domain/user.ts";
import type { Words } from "../words/en.ts";
import { escapeHtml, oneLine } from "./clean.ts";

export type VerificationFacts = { name: string; organisationName: string; link: string; expiresAt: Date; timeZone: string };

/** What differs from mail to mail, as it is read. `firstName` may be empty. */
export type VerificationFields = { firstName: string; organisationName: string; link: string; expires: string };

export type WordedMail = { subject: string; text: string; html: string };

export function verificationMail(facts: VerificationFacts, t: Words): WordedMail {
  return wordVerification(verificationFields(facts, instantFormat(t, facts.timeZone)), t);
}

/** Says an instant with its weekday in an organisation's time zone. Costly to make: keep it. */
export function instantFormat(t: Words, timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(t.locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
  });
}

export function verificationFields(facts: VerificationFacts, format: Intl.DateTimeFormat): VerificationFields {
  return {
    firstName: firstNameOf(oneLine(facts.name)),
    organisationName: oneLine(facts.organisationName),
    link: facts.link,
    expires: format.format(facts.expiresAt),
  };
}

export function wordVerification({ firstName, organisationName: organisation, link, expires }: VerificationFields, t: Words): WordedMail {
  const say = t.mails.verification;
  const hello = firstName === "" ? say.helloAnyone : say.hello({ name: firstName });
  const [ask, until, sender] = [say.ask({ organisation }), say.until({ expires }), say.sender({ organisation })];
  const subject = say.subject({ organisation });
  return {
    subject,
    text: [hello, ask, `${say.button}:\n${link}`, until, say.notYou, sender].join("\n\n") + "\n",
    html: page(t.language, subject, [
      paragraph(hello),
      paragraph(ask),
      `<p style="margin:28px 0"><a href="${escapeHtml(link)}" class="button" style="${BUTTON}">${escapeHtml(say.button)}</a></p>`,
      paragraph(until),
      `<p class="quiet" style="${QUIET}">${escapeHtml(say.copy)}<br><a href="${escapeHtml(link)}" class="link" style="${LINK}">${escapeHtml(link)}</a></p>`,
      `<p class="quiet" style="${QUIET}">${escapeHtml(say.notYou)}</p>`,
      `<p class="quiet" style="${QUIET};margin-bottom:0">${escapeHtml(sender)}</p>`,
    ]),
  };
}

/** To the former login address of someone whose address was changed. It opens nothing. */
export function wordAddressChanged({ firstName, organisationName: organisation }: VerificationFields, t: Words): WordedMail {
  const say = t.mails.addressChanged;
  const verify = t.mails.verification;
  const hello = firstName === "" ? verify.helloAnyone : verify.hello({ name: firstName });
  const lines = [hello, say.changed({ organisation }), say.notYou, verify.sender({ organisation })];
  const subject = say.subject({ organisation });
  return { subject, text: `${lines.join("\n\n")}\n`, html: page(t.language, subject, lines.map(paragraph)) };
}

const BUTTON =
  "display:inline-block;padding:14px 26px;border-radius:8px;background:#0b5d4e;color:#ffffff;font-weight:600;text-decoration:none";
const LINK = "color:#0b5d4e;word-break:break-all";
const QUIET = "margin:0 0 16px;font-size:14px;line-height:1.5;color:#52605c";
const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

const DARK = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#121716!important;color:#e9efed!important}
.card{background:#1c2422!important;border-color:#33403c!important}
.quiet{color:#a9b8b3!important}
.link{color:#7fd3bf!important}
.button{background:#7fd3bf!important;color:#0d1a17!important}
}`;

const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`;

function page(language: string, title: string, parts: string[]): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${DARK}
</style>
</head>
<body class="page" style="margin:0;padding:24px 12px;background:#f2f5f4;color:#1d2624;${FONT};font-size:16px;line-height:1.5">
<div class="card" style="max-width:520px;margin:0 auto;padding:28px 24px;background:#ffffff;border:1px solid #dde5e2;border-radius:12px">
${parts.join("\n")}
</div>
</body>
</html>
`;
}
