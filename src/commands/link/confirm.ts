/** What the Confirm button of a mail's link does, and the button that sends a new link. Unknown, malformed and foreign links are one outcome. */
import { inBatches } from "../../db/batch.ts";
import { consumeVerifyChallenges, findChallenges, type ChallengeKey, type Consumed, type FoundChallenge } from "../../db/challenges.ts";
import { inTransaction } from "../../db/client.ts";
import { isDatabaseAway } from "../../db/faults.ts";
import { queueSingle } from "../../db/deliveries.ts";
import { noteAudit } from "../../db/audit.ts";
import { getSendFacts } from "../../db/users.ts";
import type { Deps } from "../../deps.ts";
import { readToken, linkStateOf, vouches, type LinkState } from "../../domain/challenge.ts";
import { decideEligibility, type SkipReason } from "../../domain/eligibility.ts";
import { languageOf, maskAddress, type Language } from "../../domain/user.ts";

/** Whom a link is for, as its pages may show it. */
export type LinkHolder = { organisationName: string; timeZone: string; language: Language; maskedAddress: string };

type Unknown = { kind: "unknown" };

type LinkView = { kind: LinkState; holder: LinkHolder } | Unknown;

type ConfirmOutcome = { kind: "confirmed" | Exclude<LinkState, "open">; holder: LinkHolder } | Unknown;

type NewLinkOutcome =
  | { kind: "queued" | "in-flight" | "undeliverable" | "not-needed"; holder: LinkHolder }
  | { kind: "wait"; holder: LinkHolder; lastAt: Date | null; nextAt: Date }
  | { kind: Exclude<LinkState, "open" | "expired">; holder: LinkHolder }
  | Unknown;

export const PRESSES = ["confirm", "new-link"] as const;
/** What a button on a link's page does. */
export type Press = (typeof PRESSES)[number];

/** `away`: the database is not to be had; what was asked for may or may not have happened. */
export type LinkOutcome = LinkView | ConfirmOutcome | NewLinkOutcome | { kind: "away" };

/** Everybody opens the same mail at the same hour: what a hundred links ask of the database is asked in one statement. */
const BATCH = { most: 250, patienceMs: 500 };

type Links = {
  find(id: number): Promise<FoundChallenge | undefined>;
  /** Undefined where it is no longer open, or its user is being changed at this moment. */
  consumeFree(key: ChallengeKey): Promise<Consumed | undefined>;
};

/** Answers a link followed, or a button on its page pressed. */
export function openLinks(deps: Deps): (token: string, press: Press | undefined) => Promise<LinkOutcome> {
  const { db } = deps;
  const links: Links = {
    find: inBatches(BATCH, async (ids) => {
      const found = new Map((await findChallenges(db, ids)).map((each) => [each.id, each]));
      return ids.map((id) => found.get(id));
    }),
    consumeFree: inBatches(BATCH, async (keys) => {
      const consumed = new Map((await consumeVerifyChallenges(db, keys, false)).map((each) => [each.id, each]));
      return keys.map(({ id }) => consumed.get(id));
    }),
  };
  return async (token, press) => {
    try {
      switch (press) {
        case undefined:
          return await viewLink(deps, links, token);
        case "confirm":
          return await confirm(deps, links, token);
        case "new-link":
          return await sendNewLink(deps, links, token);
      }
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      deps.log.warn({ err: error }, "the database is away");
      return { kind: "away" };
    }
  };
}

/** The state of the link. Changes nothing. */
async function viewLink(deps: Deps, links: Links, token: string): Promise<LinkView> {
  const found = await findByToken(deps, links, token);
  return found ? { kind: linkStateOf(found), holder: holderOf(found) } : { kind: "unknown" };
}

/** Connects the link's user, once; asked again it says so. */
async function confirm(deps: Deps, links: Links, token: string): Promise<ConfirmOutcome> {
  const found = await findByToken(deps, links, token);
  if (!found) return { kind: "unknown" };
  if (linkStateOf(found) === "open") {
    const consumed = (await links.consumeFree(found)) ?? (await consumeSlowly(deps, links, found));
    if (consumed) {
      deps.log.info({ organisation: found.organisationId, user: found.userId, challenge: found.id }, "address confirmed");
      return { kind: consumed.before ? "already-confirmed" : "confirmed", holder: holderOf(found) };
    }
  }
  const again = (await links.find(found.id)) ?? found;
  const state = linkStateOf(again);
  return { kind: state === "open" ? "expired" : state, holder: holderOf(again) };
}

/** Waits for whoever changes the user at this moment. */
async function consumeSlowly({ db }: Deps, links: Links, found: FoundChallenge): Promise<Consumed | undefined> {
  const now = await links.find(found.id);
  if (!now || linkStateOf(now) !== "open") return undefined;
  return (await consumeVerifyChallenges(db, [found], true))[0];
}

/** Queues a mail with a new link to the stored address, for whoever holds a link that has run out. */
async function sendNewLink(deps: Deps, links: Links, token: string): Promise<NewLinkOutcome> {
  const found = await findByToken(deps, links, token);
  if (!found) return { kind: "unknown" };
  const holder = holderOf(found);
  const state = linkStateOf(found);
  switch (state) {
    case "open":
      return { kind: "not-needed", holder };
    case "already-confirmed":
    case "changed":
    case "inactive":
      return { kind: state, holder };
    case "expired":
      return queueNewLink(deps, found, holder);
  }
}

async function queueNewLink(deps: Deps, found: FoundChallenge, holder: LinkHolder): Promise<NewLinkOutcome> {
  const { organisationId, userId, addressVersion } = found;
  const facts = await getSendFacts(deps.db, organisationId, userId);
  const decision = decideEligibility(facts, "self", false, facts.now);
  if (!decision.eligible) return refusalOf(decision.skip, decision.nextAt ?? facts.now, facts.lastVerificationAt, holder);
  const deliveryId = await inTransaction(deps.db, async (tx) => {
    const mail = { organisationId, userId, addressVersion, sending: "self", forced: false, requestedBy: null, language: null } as const;
    const queued = await queueSingle(tx, mail);
    if (queued !== undefined) {
      await noteAudit(tx, {
        organisationId,
        principalId: null,
        action: "new-link",
        userId,
        detail: { challenge: found.id, delivery: queued },
      });
    }
    return queued;
  });
  return { kind: deliveryId === undefined ? "in-flight" : "queued", holder };
}

function refusalOf(skip: SkipReason, nextAt: Date, lastAt: Date | null, holder: LinkHolder): NewLinkOutcome {
  switch (skip) {
    case "deactivated":
      return { kind: "inactive", holder };
    case "connected":
      return { kind: "already-confirmed", holder };
    case "no-address":
      return { kind: "changed", holder };
    case "suppressed":
      return { kind: "undeliverable", holder };
    case "in-flight":
      return { kind: "in-flight", holder };
    case "cooldown":
      return { kind: "wait", holder, lastAt, nextAt };
  }
}

async function findByToken({ keys }: Deps, links: Links, text: string): Promise<FoundChallenge | undefined> {
  const token = readToken(text);
  const found = token && (await links.find(token.challengeId));
  return found && found.purpose === "verify" && vouches(keys.link, token, found) ? found : undefined;
}

function holderOf({ organisationName, timeZone, language, loginAddress }: FoundChallenge): LinkHolder {
  return { organisationName, timeZone, language: languageOf(language) ?? "en", maskedAddress: maskAddress(loginAddress ?? "") };
}
