/**
 * Mails out of the queue: claim → send → settle. Claimed mails wait in a short line, a few are on the wire, results are written in
 * batches. Nothing is sent inside a transaction, and nothing after its lease has run out.
 */
import {
  claimDue,
  cancelLeftovers,
  completeSends,
  extendLeases,
  settleClaims,
  type Claim,
  type Claimed,
  type Settlement,
} from "../db/claims.ts";
import { healRelay, joinRelay, leaveRelay, pauseRelay, returnSlots, stopRelay, takeProbe, takeSlots } from "../db/relays.ts";
import type { Mail, MailResult, WorkerDeps } from "../deps.ts";
import { linkToken } from "../domain/challenge.ts";
import { HEARTBEAT_MS, LEASE_MS } from "../domain/delivery.ts";
import { languageOf } from "../domain/user.ts";
import { returnPath } from "../domain/verp.ts";
import { openJournal, type Journal } from "./journal.ts";
import { startLoop } from "./loop.ts";
import { recover } from "./recover.ts";
import { tellRelayNews } from "./relay-news.ts";
import { handBack, settlementOf } from "./settlement.ts";

export type Pace = {
  pollMs: number;
  settleEveryMs: number;
  sweepEveryMs: number;
  heartbeatMs: number;
  /** How long a stop waits for mails on the wire. */
  graceMs: number;
};

export const PACE: Pace = { pollMs: 100, settleEveryMs: 400, sweepEveryMs: 5_000, heartbeatMs: HEARTBEAT_MS, graceMs: 20_000 };

/** One whose answer is awaited, the one behind it, and one that is ready to follow. */
const MAILS_A_CONNECTION = 3;
/** How long answers are read before the next mails are made ready: meanwhile no connection waits for that. */
const REFILL_MS = 1;
const SINGLES = 50;
const MOST_WAITING = 1_000;
const SETTLE_AT = 500;
/** A mail is given back rather than begun so close to the end of its lease. */
const LEASE_MARGIN_MS = 5_000;

type Leased = Claimed & { leaseEndsAt: number; probe: boolean; begun: boolean };
type Relayed = Extract<MailResult, { kind: "relay-paused" | "relay-stopped" }>;

export function startDelivery(deps: WorkerDeps, pace: Pace = PACE): { stop(): Promise<void> } {
  const { db, mailer, relay, log, meter } = deps;
  const worker = deps.randomId(9);
  const journal = openJournalOrNone(deps, worker);
  const least = mailer.connections * 2;
  /** This worker's share of the relay's connections. */
  let share = mailer.connections;
  const waiting: Leased[] = [];
  const onWire = new Map<Leased, Promise<void>>();
  let ended: Settlement[] = [];
  let trouble: Relayed | undefined;
  let healed: { probed: boolean } | undefined;
  let firstSweep = true;
  /** How many claimed mails may wait: about what is sent in a second. */
  let wanted = least;
  let claimedAt = 0;
  /** How many mails ended since then: only what really leaves makes `wanted` larger, or a pause would come after the last mail was claimed. */
  let endedSince = 0;
  let moreDue = false;
  let refilling: NodeJS.Timeout | undefined;
  let joined = false;
  let stopping = false;
  /** Whether something was settled that may have been a bulk send's last mail. */
  let worked = false;

  const onFault = (step: string) => (fault: unknown) => {
    log.warn({ step, err: fault }, "the delivery of mails waits");
    meter.count("delivery_faults_total", { step });
    return 500 + deps.random() * 2_000;
  };

  const take = (claimed: Claimed[], now: number, probe = false): void => {
    journal?.claimed(claimed);
    const leased = claimed.map((mail) => ({ ...mail, probe, begun: false, leaseEndsAt: now + LEASE_MS - LEASE_MARGIN_MS }));
    const firstBulk = waiting.findIndex((mail) => mail.bulk);
    waiting.splice(firstBulk === -1 ? waiting.length : firstBulk, 0, ...leased.filter((mail) => !mail.bulk));
    waiting.push(...leased.filter((mail) => mail.bulk));
    pump();
  };

  /** Before the first claim: makes this worker known. */
  const join = async (): Promise<void> => {
    if (joined) return;
    if (journal) await recover(deps);
    await joinRelay(db, worker, relay);
    joined = true;
  };

  const claim = async (): Promise<number> => {
    await join();
    if (trouble || waiting.length >= MOST_WAITING || ended.length >= MOST_WAITING * 2) return pace.pollMs;
    const now = deps.now().getTime();
    const room = waiting.length <= wanted / 2 ? wanted - waiting.length : 0;
    const { claimed, dropped } = await claimWithinRate(deps, SINGLES, room);
    if (dropped > 0) meter.count("deliveries_total", { end: "dropped" }, dropped);
    moreDue = claimed.length + dropped >= room && room > 0;
    if (moreDue) {
      if (now - claimedAt < 500 && endedSince >= wanted / 2) wanted = Math.min(wanted * 2, MOST_WAITING);
      if (now - claimedAt > 2_000) wanted = Math.max(wanted / 2, least);
      claimedAt = now;
      endedSince = 0;
    }
    take(claimed, now);
    return moreDue && waiting.length <= wanted / 2 ? 0 : pace.pollMs;
  };

  const pump = (): void => {
    while (onWire.size < share * MAILS_A_CONNECTION) {
      const mail = waiting.shift();
      if (!mail) break;
      onWire.set(mail, dispatch(mail));
    }
    if (moreDue && waiting.length <= wanted / 2) claiming.wake();
  };

  const refill = (): void => {
    refilling ??= setTimeout(() => {
      refilling = undefined;
      pump();
    }, REFILL_MS);
  };

  /** Looked at when a connection is free for it, which may be long after it was made ready. */
  const begin = (mail: Leased): boolean => {
    if (trouble || stopping || mail.leaseEndsAt <= deps.now().getTime()) return false;
    mail.begun = true;
    journal?.begun(mail);
    return true;
  };

  const dispatch = async (mail: Leased): Promise<void> => {
    const result = await sendOne(deps, mail, () => begin(mail));
    onWire.delete(mail);
    endedSince += 1;
    note(mail, result);
    refill();
    // Somebody waits for the end of a single mail, or of the last one.
    if (!mail.bulk || ended.length >= SETTLE_AT || waiting.length + onWire.size === 0) settling.wake();
  };

  const note = (mail: Leased, result: MailResult): void => {
    if (result.kind === "accepted") journal?.accepted(mail);
    ended.push(settlementOf(mail, result, deps.random()));
    meter.count("deliveries_total", { end: result.kind });
    if (result.kind === "accepted" || (mail.probe && result.kind === "failed"))
      healed = { probed: mail.probe || (healed?.probed ?? false) };
    if (result.kind !== "relay-paused" && result.kind !== "relay-stopped") return;
    // Another mail that met the same is no further trouble: the rest that is being written down covers it.
    if (trouble?.kind !== result.kind && trouble?.kind !== "relay-stopped") trouble = result;
    giveBackWaiting();
    settling.wake();
  };

  const giveBackWaiting = (): void => {
    ended.push(...waiting.splice(0).map((mail) => handBack(mail)));
  };

  const settleBatch = async (): Promise<void> => {
    const batch = ended.slice(0, SETTLE_AT);
    if (batch.length === 0) return;
    const settled = await settleClaims(db, batch);
    ended = ended.slice(batch.length);
    worked = true;
    const dispatched = [...onWire.keys()];
    const begun = dispatched.filter((mail) => mail.begun);
    journal?.trim({ claimed: [...waiting, ...dispatched], begun, accepted: ended.filter(({ state }) => state === "accepted") });
    const lost = batch.length - settled.length;
    if (lost > 0) log.warn({ lost }, "results came after their lease had ended");
  };

  const settle = async (): Promise<number> => {
    const met = trouble;
    if (met) await markRelay(deps, met);
    if (trouble === met) trouble = undefined;
    do await settleBatch();
    while (ended.length >= SETTLE_AT);
    if (worked && waiting.length === 0 && onWire.size === 0) {
      worked = false;
      await completeSends(db);
    }
    const well = healed;
    if (well && !met) await healRelay(db, relay, well.probed);
    if (healed === well) healed = undefined;
    return pace.settleEveryMs;
  };

  const sweep = async (): Promise<number> => {
    share = Math.max(1, Math.floor(mailer.connections / (await joinRelay(db, worker, relay))));
    mailer.useConnections(share);
    await tellRelayNews(deps);
    await completeSends(db);
    await cancelLeftovers(db);
    if (await takeProbe(db, relay, firstSweep)) {
      const now = deps.now().getTime();
      const single = await claimDue(db, { relay, singles: 1, bulk: 0, probe: true });
      const [first, ...others] =
        single.claimed.length > 0 ? single.claimed : (await claimDue(db, { relay, singles: 0, bulk: 1, probe: true })).claimed;
      ended.push(...others.map((mail) => handBack(mail)));
      if (first) take([first], now, true);
    }
    firstSweep = false;
    return pace.sweepEveryMs;
  };

  const beat = async (): Promise<number> => {
    const held = [...waiting, ...onWire.keys()];
    if (held.length === 0) return pace.heartbeatMs;
    const now = deps.now().getTime();
    const ours = new Set((await extendLeases(db, held)).map((row) => row.id));
    for (const mail of held) mail.leaseEndsAt = ours.has(mail.id) ? now + LEASE_MS - LEASE_MARGIN_MS : 0;
    return pace.heartbeatMs;
  };

  const claiming = startLoop(claim, onFault("claim"));
  const settling = startLoop(settle, onFault("settle"));
  const sweeping = startLoop(sweep, onFault("sweep"));
  const beating = startLoop(beat, onFault("heartbeat"));

  /** Writes what is left; a database that stays away leaves it to the end of the leases. */
  const settleRest = async (): Promise<void> => {
    await settling.stop();
    for (let tries = 0; tries < 3; tries += 1) {
      const done = await settle().catch(onFault("settle"));
      if (done === pace.settleEveryMs && ended.length === 0) return;
    }
    log.error({ rows: ended.length }, "results could not be written before the end");
  };

  const stopAll = async (): Promise<void> => {
    stopping = true;
    await Promise.all([claiming.stop(), sweeping.stop()]);
    giveBackWaiting();
    settling.wake();
    await Promise.race([Promise.all(onWire.values()), pause(pace.graceMs)]);
    if (onWire.size > 0) mailer.close();
    await Promise.all(onWire.values());
    await Promise.all([settleRest(), beating.stop()]);
    if (ended.length === 0) journal?.remove();
    await leaveRelay(db, worker).catch(onFault("leave"));
  };

  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stopAll()) };
}

/** A disk that cannot be written is no reason not to send. */
function openJournalOrNone({ dataDir, log }: WorkerDeps, worker: string): Journal | undefined {
  const onFault = (fault: unknown): void =>
    log.warn({ err: fault }, "no journal in DATA_DIR: where this process is killed, its mails wait for a minute and some go out twice");
  try {
    return openJournal(dataDir, worker, onFault);
  } catch (fault) {
    onFault(fault);
    return undefined;
  }
}

/** Claims no more than the rate shared by all workers allows; single mails go before bulk there, too. */
async function claimWithinRate({ db, relay, rate }: WorkerDeps, singles: number, bulk: number): Promise<Claim> {
  if (rate === undefined) return claimDue(db, { relay, singles, bulk, probe: false });
  const slots = await takeSlots(db, relay, rate, singles + bulk);
  if (slots === 0) return { claimed: [], dropped: 0 };
  const first = await claimDue(db, { relay, singles: Math.min(singles, slots), bulk: 0, probe: false });
  const left = Math.min(bulk, slots - first.claimed.length);
  const rest = left > 0 ? await claimDue(db, { relay, singles: 0, bulk: left, probe: false }) : { claimed: [], dropped: 0 };
  const claim = { claimed: [...first.claimed, ...rest.claimed], dropped: first.dropped + rest.dropped };
  if (claim.claimed.length < slots) await returnSlots(db, relay, rate, slots - claim.claimed.length);
  return claim;
}

/** A fault of our own counts as an attempt, so that a mail that always fails ends. */
async function sendOne(deps: WorkerDeps, mail: Claimed, mayBegin: () => boolean): Promise<MailResult> {
  try {
    return await deps.mailer.send(mailOf(deps, mail), mayBegin);
  } catch (fault) {
    deps.log.error({ organisation: mail.organisationId, delivery: mail.id, err: fault }, "a mail could not be made");
    return { kind: "deferred", answer: "a fault on our side" };
  }
}

function mailOf({ keys, publicUrl, from, returnPaths, now }: WorkerDeps, claimed: Claimed): Mail {
  const { organisationId, id, challengeId, userId, addressVersion, organisationName, expiresAt, timeZone } = claimed;
  const link =
    challengeId === null
      ? ""
      : `${publicUrl}/verify/${linkToken(keys.link, { id: challengeId, organisationId, userId, purpose: "verify", addressVersion })}`;
  return {
    to: { name: claimed.name, address: claimed.address },
    from,
    envelopeFrom: returnPaths ? returnPath({ organisationId, deliveryId: id }, returnPaths.domain, returnPaths.secret) : from.address,
    messageId: `delivery.${organisationId}.${id}@${from.address.slice(from.address.lastIndexOf("@") + 1)}`,
    sentAt: now(),
    language: languageOf(claimed.language) ?? "en",
    organisationName,
    purpose: claimed.purpose,
    link,
    expiresAt,
    timeZone,
    prompt: !claimed.bulk,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());

async function markRelay(deps: WorkerDeps, { kind, answer }: Relayed): Promise<void> {
  if (kind === "relay-paused") {
    if (await pauseRelay(deps.db, deps.relay, answer)) deps.log.warn({ relay: deps.relay, answer }, "the mail relay rests");
    return;
  }
  if (await stopRelay(deps.db, deps.relay, answer)) {
    deps.log.error({ relay: deps.relay, answer }, "the mail relay refuses us: no mail leaves until it takes a probe");
    deps.meter.count("relay_stops_total");
  }
}
