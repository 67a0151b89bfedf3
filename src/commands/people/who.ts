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
  z.object({ kind: z.literal("word"), text: z.string().max(200) }),
  z.object({ kind: z.literal("user"), id: z.number().int() }),
]);
export type Who = z.infer<typeof Who>;

const MOST_CANDIDATES = 5;

export type NotFound = { kind: "not-found"; who: string };
export type Ambiguous = { kind: "ambiguous"; who: string; candidates: UserCard[] };

/** Nobody outside the actor's scope is found, but oneself always is. */
export async function findWho(deps: Deps, actor: Actor, who: Who): Promise<{ kind: "one"; user: UserCard } | NotFound | Ambiguous> {
  const seen = inScope(actor.organisationId, actor.scope, actor.user?.id);
  const named = wordOf(who);
  const found = await candidates(deps, actor, who, seen);
  const [user] = found;
  if (!user) return { kind: "not-found", who: named };
  return found.length === 1 ? { kind: "one", user } : { kind: "ambiguous", who: named, candidates: found };
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
    case "address": {
      const read = readAddress(who.address);
      return read.ok ? findUsersByAddress(deps.db, seen, read.key, MOST_CANDIDATES + 1) : [];
    }
    case "word":
      return findUsersByWord(deps.db, seen, who.text, MOST_CANDIDATES + 1);
  }
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
    case "word":
      return who.text;
  }
}

export function sayNotFound(outcome: NotFound, { t }: Voice): Reply {
  return plainReply("refused", [t.replies.notFound({ who: outcome.who }), t.replies.notFoundNext]);
}

/** A pick list: one button a person, each making the same call for that person. */
export function sayAmbiguous(outcome: Ambiguous, { t }: Voice, callFor: (who: Who) => Call): Reply {
  if (outcome.candidates.length > MOST_CANDIDATES) return plainReply("refused", [t.replies.ambiguousMore({ who: outcome.who })]);
  const where = (user: UserCard) => [user.department, user.company].filter((part) => part !== null).join(", ");
  return {
    tone: "info",
    lines: [t.replies.ambiguous({ count: outcome.candidates.length, who: outcome.who })],
    items: { rows: outcome.candidates.map((user) => ({ title: user.name, detail: `${user.userId} · ${where(user)}` })), more: 0 },
    buttons: outcome.candidates.map((user) => ({
      label: `${user.name} (${user.userId})`,
      style: "plain",
      call: callFor({ kind: "user", id: user.id }),
    })),
    personal: true,
  };
}
