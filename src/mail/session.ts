/**
 * One SMTP connection: signing in, then mail after mail. While a mail whose data is out waits for its answer, the envelope of the next one may
 * follow at once, which halves the way (RFC 2920 §3.1). Replies come in order, so each belongs to the oldest mail that has not ended. Every
 * step ends, by a callback, an event or its deadline. The log of nodemailer is read for what its callbacks do not tell: each reply, and that a
 * mail's data is out (`tnx: "message"`).
 */
import type { ConnectionOptions } from "node:tls";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { WireFault } from "./verdict.ts";

export type Timeouts = {
  connectMs: number;
  greetingMs: number;
  /** For every further exchange, and for a mail until its data is out. */
  socketMs: number;
  afterDataMs: number;
};

export type Relay = {
  host: string;
  port: number;
  /** TLS from the first byte. */
  secure: boolean;
  requireTLS: boolean;
  ignoreTLS: boolean;
  auth: { user: string; pass: string } | undefined;
  tls: ConnectionOptions;
  timeouts: Timeouts;
};

export type Envelope = { from: string; to: string };

/** How one mail ended. `replies` are those to MAIL, RCPT, DATA and the final dot, as far as they came. */
export type End = { fault: WireFault | undefined; dataOut: boolean; replies: string[] };

export type Session = {
  /** Signed in, or why not. */
  ready: Promise<WireFault | undefined>;
  alive(): boolean;
  smtpUtf8(): boolean;
  pipelining(): boolean;
  ageMs(): number;
  /** `onDataOut` is called when only the answer is still missing. */
  transmit(envelope: Envelope, source: Buffer, onDataOut: () => void): Promise<End>;
  /** Waits until the next mail cannot get this one's replies. */
  recover(end: End): Promise<void>;
  close(): void;
};

/** A mail that has not ended. */
type Transfer = { replies: string[]; dataOut: boolean; onDataOut(): void; end(fault: WireFault | undefined): void };

type Entry = { tnx?: string; remotePort?: number };

const CLOSED: WireFault = { message: "the connection was closed", code: "ECONNECTION", command: "CONN" };

/** `onWelcome` is called when the relay has taken us and a sender. */
export function openSession(relay: Relay, onWelcome: () => void): Session {
  const { host, port, secure, requireTLS, ignoreTLS, tls, auth, timeouts } = relay;
  const { connectMs, greetingMs, socketMs, afterDataMs } = timeouts;
  const since = performance.now();
  let alive = true;
  let begun = false;
  let smtpUtf8 = false;
  let pipelining = false;
  /** Oldest first. */
  const transfers: Transfer[] = [];
  let endStep: ((fault: WireFault | undefined) => void) | undefined;
  let deadline: NodeJS.Timeout | undefined;

  const onDebug = ({ tnx }: Entry, text: string): void => {
    if (tnx !== "server") return;
    if (!begun) {
      smtpUtf8 ||= /^250[ -]SMTPUTF8\b/im.test(text);
      pipelining ||= /^250[ -]PIPELINING\b/im.test(text);
      allow(socketMs);
      return;
    }
    const [oldest] = transfers;
    oldest?.replies.push(text);
    if (oldest?.replies.length === 1 && text.startsWith("2")) onWelcome();
  };
  const onInfo = ({ tnx, remotePort }: Entry): void => {
    if (tnx === "network" && remotePort !== undefined) allow(greetingMs);
    const [oldest] = transfers;
    if (tnx !== "message" || !oldest) return;
    oldest.dataOut = true;
    allow(afterDataMs);
    oldest.onDataOut();
  };
  const quiet = (): void => undefined;

  const connection = new SMTPConnection({
    host,
    port,
    secure,
    requireTLS,
    ignoreTLS,
    tls,
    transactionLog: true,
    allowInternalNetworkInterfaces: true,
    logger: { trace: quiet, debug: onDebug, info: onInfo, warn: quiet, error: quiet, fatal: quiet },
    // Ours come first; these are for what we do not see.
    connectionTimeout: connectMs + greetingMs + socketMs,
    greetingTimeout: greetingMs,
    socketTimeout: afterDataMs + socketMs,
  });

  const endAll = (fault: WireFault): void => {
    endStep?.(fault);
    for (let [oldest] = transfers; oldest; [oldest] = transfers) oldest.end(fault);
  };

  const close = (fault: WireFault = CLOSED): void => {
    alive = false;
    connection.close();
    endAll(fault);
  };

  /** Gives the step under way, or the oldest mail, so much time from now. */
  const allow = (ms: number): void => {
    clearTimeout(deadline);
    if (!endStep && transfers.length === 0) return;
    deadline = setTimeout(() => close({ message: `no answer within ${ms} ms`, code: "ETIMEDOUT", command: "CONN" }), ms);
  };

  const step = (ms: number, begin: (end: (fault: WireFault | undefined) => void) => void): Promise<WireFault | undefined> =>
    new Promise((resolve) => {
      const end = (fault: WireFault | undefined): void => {
        if (endStep !== end) return;
        endStep = undefined;
        clearTimeout(deadline);
        resolve(fault);
      };
      endStep = end;
      allow(ms);
      if (alive) begin(end);
      else end(CLOSED);
    });

  connection.on("error", (fault: WireFault) => {
    alive = false;
    endAll(fault);
  });
  connection.once("end", () => {
    alive = false;
    // The callback of a mail on the wire comes after this event and knows more.
    setImmediate(() => endAll(CLOSED));
  });

  const ready = step(connectMs, (end) => {
    connection.connect((fault) => {
      if (fault || !auth) return end(fault);
      if (!connection.allowsAuth) return end({ message: "the relay offers no AUTH", code: "EAUTH", command: "AUTH" });
      connection.login(auth, (refused) => end(refused ?? undefined));
    });
  });

  return {
    ready,
    alive: () => alive,
    smtpUtf8: () => smtpUtf8,
    pipelining: () => pipelining,
    ageMs: () => performance.now() - since,
    transmit: (envelope, source, onDataOut) =>
      new Promise((resolve) => {
        begun = true;
        const transfer: Transfer = { replies: [], dataOut: false, onDataOut, end };
        function end(fault: WireFault | undefined): void {
          const place = transfers.indexOf(transfer);
          if (place === -1) return;
          transfers.splice(place, 1);
          if (place === 0) allow(socketMs);
          resolve({ fault, dataOut: transfer.dataOut, replies: transfer.replies });
        }
        transfers.push(transfer);
        if (!alive) return end(CLOSED);
        if (transfers.length === 1) allow(socketMs);
        // A copy: nodemailer keeps the state of a try in the envelope.
        connection.send({ ...envelope }, source, (refused) => end(refused ?? undefined));
      }),
    recover: async ({ fault, dataOut }) => {
      if (fault && !dataOut && alive) {
        const lost = await step(socketMs, (end) => connection.reset((refused) => end(refused ?? undefined)));
        if (lost) close();
      }
      // A reply too many that came along is then found to belong to no mail, and ends the connection.
      await turn();
      await turn();
    },
    close: () => close(),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
