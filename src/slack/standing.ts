/** Whether somebody is a full member of a workspace of ours, by Slack's own word. Never by an e-mail address. */
import { z } from "zod";
import type { Standing } from "../commands/asker.ts";
import { errorOf, type SlackApi } from "./post.ts";

const CACHE_MS = 30_000;
const CACHE_SIZE = 1000;

const Flag = z.boolean().nullish();
const UserInfo = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string().nullish(),
    deleted: Flag,
    is_bot: Flag,
    is_workflow_bot: Flag,
    is_restricted: Flag,
    is_ultra_restricted: Flag,
    is_stranger: Flag,
    locale: z.string().nullish(),
    enterprise_user: z.object({ enterprise_id: z.string(), teams: z.array(z.string()).default([]) }).nullish(),
  }),
});
type User = z.infer<typeof UserInfo>["user"];

export type Stood = { standing: Standing; locale: string | undefined };

/** Looks people up, at most every 30 seconds each. Throws when Slack cannot say. */
export function standings(api: SlackApi): (workspace: string, token: string, person: string) => Promise<Stood> {
  const known = new Map<string, Stood & { until: number }>();
  return async (workspace, token, person) => {
    const key = `${workspace}/${person}`;
    const now = api.now().getTime();
    const cached = known.get(key);
    if (cached && cached.until > now) return cached;
    if (known.size >= CACHE_SIZE) known.clear();
    const stood = { ...(await lookUp(api, workspace, token, person)), until: now + CACHE_MS };
    known.set(key, stood);
    return stood;
  };
}

async function lookUp({ client }: SlackApi, workspace: string, token: string, person: string): Promise<Stood> {
  try {
    const { user } = UserInfo.parse(await client.users.info({ token, user: person, include_locale: true }));
    return { standing: user.id === person && isMember(user, workspace) ? "member" : "stranger", locale: user.locale ?? undefined };
  } catch (error) {
    const code = errorOf(error);
    if (code === "user_not_found" || code === "user_not_visible") return { standing: "stranger", locale: undefined };
    throw error;
  }
}

function isMember(user: User, workspace: string): boolean {
  const refused = [user.deleted, user.is_bot, user.is_workflow_bot, user.is_restricted, user.is_ultra_restricted, user.is_stranger];
  if (refused.includes(true)) return false;
  const { enterprise_user: inside } = user;
  return user.team_id === workspace || inside?.enterprise_id === workspace || (inside?.teams.includes(workspace) ?? false);
}
