/** The relay as a `Mailer`: mails go out over a few connections at once, each judged by what the server said about it. */
import type { ConnectionOptions } from "node:tls";
import type { Mail, Mailer, MailResult } from "../deps.ts";
import { readAddress } from "../domain/address.ts";
import { openLane, type Lane } from "./lane.ts";
import { openMimeForms } from "./mime.ts";
import type { Envelope, Relay, Timeouts } from "./session.ts";

export type MailerOptions = {
  /** `smtp://user:pass@host:587` or `smtps://…`; `?requireTLS=true` asks for STARTTLS without credentials too, `?ignoreTLS=true` forgoes it. */
  url: string;
  /** How many connections may be open. */
  connections: number;
  timeouts?: Partial<Timeouts>;
  /** Certificates to trust, beyond those of the machine. */
  tls?: Pick<ConnectionOptions, "ca">;
};

const TIMEOUTS: Timeouts = { connectMs: 10_000, greetingMs: 30_000, socketMs: 60_000, afterDataMs: 10 * 60_000 };
const KEPT_BACK: MailResult = { kind: "returned", answer: "not to be begun any more" };
/** How long the other connections wait for the first one to be let in. */
const SCOUT_MS = 2_000;

export function openMailer({ url, connections, timeouts = {}, tls = {} }: MailerOptions): Mailer {
  const relay: Relay = { ...relayOf(url), tls, timeouts: { ...TIMEOUTS, ...timeouts } };
  const toMime = openMimeForms();
  const scout = openScout();
  const waiting: { prompt: boolean; go(lane: Lane): void }[] = [];
  let share = connections;

  /** Lets those go whose turn it is, as far as there is room. */
  const onRoom = (): void => {
    for (let [next] = waiting; next; [next] = waiting) {
      const lane = findLane(next.prompt);
      if (!lane) return;
      waiting.shift();
      next.go(lane);
    }
  };
  const early = { taken: true };
  const lanes = Array.from({ length: connections }, () => openLane({ relay, early, onWelcome: scout.welcome, onRoom }));

  const findLane = (prompt: boolean): Lane | undefined => {
    const ours = lanes.slice(0, share);
    return ours.find((lane) => lane.room() === "whole") ?? (prompt ? undefined : ours.find((lane) => lane.room() === "behind"));
  };

  const sendOver = (envelope: Envelope, source: Buffer, prompt: boolean, mayBegin: () => boolean): Promise<MailResult> => {
    return new Promise((resolve) => {
      const next = { prompt, go: (lane: Lane) => resolve(mayBegin() ? lane.send(envelope, source) : KEPT_BACK) };
      const firstPatient = waiting.findIndex((each) => !each.prompt);
      waiting.splice(prompt && firstPatient !== -1 ? firstPatient : waiting.length, 0, next);
      onRoom();
    });
  };

  const send = async (mail: Mail, mayBegin = () => true): Promise<MailResult> => {
    const read = readAddress(mail.to.address);
    if (!read.ok) return { kind: "failed", answer: "not an address we can mail to", suppress: false };
    const envelope = { from: mail.envelopeFrom, to: read.wire };
    const source = toMime({ ...mail, to: { name: mail.to.name, address: read.wire } });
    return scout.behind(() => sendOver(envelope, source, mail.prompt, mayBegin));
  };

  return {
    send,
    connections,
    useConnections: (count) => {
      share = Math.min(Math.max(count, 1), connections);
      onRoom();
    },
    close: () => lanes.forEach((lane) => lane.close()),
  };
}

/**
 * Until the relay has let one mail in, a single one goes ahead and the others wait a moment: a wrong password is then tried once, not once a
 * connection. Trouble of the relay's is the answer for those behind, too.
 */
function openScout() {
  let welcomed = false;
  let ahead: Promise<MailResult | undefined> | undefined;
  let welcomeAhead = (): void => undefined;

  const goAhead = async (run: () => Promise<MailResult>): Promise<MailResult> => {
    const met = new Promise<undefined>((resolve) => (welcomeAhead = () => resolve(undefined)));
    const result = run().then(judge);
    const mine = Promise.race([met, result]);
    ahead = mine;
    const end = await result;
    if (ahead === mine) ahead = undefined;
    return end;
  };

  const behind = async (run: () => Promise<MailResult>): Promise<MailResult> => {
    if (welcomed) return judge(await run());
    if (!ahead) return goAhead(run);
    const seen = await Promise.race([ahead, late()]);
    if (seen === "late") return judge(await run());
    return seen?.kind === "relay-paused" || seen?.kind === "relay-stopped" ? seen : behind(run);
  };

  const judge = (result: MailResult): MailResult => {
    if (result.kind === "relay-paused" || result.kind === "relay-stopped") welcomed = false;
    return result;
  };

  const welcome = (): void => {
    welcomed = true;
    welcomeAhead();
  };
  return { behind, welcome };
}

const late = (): Promise<"late"> => new Promise((resolve) => void setTimeout(() => resolve("late"), SCOUT_MS).unref());

/** Credentials are never sent in the clear: with them, STARTTLS or TLS is required. */
function relayOf(url: string): Omit<Relay, "timeouts" | "tls"> {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const secure = protocol === "smtps:" || port === "465";
  const auth = username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : undefined;
  const host = hostname.replace(/^\[|\]$/g, "");
  const requireTLS = !secure && (auth !== undefined || searchParams.get("requireTLS") === "true");
  const loopback = /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host);
  const ignoreTLS = !requireTLS && (loopback || searchParams.get("ignoreTLS") === "true");
  return { host, port: Number(port) || (secure ? 465 : 587), secure, requireTLS, ignoreTLS, auth };
}
