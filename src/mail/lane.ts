/** One place on the wire: one mail at a time, over a connection that is opened when needed and kept while it works. */
import type { MailResult } from "../deps.ts";
import { cleanAnswer } from "./clean.ts";
import { openSession, type End, type Envelope, type Relay, type Session } from "./session.ts";
import { verdictOf } from "./verdict.ts";

export type Lane = {
  /** Never rejects. */
  send(envelope: Envelope, source: Buffer): Promise<MailResult>;
  close(): void;
};

const MAILS_A_CONNECTION = 500;
const IDLE_MS = 30_000;
/** After a failed try to connect the next one waits, each time twice as long. */
const REST_MS = { first: 50, most: 2_000 };
const RETURNED: MailResult = { kind: "returned", answer: "the mailer was closed" };

export function openLane(relay: Relay, onWelcome: () => void): Lane {
  let session: Session | undefined;
  let recovery: Promise<void> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;
  let closed = false;
  let failures = 0;

  const keepOrOpen = (): { session: Session; reused: boolean } => {
    if (session?.alive() && session.mails() < MAILS_A_CONNECTION) return { session, reused: true };
    session?.close();
    session = openSession(relay, onWelcome);
    return { session, reused: false };
  };

  const resultOf = (end: End): MailResult => {
    if (closed && end.fault && end.fault.response === undefined && !end.dataOut) return RETURNED;
    if (end.fault) return verdictOf(end.fault, end.dataOut);
    const answer = cleanAnswer(end.replies.at(-1) ?? "");
    // Anything but 354 to DATA means that we are reading the replies to something else.
    return end.replies[2]?.startsWith("354") ? { kind: "accepted", answer } : { kind: "unknown", answer };
  };

  const send = async (envelope: Envelope, source: Buffer): Promise<MailResult> => {
    await recovery;
    clearTimeout(idle);
    for (;;) {
      if (failures > 0) await pause(Math.min(REST_MS.first * 2 ** failures, REST_MS.most));
      if (closed) return RETURNED;
      const now = keepOrOpen();
      const refusal = await now.session.ready;
      if (closed) return RETURNED;
      failures = refusal ? failures + 1 : 0;
      if (refusal) return verdictOf(refusal, false);
      if (!isAscii(envelope.to) && !now.session.smtpUtf8()) {
        return { kind: "failed", answer: "the relay cannot carry this address", suppress: false };
      }
      const end = await now.session.transmit(envelope, source);
      if (now.reused && isStale(end) && !closed) {
        now.session.close();
        continue;
      }
      const result = resultOf(end);
      if (result.kind === "unknown") now.session.close();
      recovery = now.session.recover(end);
      idle = setTimeout(() => session?.close(), IDLE_MS);
      idle.unref();
      return result;
    }
  };

  return {
    send,
    close: () => {
      closed = true;
      clearTimeout(idle);
      session?.close();
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** A kept connection may have been given up by the server, or be out of step: worth a new one, as no data went out. A clear word on the recipient stands. */
function isStale({ fault, dataOut, replies }: End): boolean {
  if (!fault || dataOut) return false;
  const outOfStep = replies[2]?.startsWith("2") ?? false;
  return fault.command !== "RCPT TO" || outOfStep;
}
