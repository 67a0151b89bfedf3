/** What a use case gets, and what a worker gets on top. Types only; `main.ts` makes them. */
import type { Db, Tx } from "./db/client.ts";
import type { ReadyReply } from "./commands/reply.ts";
import type { Language } from "./domain/user.ts";

/** Separate keys, each derived from SECRET_KEY; `kid` names the generation a link was made with. */
export type Keys = {
  /** By key id: the current one and, while rotating, the previous one. */
  link: { current: string; byId: Record<string, Buffer> };
  form: Buffer;
  session: Buffer;
  token: Buffer;
  hash: Buffer;
};

export type Log = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** Counters and gauges shown on /metrics. Names are in `web/metrics.ts`. */
export type Meter = { count(name: string, labels?: Record<string, string>, by?: number): void };

/** Work that is not a mail and runs later, by the id of its row. Checked again when it runs. */
export type Timer =
  | { kind: "start-bulk"; organisationId: number; sendId: number }
  | { kind: "lapse-approval"; organisationId: number; sendId: number };

export type Timers = {
  /** Queues `timer` in the caller's transaction, to run at `at` or a moment later. */
  add(tx: Tx, timer: Timer, at: Date): Promise<void>;
};

export type Deps = {
  db: Db;
  timers: Timers;
  keys: Keys;
  /** Base of every link, without a trailing slash. */
  publicUrl: string;
  /** Where a connected user logs in. */
  loginUrl: string | undefined;
  forgotPasswordUrl: string | undefined;
  now(): Date;
  /** Resolves after `ms`. */
  sleep(ms: number): Promise<void>;
  /** How long an answer waits for a single mail to be taken by the mail server before it says "queued" instead of "sent". */
  settleWaitMs: number;
  /** `bytes` random bytes as base64url. */
  randomId(bytes: number): string;
  /** In [0, 1). */
  random(): number;
  log: Log;
  meter: Meter;
};

/** One verification mail as facts; the mailer words it in the recipient's language. */
export type Mail = {
  to: { name: string; address: string };
  /** Where bounces go; the VERP return path when a bounce domain is set. */
  envelopeFrom: string;
  from: { name: string; address: string };
  /** Without angle brackets; the same for every attempt. */
  messageId: string;
  sentAt: Date;
  language: Language;
  organisationName: string;
  /** A proof to be given, or word to a former login address that it is one no more: that has no link. */
  purpose: "verify" | "address-changed";
  link: string;
  expiresAt: Date;
  timeZone: string;
  /** Somebody waits for this one: it never goes behind another mail on one connection. */
  prompt: boolean;
};

/** What the mail server did with one mail. `answer` is its last line, cleaned of addresses. `relay*`: not the recipient's fault. */
export type MailResult =
  | { kind: "accepted"; answer: string }
  | { kind: "deferred"; answer: string }
  | { kind: "failed"; answer: string; suppress: boolean }
  | { kind: "unknown"; answer: string }
  | { kind: "relay-paused"; answer: string }
  | { kind: "relay-stopped"; answer: string }
  /** Given back before its data went out: it was not to begin any more, or the mailer was closed. */
  | { kind: "returned"; answer: string };

export type Mailer = {
  /**
   * Never rejects: every end is a result. `mayBegin` is asked when a connection is free and nothing has gone out yet; where it says no, the mail ends
   * as `returned`.
   */
  send(mail: Mail, mayBegin?: () => boolean): Promise<MailResult>;
  /** How many connections to the relay may be open. One carries a mail and, behind it, the envelope of a second one. */
  connections: number;
  /** Uses so many of them from now on: the others are left to other workers. */
  useConnections(count: number): void;
  /** Ends every connection at once. What is on the wire ends as `returned`, or as `unknown` when its data is out. */
  close(): void;
};

/** Where a principal is reached privately. */
export type Target = { platform: "slack" | "teams"; workspace: string; person: string; conversation: unknown };

/** What a platform did with one message. `gone`: the conversation refuses us for good. */
export type PostResult =
  | { kind: "posted"; message: unknown; conversation?: unknown }
  | { kind: "later"; afterMs: number }
  | { kind: "gone"; why: string };

/** One platform's way to say something unasked: a new message, or an edit of `message` in place. Never rejects. */
export type PostTo = (target: Target, reply: ReadyReply, message: unknown) => Promise<PostResult>;

export type WorkerDeps = Deps & {
  mailer: Mailer;
  /** Name of the relay in `relays`: host and port of SMTP_URL. */
  relay: string;
  /** Mails a second over all workers of the relay; undefined for as fast as it takes them. */
  rate: number | undefined;
  from: { name: string; address: string };
  /** Where bounces come back to, each mail to an address of its own; without it they go to the sender. */
  returnPaths: { domain: string; secret: string } | undefined;
  chat: Partial<Record<"slack" | "teams", PostTo>>;
  /** Where a worker keeps what it must not forget when it is killed. */
  dataDir: string;
};
