/** From the words that name somebody to one user in the actor's sight, a pick list, or nobody. */
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { readAddress } from "../../domain/address.ts";
import { findUser, findUserOfPerson, findUsersByAddress, findUsersByWord, inScope, type UserCard } from "../../db/users.ts";
import type { Actor } from "../asker.ts";
import { plainReply, type Voice } from "../say.ts";
import type { Call, Reply } from "../reply.ts";

/** Who is meant: oneself, a chat person, an address, a User-ID or a name; `user` is one picked from a list. */
export const Who = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("me") }),
  z.object({ kind: z.literal("person"), person: z.string().max(100) }),
  z.object({ kind: z.literal("address"), address: z.string().max(400) }),
  z.object({ kind: z.literal("several"), addresses: z.array(z.string().max(400)).min(2) }),
  z.object({ kind: z.literal("word"), text: z.string().max(200) }),
  z.object({ kind: z.literal("user"), id: z.number().int() }),
]);
export type Who = z.infer<typeof Who>;

const MOST_CANDIDATES = 5;

export type NotFound = { kind: "not-found"; who: string };
/** `asked`: one person, whom several match, or several at once, of whom these are known. */
export type Ambiguous = { kind: "ambiguous"; asked: "one" | "several"; who: string; candidates: UserCard[] };

/** Nobody outside the actor's scope is found, but oneself always is. */
export async function findWho(deps: Deps, actor: Actor, who: Who): Promise<{ kind: "one"; user: UserCard } | NotFound | Ambiguous> {
  const seen = inScope(actor.organisationId, actor.scope, actor.user?.id);
  const named = wordOf(who);
  const found = await candidates(deps, actor, who, seen);
  if (who.kind === "several") return { kind: "ambiguous", asked: "several", who: named, candidates: found };
  const [user] = found;
  if (!user) return { kind: "not-found", who: named };
  return found.length === 1 ? { kind: "one", user } : { kind: "ambiguous", asked: "one", who: named, candidates: found };
}

async function candidates(deps: Deps, actor: Actor, who: Who, seen: ReturnType<typeof inScope>): Promise<UserCard[]> {
  const one = (user: UserCard | undefined) => (user ? [user] : []);
  switch (who.kind) {
    case "me":
      return actor.user ? one(await findUser(deps.db, seen, actor.user.id)) : [];
    case "user":
      return one(await findUser(deps.db, seen, who.id));
    case "person":
      return one(await findUserOfPerson(deps.db, seen, { ...actor.principal, person: who.person }));
    case "address":
      return findByAddress(deps, seen, who.address);
    case "several": {
      const found = new Map<number, UserCard>();
      for (const address of who.addresses) {
        if (found.size > MOST_CANDIDATES) break;
        for (const user of await findByAddress(deps, seen, address)) found.set(user.id, user);
      }
      return [...found.values()];
    }
    case "word":
      return findUsersByWord(deps.db, seen, who.text, MOST_CANDIDATES + 1);
  }
}

async function findByAddress(deps: Deps, seen: ReturnType<typeof inScope>, address: string): Promise<UserCard[]> {
  const read = readAddress(address);
  return read.ok ? findUsersByAddress(deps.db, seen, read.key, MOST_CANDIDATES + 1) : [];
}

function wordOf(who: Who): string {
  switch (who.kind) {
    case "me":
      return "me";
    case "user":
      return String(who.id);
    case "person":
      return `@${who.person}`;
    case "address":
      return who.address;
    case "several":
      return who.addresses.join(", ");
    case "word":
      return who.text;
  }
}

export function sayNotFound(outcome: NotFound, { t }: Voice): Reply {
  return plainReply("refused", [t.replies.notFound({ who: outcome.who }), t.replies.notFoundNext]);
}

/** A pick list: one button a person, each making the same call for that person. */
export function sayAmbiguous({ asked, who, candidates }: Ambiguous, { t }: Voice, callFor: (who: Who) => Call): Reply {
  const isList = candidates.length > 0 && candidates.length <= MOST_CANDIDATES;
  if (!isList)
    return plainReply(
      "refused",
      asked === "several" ? [t.replies.oneAtATime, t.replies.oneAtATimeNext] : [t.replies.ambiguousMore({ who })],
    );
  const where = (user: UserCard) => [user.department, user.company].filter((part) => part !== null).join(", ");
  return {
    tone: "info",
    lines: [asked === "several" ? t.replies.oneAtATime : t.replies.ambiguous({ count: candidates.length, who })],
    items: { rows: candidates.map((user) => ({ title: user.name, detail: `${user.userId} · ${where(user)}` })), more: 0 },
    buttons: candidates.map((user) => ({
      label: `${user.name} (${user.userId})`,
      style: "plain",
      call: callFor({ kind: "user", id: user.id }),
    })),
    personal: true,
  };
}
