/**
 * A mail as bytes. What all mails of one organisation, language and sender share is worded and encoded once; the few fields that differ are
 * encoded for where they stand and put in between. A field begins and ends at a soft line break, so it never touches what surrounds it.
 */
import { createHash } from "node:crypto";
import { encodeWord, foldLines } from "nodemailer/lib/mime-funcs";
import { encode, wrap } from "nodemailer/lib/qp";
import type { Mail } from "../deps.ts";
import { wordsIn } from "../words/words.ts";
import { escapeHtml, oneLine } from "./clean.ts";
import { instantFormat, verificationFields, wordAddressChanged, wordVerification, type VerificationFields } from "./verification-mail.ts";

type Field = "firstName" | "link" | "expires";

/** Text in quoted-printable with fields in between: pieces[0] fields[0] pieces[1] … */
type Form = { pieces: string[]; fields: Field[] };

type Prepared = { format: Intl.DateTimeFormat; head: string; text: Form; html: Form; boundary: string };

const MARK = /\ue000(firstName|link|expires)\ue001/;
const mark = (field: Field): string => `\ue000${field}\ue001`;

/** Fills prepared mails; keeps the most recent ones. Field values come out in the mail as `verificationMail` words them. */
export function openMimeForms(most = 200): (mail: Mail) => Buffer {
  const kept = new Map<string, Prepared>();
  return (mail) => {
    const named = verificationNamed(mail);
    const key = JSON.stringify([mail.purpose, mail.language, mail.organisationName, mail.timeZone, mail.from, named]);
    const prepared = kept.get(key) ?? prepare(mail, named);
    if (!kept.has(key) && kept.size >= most) kept.clear();
    kept.set(key, prepared);
    return fill(prepared, mail);
  };
}

const verificationNamed = (mail: Mail): boolean => oneLine(mail.to.name) !== "";

function prepare(mail: Mail, named: boolean): Prepared {
  const t = wordsIn(mail.language);
  const organisationName = oneLine(mail.organisationName);
  const marked = { firstName: named ? mark("firstName") : "", organisationName, link: mark("link"), expires: mark("expires") };
  const { subject, text, html } = (mail.purpose === "verify" ? wordVerification : wordAddressChanged)(marked, t);
  // No quoted-printable text holds "=_".
  const boundary = `=_${createHash("sha256").update(text).update(html).digest("hex").slice(0, 24)}`;
  const head = [
    header("From", mailbox(mail.from.name, mail.from.address)),
    header("Subject", unstructured(subject)),
    "Auto-Submitted: auto-generated",
    "X-Auto-Response-Suppress: All",
    "MIME-Version: 1.0",
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
  ].join("\r\n");
  return { format: instantFormat(t, mail.timeZone), head, text: formOf(text), html: formOf(html), boundary };
}

function fill({ format, head, text, html, boundary }: Prepared, mail: Mail): Buffer {
  const fields = verificationFields({ ...mail, name: mail.to.name }, format);
  const source = [
    head,
    header("To", mailbox(mail.to.name, mail.to.address)),
    `Message-ID: <${mail.messageId}>`,
    `Date: ${mail.sentAt.toUTCString().replace("GMT", "+0000")}`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    fillForm(text, fields, (value) => value),
    `--${boundary}`,
    "Content-Type: text/html; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    fillForm(html, fields, escapeHtml),
    `--${boundary}--`,
    "",
  ].join("\r\n");
  return Buffer.from(source, "utf8");
}

function formOf(text: string): Form {
  const parts = text.split(MARK);
  return {
    pieces: parts.filter((_, index) => index % 2 === 0).map(quotedPrintable),
    fields: parts.filter((_, index) => index % 2 === 1) as Field[],
  };
}

function fillForm({ pieces, fields }: Form, values: VerificationFields, escape: (value: string) => string): string {
  let filled = pieces[0] ?? "";
  for (const [index, field] of fields.entries()) {
    filled += `=\r\n${quotedPrintable(escape(values[field]))}=\r\n${pieces[index + 1] ?? ""}`;
  }
  return filled;
}

/** Leaves room for the soft break that may follow. */
const LINE_LENGTH = 75;

const quotedPrintable = (text: string): string => wrap(encode(text.replaceAll("\n", "\r\n")), LINE_LENGTH);

const PLAIN_NAME = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ .-]{1,60}$/;

function mailbox(name: string, address: string): string {
  const shown = oneLine(name);
  if (shown === "") return `<${address}>`;
  return PLAIN_NAME.test(shown) && !shown.includes("=?") ? `"${shown}" <${address}>` : `${words(shown)} <${address}>`;
}

function unstructured(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) && !text.includes("=?") && !/\S{60}/.test(text) ? text : words(text);
}

const words = (text: string): string => encodeWord(text, "B", 52);

const header = (name: string, value: string): string => foldLines(`${name}: ${value}`, 76);
