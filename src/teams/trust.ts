/** Whether a request comes from the Bot Connector, decided before the SDK sees it: the SDK takes other issuers too, and keeps what they name. */
import { createPublicKey, type KeyObject } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { LIMITS } from "./limits.ts";

export const ISSUER = "https://api.botframework.com";
export const OPENID_METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration";

const FETCH_MS = 2000;
const FRESH_MS = 24 * 60 * 60 * 1000;
/** An unknown key id has the keys fetched again, but not more often than this. */
const AGAIN_MS = 5000;
const RETRY_MS = 1000;
const MOST_TOKEN_CHARACTERS = 8000;

export type SigningKey = { key: KeyObject; endorsements: string[] };

/** `away`: the keys cannot be had, so nobody can be known. */
export type Verdict =
  | { kind: "trusted"; serviceUrl: string; endorsements: string[] }
  | { kind: "refused"; reason: string }
  | { kind: "away" };

export type Trust = {
  check(authorization: string | undefined): Promise<Verdict>;
  /** From the same cache. Rejects when the keys cannot be had. */
  findKey(kid: string): Promise<SigningKey | undefined>;
};

const OpenId = z.object({ jwks_uri: z.url() });
const Jwk = z.object({ kty: z.literal("RSA"), kid: z.string(), n: z.string(), e: z.string(), endorsements: z.array(z.string()).nullish() });
const Jwks = z.object({ keys: z.array(z.unknown()).max(100) });
const Claims = z.object({ iss: z.literal(ISSUER), aud: z.string(), serviceurl: z.url() });
const Header = z.object({ alg: z.literal("RS256"), kid: z.string().min(1).max(200) });

export function createTrust(deps: Deps, appId: string, metadataUrl: string): Trust {
  const findKey = signingKeys(deps, metadataUrl);
  return {
    findKey,
    async check(authorization) {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
      if (token === undefined || token.length > MOST_TOKEN_CHARACTERS) return { kind: "refused", reason: "no token" };
      const claimed = readClaims(token);
      if (!claimed) return { kind: "refused", reason: "not a connector token" };
      if (claimed.aud !== appId) return { kind: "refused", reason: "another audience" };
      let signing: SigningKey | undefined;
      try {
        signing = await findKey(claimed.kid);
      } catch (error) {
        deps.log.warn({ err: error }, "the keys of the Bot Connector cannot be fetched");
        return { kind: "away" };
      }
      if (!signing) return { kind: "refused", reason: "unknown key" };
      try {
        await jwtVerify(token, signing.key, {
          algorithms: ["RS256"],
          issuer: ISSUER,
          audience: appId,
          requiredClaims: ["exp", "nbf"],
          clockTolerance: LIMITS.skewSeconds,
          currentDate: deps.now(),
        });
      } catch {
        return { kind: "refused", reason: "signature or time" };
      }
      return { kind: "trusted", serviceUrl: claimed.serviceurl, endorsements: signing.endorsements };
    },
  };
}

/** What a token says of itself; nothing of it is believed yet. Undefined where it cannot be the connector's. */
function readClaims(token: string): (z.infer<typeof Claims> & { kid: string }) | undefined {
  try {
    const header = Header.safeParse(decodeProtectedHeader(token));
    const claims = Claims.safeParse(decodeJwt(token));
    return header.success && claims.success ? { ...claims.data, kid: header.data.kid } : undefined;
  } catch {
    return undefined;
  }
}

/** Keys once fetched go on to work while the document is away. */
function signingKeys(deps: Deps, metadataUrl: string): Trust["findKey"] {
  let keys = new Map<string, SigningKey>();
  let fetchedAt = -Infinity;
  let nextTryAt = -Infinity;
  let fetching: Promise<void> | undefined;
  let failure: unknown;

  const refresh = async () => {
    try {
      keys = await fetchKeys(metadataUrl);
      fetchedAt = deps.now().getTime();
      nextTryAt = fetchedAt + AGAIN_MS;
      failure = undefined;
    } catch (error) {
      nextTryAt = deps.now().getTime() + RETRY_MS;
      failure = error;
    } finally {
      fetching = undefined;
    }
  };

  return async (kid) => {
    const now = deps.now().getTime();
    const known = keys.get(kid);
    if ((!known || now - fetchedAt > FRESH_MS) && (fetching || now >= nextTryAt)) {
      fetching ??= refresh();
      if (!known) await fetching;
    }
    const found = keys.get(kid) ?? known;
    if (!found && failure !== undefined) throw failure;
    return found;
  };
}

async function fetchKeys(metadataUrl: string): Promise<Map<string, SigningKey>> {
  const { jwks_uri } = OpenId.parse(await fetchJson(metadataUrl));
  const { keys } = Jwks.parse(await fetchJson(jwks_uri));
  return new Map(
    keys.flatMap((each) => {
      const jwk = Jwk.safeParse(each);
      if (!jwk.success) return [];
      const { kid, kty, n, e, endorsements } = jwk.data;
      return [[kid, { key: createPublicKey({ key: { kty, n, e }, format: "jwk" }), endorsements: endorsements ?? [] }] as const];
    }),
  );
}

async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(FETCH_MS) });
  if (!answer.ok) throw new Error(`${new URL(url).host} answered ${answer.status}`);
  return answer.json();
}
