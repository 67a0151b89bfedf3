/** What an end on the wire means: for the recipient, for the relay, and for the connection. */
import type { MailResult } from "../deps.ts";
import { cleanAnswer } from "./clean.ts";

/** A fault of `SMTPConnection`, as far as it is read. */
export type WireFault = {
  message: string;
  code?: string | undefined;
  originalCode?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
};

/** Answers that speak of the relay's load, not of the mail. @see RFC 5321 §4.2.3, RFC 4954 §6 */
const BUSY = new Set([421, 452, 454]);
const TLS_FAULT = /^(?:CERT_|ERR_TLS|ERR_SSL|ERR_OSSL|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/;

/** `dataOut`: the whole message, with its final dot, has left. */
export function verdictOf(fault: WireFault, dataOut: boolean): MailResult {
  const { responseCode: code = 0, command = "" } = fault;
  const said = fault.response ?? fault.message;
  const answer = cleanAnswer(command === "STARTTLS" ? `STARTTLS: ${said}` : said);
  if (dataOut) return afterData(code, answer);
  switch (command) {
    case "RCPT TO":
      return ofRecipient(code, answer);
    case "MAIL FROM":
      if (fault.code === "EMESSAGE") return { kind: "failed", answer, suppress: false };
      return ofRelay(code, answer);
    case "DATA":
      if (BUSY.has(code)) return { kind: "relay-paused", answer };
      return code >= 500 ? { kind: "failed", answer, suppress: false } : { kind: "deferred", answer };
    default:
      if (fault.code === "EENVELOPE") return { kind: "failed", answer, suppress: false };
      return ofConnection(fault, code, answer);
  }
}

/** The reply to the final dot. A reply that is no verdict at all leaves the end open. */
function afterData(code: number, answer: string): MailResult {
  if (BUSY.has(code)) return { kind: "relay-paused", answer };
  if (code >= 500) return { kind: "failed", answer, suppress: /^5\d\d[ -]5\.1\.\d/.test(answer) };
  return code >= 400 ? { kind: "deferred", answer } : { kind: "unknown", answer };
}

function ofRecipient(code: number, answer: string): MailResult {
  // 4.1.x and 4.2.x speak of this mailbox, such as one that is full.
  if (BUSY.has(code) && !/^452[ -]4\.[12]\.\d/.test(answer)) return { kind: "relay-paused", answer };
  if (code === 530) return { kind: "relay-stopped", answer };
  // 5.7.x is policy: our mail was refused, not the address.
  if (code >= 500) return { kind: "failed", answer, suppress: !/^5\d\d[ -]5\.7\.\d/.test(answer) };
  return { kind: "deferred", answer };
}

function ofRelay(code: number, answer: string): MailResult {
  if (BUSY.has(code)) return { kind: "relay-paused", answer };
  return code >= 500 ? { kind: "relay-stopped", answer } : { kind: "deferred", answer };
}

function ofConnection(fault: WireFault, code: number, answer: string): MailResult {
  if (code >= 500) return { kind: "relay-stopped", answer };
  if (code >= 400) return { kind: "relay-paused", answer };
  const credentials = fault.code === "EAUTH" || fault.code === "ENOAUTH";
  const insecure =
    [fault.code, fault.originalCode].some((each) => each !== undefined && TLS_FAULT.test(each)) || fault.command === "STARTTLS";
  if (credentials || insecure) return { kind: "relay-stopped", answer };
  return { kind: "deferred", answer };
}
