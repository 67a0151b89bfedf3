/** What every chat platform does around dispatch: take a request once, know the workspace, say what could not be said. */
import type { Deps } from "../deps.ts";
import { takeInbound } from "../db/inbound-ids.ts";
import { queueReply } from "../db/posts.ts";
import { findOrganisationOf, findPrincipal, notePrincipal } from "../db/principals.ts";
import { listWorkspaces, removeInstall, saveInstall } from "../db/workspaces.ts";
import { openToken, sealToken } from "../domain/sealed-token.ts";
import { languageOf } from "../domain/user.ts";
import { wordsIn } from "../words/words.ts";
import { findActor } from "./actor.ts";
import type { Asker, Platform, PrincipalKey } from "./asker.ts";
import type { ReadyReply } from "./reply.ts";

export type Workspace = { name: string; sealedToken: string | null };

/** True for the first arrival of this id in 7 days. */
export function takeOnce(deps: Deps, platform: Platform, workspace: string, inboundId: string): Promise<boolean> {
  return takeInbound(deps.db, platform, workspace, inboundId);
}

/** The first of `names` that belongs to an organisation of ours; undefined for a foreign workspace. */
export async function findWorkspace(deps: Deps, platform: Platform, names: string[]): Promise<Workspace | undefined> {
  const rows = await listWorkspaces(deps.db, platform, names);
  const row = names.flatMap((name) => rows.filter(({ workspace }) => workspace === name))[0];
  return row && { name: row.workspace, sealedToken: row.sealedToken };
}

/** Keeps a workspace's bot token, sealed. False where no organisation has this workspace. */
export function installWorkspace(deps: Deps, platform: Platform, workspace: string, token: string, botUserId: string): Promise<boolean> {
  const salt = Buffer.from(deps.randomId(32), "base64url");
  const sealedToken = sealToken(deps.keys.token, `${platform}/${workspace}`, token, salt);
  return saveInstall(deps.db, platform, workspace, { sealedToken, botUserId });
}

export function uninstallWorkspace(deps: Deps, platform: Platform, workspace: string): Promise<void> {
  return removeInstall(deps.db, platform, workspace);
}

export function tokenOf(deps: Deps, platform: Platform, workspace: Workspace): string | undefined {
  return workspace.sealedToken === null ? undefined : openToken(deps.keys.token, `${platform}/${workspace.name}`, workspace.sealedToken);
}

/** Has a reply said privately once the platform takes messages again. False where there is nobody to say it to. */
export async function sayLater(deps: Deps, principal: PrincipalKey, reply: ReadyReply): Promise<boolean> {
  const organisation = await findOrganisationOf(deps.db, principal.platform, principal.workspace);
  if (!organisation) return false;
  await notePrincipal(deps.db, organisation.id, principal, null);
  const row = await findPrincipal(deps.db, organisation.id, principal);
  if (!row) return false;
  await queueReply(deps.db, organisation.id, row.id, reply);
  return true;
}

/** The private conversation last noted for a principal; null where there was none yet. */
export async function findConversation(deps: Deps, principal: PrincipalKey): Promise<unknown> {
  const organisation = await findOrganisationOf(deps.db, principal.platform, principal.workspace);
  const row = organisation && (await findPrincipal(deps.db, organisation.id, principal));
  return row?.conversation ?? null;
}

/** Where an answer went, or why it did not come: words that name nobody. */
export async function sayNotice(deps: Deps, asker: Asker, notice: "elsewhere" | "unreached"): Promise<ReadyReply> {
  const actor = await findActor(deps, asker).catch(() => undefined);
  const t = wordsIn(actor?.language ?? languageOf(asker.locale) ?? "en");
  return { tone: "info", lines: [t.replies.notices[notice]], personal: false };
}

/** Said when the time for an answer is up before the work is. */
export function sayWorking(locale: string | undefined): ReadyReply {
  return { tone: "info", lines: [wordsIn(languageOf(locale) ?? "en").replies.notices.working], personal: false };
}

/** Logs what went wrong, once, and gives the words that carry its reference. */
export function apologise(deps: Deps, error: unknown, locale: string | undefined): ReadyReply {
  const reference = Buffer.from(deps.randomId(3), "base64url").toString("hex");
  deps.log.error({ err: error, reference }, "a chat request failed");
  const t = wordsIn(languageOf(locale) ?? "en");
  return { tone: "fault", lines: [t.replies.fault({ reference })], personal: false };
}
