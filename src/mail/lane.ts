/**
 * One connection's worth of the wire, opened when needed and kept while it works. It takes one mail at a time, or, where the relay answers
 * quickly, a second one whose envelope leaves while the first one's answer is awaited.
 */
import type { MailResult } from "../deps.ts";
import { cleanAnswer } from "./clean.ts";
import { openSession, type End, type Envelope, type Relay, type Session } from "./session.ts";
import { verdictOf } from "./verdict.ts";

/** Whether a mail may be sent now: with the lane to itself, or only behind another one. */
export type Room = "whole" | "behind" | "none";

export type Lane = {
  room(): Room;
  /** Never rejects. To be called only where there is room. */
  send(envelope: Envelope, source: Buffer): Promise<MailResult>;
  close(): void;
};

export type LaneOptions = {
  relay: Relay;
  /** Shared by the lanes of one relay: false once it has lost an envelope that was sent behind a mail. */
  early: { taken: boolean };
  onWelcome(): void;
  onRoom(): void;
};

/** So that a relay of many machines can share the load out anew. @see Postfix, smtp_connection_reuse_time_limit */
const REUSE_MS = 300_000;
const IDLE_MS = 30_000;
/** A mail goes behind another one only where the last answer took no longer: it would wait for a slow one. */
const QUICK_MS = 250;
/** After a failed try to connect the next one waits, each time twice as long. */
const REST_MS = { first: 50, most: 2_000 };
const RETURNED: MailResult = { kind: "returned", answer: "the mailer was closed" };

export function openLane({ relay, early, onWelcome, onRoom }: LaneOptions): Lane {
  let session: Session | undefined;
  let recovery: Promise<void> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;
  let closed = false;
  let failures = 0;
  let mails = 0;
  /** Of the mail that waits for its answer: since when. */
  let dataOutAt: number | undefined;
  let answeredInMs = Infinity;

  const room = (): Room => {
    if (mails === 0) return "whole";
    const quick = early.taken && answeredInMs <= QUICK_MS;
    return mails === 1 && dataOutAt !== undefined && quick && mayFollow() ? "behind" : "none";
  };

  const mayFollow = (): boolean => session !== undefined && isUsable(session) && session.pipelining();

  const keepOrOpen = (): { session: Session; reused: boolean } => {
    if (session && isUsable(session)) return { session, reused: true };
    session?.close();
    session = openSession(relay, onWelcome);
    return { session, reused: false };
  };

  /** A connection that is signed in and owes no reply, or why there is none. */
  const place = async (): Promise<{ session: Session; reused: boolean } | MailResult> => {
    await recovery;
    clearTimeout(idle);
    if (failures > 0) await pause(Math.min(REST_MS.first * 2 ** failures, REST_MS.most));
    if (closed) return RETURNED;
    const now = keepOrOpen();
    const refusal = await now.session.ready;
    if (closed) return RETURNED;
    failures = refusal ? failures + 1 : 0;
    if (!refusal) return now;
    // It may still be open, but its word is given: the next mail asks anew.
    now.session.close();
    return verdictOf(refusal, false);
  };

  const resultOf = (end: End): MailResult => {
    if (closed && end.fault && end.fault.response === undefined && !end.dataOut) return RETURNED;
    if (end.fault) return verdictOf(end.fault, end.dataOut);
    const answer = cleanAnswer(end.replies.at(-1) ?? "");
    // Anything but 354 to DATA means that we are reading the replies to something else.
    return end.replies[2]?.startsWith("354") ? { kind: "accepted", answer } : { kind: "unknown", answer };
  };

  const transmit = async (on: Session, envelope: Envelope, source: Buffer): Promise<End> => {
    const end = await on.transmit(envelope, source, () => {
      dataOutAt = performance.now();
      onRoom();
    });
    if (end.dataOut && dataOutAt !== undefined) answeredInMs = performance.now() - dataOutAt;
    dataOutAt = undefined;
    return end;
  };

  const send = async (envelope: Envelope, source: Buffer): Promise<MailResult> => {
    let behind = mails > 0;
    mails += 1;
    try {
      for (;;) {
        const now = behind && session ? { session, reused: true } : await place();
        if ("kind" in now) return now;
        if (!isAscii(envelope.to) && !now.session.smtpUtf8()) {
          return { kind: "failed", answer: "the relay cannot carry this address", suppress: false };
        }
        const end = await transmit(now.session, envelope, source);
        if (behind && end.replies.length === 0 && end.fault?.code === "ETIMEDOUT") early.taken = false;
        behind = false;
        if (now.reused && isStale(end) && !closed) {
          now.session.close();
          continue;
        }
        const result = resultOf(end);
        if (result.kind === "unknown") now.session.close();
        recovery = now.session.recover(end);
        return result;
      }
    } finally {
      mails -= 1;
      if (mails === 0) idle = setTimeout(() => session?.close(), IDLE_MS).unref();
      onRoom();
    }
  };

  return {
    room,
    send,
    close: () => {
      closed = true;
      clearTimeout(idle);
      session?.close();
    },
  };
}

const isUsable = (session: Session): boolean => session.alive() && session.ageMs() < REUSE_MS;

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** A kept connection may have been given up by the server, or be out of step: worth a new one, as no data went out. A clear word on the recipient stands. */
function isStale({ fault, dataOut, replies }: End): boolean {
  if (!fault || dataOut) return false;
  const outOfStep = replies[2]?.startsWith("2") ?? false;
  return fault.command !== "RCPT TO" || outOfStep;
}
