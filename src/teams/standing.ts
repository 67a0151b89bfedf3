/** Whether somebody is a full member of a tenant of ours, by Teams' own word. Never by an e-mail address or a name. */
import { z } from "zod";
import type { Standing } from "../commands/asker.ts";
import { CHANNEL, type Reference, type SpokenCall } from "./inbound.ts";
import { refusalOf, type TeamsApi } from "./post.ts";

const CACHE_MS = 30_000;
const CACHE_SIZE = 1000;

const maybe = z.string().nullish();
const Member = z.object({
  aadObjectId: maybe,
  objectId: maybe,
  userPrincipalName: maybe,
  tenantId: maybe,
  userRole: maybe,
});
type Member = z.infer<typeof Member>;

/** `own`: the person's private chat with us, asked where we are no member of the conversation they speak from. */
export type StandingOf = (call: SpokenCall, own: Reference | undefined) => Promise<Standing>;

/** Looks people up, at most every 30 seconds each. Throws when Teams cannot say. */
export function standings(api: TeamsApi): StandingOf {
  const known = new Map<string, { standing: Standing; until: number }>();
  return async (call, own) => {
    if (call.channel !== CHANNEL || call.tenant === null || call.person === null) return "stranger";
    const key = `${call.tenant}/${call.person}/${call.account}`;
    const now = api.now().getTime();
    const cached = known.get(key);
    if (cached && cached.until > now) return cached.standing;
    const member =
      (await findMember(api, call.here, call.roster, call.account)) ??
      (own && (await findMember(api, own, own.conversation, call.account)));
    const standing: Standing = member && isMember(member, call.tenant, call.person) ? "member" : "stranger";
    if (known.size >= CACHE_SIZE) known.clear();
    known.set(key, { standing, until: now + CACHE_MS });
    return standing;
  };
}

/** Undefined where they are not among the members, or we are not. */
async function findMember(api: TeamsApi, of: Reference, roster: string, account: string): Promise<Member | undefined> {
  try {
    return Member.parse(await api.member(of, roster, account));
  } catch (error) {
    const status = refusalOf(error)?.status;
    if (status === 400 || status === 403 || status === 404) return undefined;
    throw error;
  }
}

/** The Entra object id behind an account that was mentioned; undefined for one we cannot see. */
export async function findPerson(api: TeamsApi, call: SpokenCall, account: string): Promise<string | undefined> {
  const member = await findMember(api, call.here, call.roster, account);
  return member?.aadObjectId ?? member?.objectId ?? undefined;
}

/** Whoever does not say what they are is no member. */
function isMember(member: Member, tenant: string, person: string): boolean {
  const { aadObjectId, objectId, userPrincipalName, tenantId, userRole } = member;
  if ((aadObjectId ?? objectId) !== person) return false;
  if (tenantId && tenantId !== tenant) return false;
  if (userRole && userRole !== "user") return false;
  return Boolean(userPrincipalName) && !/#EXT#/i.test(userPrincipalName ?? "");
}
