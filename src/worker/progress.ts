/** Says what is due in chat: progress of bulk sends, ends of single mails, replies that waited. Throttling delays words, never effects. */
import type { WorkerDeps } from "../deps.ts";
import { readyReply } from "../commands/ready.ts";
import type { ReadyReply, Reply } from "../commands/reply.ts";
import { sayMailOff, type Voice } from "../commands/say.ts";
import { saySend } from "../commands/sends/say-send.ts";
import { sayReminderRun } from "../commands/sends/say-remind.ts";
import { sayMailEnd } from "../commands/people/say-mail.ts";
import { getSend, getTotals } from "../db/sends.ts";
import { getMailEnd, getMailed } from "../db/deliveries.ts";
import { claimPosts, settlePost, type DuePost } from "../db/posts.ts";
import { getReach } from "../db/principals.ts";
import { findTrouble } from "../db/relays.ts";
import { wordsIn } from "../words/words.ts";

const BATCH = 20;
/** One message is edited at most this often. */
const EDIT_EVERY_MS = 2_000;
const RETRY_MS = [2_000, 5_000, 15_000, 60_000, 300_000];
/** After so many failures in a row (a day and more) a message is given up. */
const MOST_FAILURES = 300;

/** What a post says now; `last` when nothing will follow, `null` when there is nothing to say yet, `never` when there will be nothing. */
type Now = { reply: Reply | ReadyReply; last: boolean } | null | "never";

/** Says what is due and returns how many posts were due. */
export async function postDue(deps: WorkerDeps): Promise<number> {
  const due = await claimPosts(deps.db, BATCH);
  await Promise.all(due.map((post) => sayPost(deps, post)));
  return due.length;
}

async function sayPost(deps: WorkerDeps, post: DuePost): Promise<void> {
  const { organisationId, id, principalId } = post;
  const reach = await getReach(deps.db, organisationId, principalId);
  const voice: Voice = { t: wordsIn(reach.language), timeZone: reach.timeZone, now: deps.now() };
  const now = await sayNow(deps, post, voice, reach);
  if (now === "never") {
    await settlePost(deps.db, organisationId, id, { againAfterMs: null });
    return;
  }
  const said = now && JSON.stringify(now.reply);
  if (!now || (said === post.said && !now.last)) {
    await settlePost(deps.db, organisationId, id, { againAfterMs: EDIT_EVERY_MS });
    return;
  }
  if (said === post.said) {
    await settlePost(deps.db, organisationId, id, { againAfterMs: null });
    return;
  }
  const platform = reach.platform as keyof WorkerDeps["chat"];
  const postTo = deps.chat[platform];
  if (!postTo) {
    await settlePost(deps.db, organisationId, id, { failed: true, againAfterMs: 60_000 });
    return;
  }
  const reply = post.reply ? (now.reply as ReadyReply) : await readyReply(deps, post, now.reply as Reply, `post ${id}`);
  const result = await postTo(
    { platform, workspace: reach.workspace, person: reach.person, conversation: reach.conversation },
    reply,
    post.message,
  );
  switch (result.kind) {
    case "posted":
      await settlePost(deps.db, organisationId, id, {
        message: result.message,
        ...(said === null ? {} : { said }),
        againAfterMs: now.last ? null : EDIT_EVERY_MS,
      });
      return;
    case "later": {
      const backOff = RETRY_MS[Math.min(post.attempts, RETRY_MS.length - 1)] ?? EDIT_EVERY_MS;
      const given = post.attempts >= MOST_FAILURES;
      await settlePost(deps.db, organisationId, id, { failed: true, againAfterMs: given ? null : Math.max(result.afterMs, backOff) });
      return;
    }
    case "gone":
      deps.log.warn({ organisation: organisationId, post: id, why: result.why }, "a chat message cannot be posted");
      await settlePost(deps.db, organisationId, id, { againAfterMs: null });
  }
}

/** What is said anew tells of the owner's switch; a finished reply stays as it was. */
async function sayNow(deps: WorkerDeps, post: DuePost, voice: Voice, reach: { mailStopped: boolean; known: boolean }): Promise<Now> {
  const now = await render(deps, post, voice);
  if (now === null || now === "never" || post.reply) return now;
  const { reply, last } = now;
  return { reply: { ...reply, lines: [...reply.lines, ...sayMailOff(reach, voice)] }, last };
}

async function render(deps: WorkerDeps, post: DuePost, voice: Voice): Promise<Now> {
  const { organisationId } = post;
  if (post.sendId !== null) {
    const [bulk, totals] = [await getSend(deps.db, organisationId, post.sendId), await getTotals(deps.db, organisationId, post.sendId)];
    const ended = bulk.state === "completed" || bulk.state === "cancelled";
    const { reminderNumber } = bulk;
    if (reminderNumber !== null) {
      if (!ended || totals.remaining > 0) return null;
      return totals.accepted + totals.failed + totals.unknown > 0
        ? { reply: sayReminderRun({ ...bulk, reminderNumber, totals }, voice), last: true }
        : "never";
    }
    return { reply: saySend({ ...bulk, totals }, await findTrouble(deps.db, deps.relay), voice), last: ended && totals.remaining === 0 };
  }
  if (post.deliveryId !== null) {
    const end = await getMailEnd(deps.db, organisationId, post.deliveryId);
    if (!end.settled && end.state !== "unknown") return null;
    return { reply: sayMailEnd({ ...(await getMailed(deps.db, organisationId, post.deliveryId)), end }, voice), last: end.settled };
  }
  return { reply: post.reply as ReadyReply, last: true };
}
