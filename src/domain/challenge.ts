/** One outstanding proof, as a link: made, read and checked. Nothing in the database opens a link; it is rebuilt from the row and the link key. */
import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from "node:crypto";
import type { Purpose } from "./delivery.ts";

export const LINK_TTL_MS: Record<Purpose, number> = { verify: 24 * 60 * 60_000, reset: 30 * 60_000 };

/** By key id: the current key, and while rotating the previous one. */
export type LinkKeys = { current: string; byId: Record<string, Buffer> };

/** What a link vouches for. `id` is the challenge's, `userId` the user row's. */
export type LinkFacts = { id: number; organisationId: number; userId: number; purpose: Purpose; addressVersion: number };

export type ReadToken = { kid: string; challengeId: number; mac: string };

const TOKEN = /^v1\.([A-Za-z0-9_-]{1,32})\.([1-9][0-9]{0,14})\.([A-Za-z0-9_-]{43})$/;

/** `v1.<key id>.<challenge id>.<mac>`. The same facts and key give the same token, so that a retry carries the same link. */
export function linkToken(keys: LinkKeys, facts: LinkFacts): string {
  const key = keyOf(keys, keys.current);
  if (!key) throw new Error(`no link key "${keys.current}"`);
  return `v1.${keys.current}.${facts.id}.${macOf(key, facts)}`;
}

/** The parts of a well-formed token; proves nothing yet. */
export function readToken(text: string): ReadToken | undefined {
  const [, kid, id, mac] = TOKEN.exec(text) ?? [];
  return kid && id && mac ? { kid, challengeId: Number(id), mac } : undefined;
}

/** Whether `token` was made by us for exactly these facts. */
export function vouches(keys: LinkKeys, token: ReadToken, facts: LinkFacts): boolean {
  const key = keyOf(keys, token.kid);
  if (!key || token.challengeId !== facts.id) return false;
  // Compared as text: two spellings of one mac would be two tokens.
  return timingSafeEqual(Buffer.from(token.mac), Buffer.from(macOf(key, facts)));
}

/** Making a new key object for each mac would cost five times as much as the mac. */
const keyObjects = new WeakMap<Buffer, KeyObject>();

function keyOf(keys: LinkKeys, kid: string): KeyObject | undefined {
  const bytes = Object.hasOwn(keys.byId, kid) ? keys.byId[kid] : undefined;
  if (!bytes) return undefined;
  const key = keyObjects.get(bytes) ?? createSecretKey(bytes);
  keyObjects.set(bytes, key);
  return key;
}

function macOf(key: KeyObject, { purpose, organisationId, id, userId, addressVersion }: LinkFacts): string {
  return createHmac("sha256", key).update(`v1|${purpose}|${organisationId}|${id}|${userId}|${addressVersion}`).digest("base64url");
}

export type ChallengeFacts = {
  used: boolean;
  superseded: boolean;
  /** By the database's clock. */
  expired: boolean;
  sameAddress: boolean;
  verified: boolean;
  activated: boolean;
};

/** `expired` also means used by somebody whose connection has since been removed: a new link helps both. */
export type LinkState = "open" | "already-confirmed" | "expired" | "changed" | "inactive";

/** The state of a verify challenge, for choosing a page's words; whether it may be used is decided by the statement that uses it. */
export function linkStateOf(facts: ChallengeFacts): LinkState {
  if (!facts.sameAddress) return "changed";
  if (!facts.activated) return "inactive";
  if (facts.verified) return "already-confirmed";
  return facts.used || facts.superseded || facts.expired ? "expired" : "open";
}
