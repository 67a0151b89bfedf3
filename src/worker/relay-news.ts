/** Tells the owners once when no mail leaves, and once when it does again. */
import { plainReply } from "../commands/say.ts";
import { tellEach } from "../commands/tell.ts";
import { inTransaction } from "../db/client.ts";
import { listOwners } from "../db/owners.ts";
import { takeRelayNews, type RelayNews } from "../db/relays.ts";
import type { WorkerDeps } from "../deps.ts";
import type { Reply } from "../commands/reply.ts";
import type { Voice } from "../commands/say.ts";

/** A shorter rest is a mail server's everyday way to ask for patience. */
const NEWS_PAUSE_MS = 120_000;

export function tellRelayNews(deps: WorkerDeps): Promise<void> {
  return inTransaction(deps.db, async (tx) => {
    const news = await takeRelayNews(tx, deps.relay, NEWS_PAUSE_MS);
    if (!news) return;
    for (const { organisationId, principalIds } of await listOwners(tx))
      await tellEach(deps, tx, organisationId, principalIds, (voice) => sayNews(news, voice));
  });
}

function sayNews(news: RelayNews, { t }: Voice): Reply {
  const say = t.replies.relayNews;
  switch (news.kind) {
    case "stopped":
      return plainReply("warning", [say.stopped, t.replies.resend.answer({ answer: news.answer }), say.nothingLost]);
    case "paused":
      return plainReply("warning", [say.paused, t.replies.resend.answer({ answer: news.answer }), say.nothingLost]);
    case "works":
      return plainReply("done", [say.works]);
  }
}
