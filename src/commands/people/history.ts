import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { inTransaction, withBulkTime } from "../../db/client.ts";
import { countEvents, listEvents, listEventsOf, listMailsOf, type AuditRow } from "../../db/history.ts";
import type { UserCard } from "../../db/users.ts";
import type { AuditAction } from "../../domain/audit.ts";
import { sendName } from "../../domain/bulk-send.ts";
import { writeCsv } from "../../files/write-csv.ts";
import { AUDIT_WORDS } from "../language/aliases.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { readOnePerson, refuseFlags } from "../read-line.ts";
import type { Item, Reply } from "../reply.ts";
import { MOST_ROWS, plainReply, sayCut, sayMoment, type Voice } from "../say.ts";
import { findWho, sayAmbiguous, sayNotFound, Who, type Ambiguous, type NotFound } from "./who.ts";

const SHOWN = 15;

const Text = z.coerce.string().optional();
const Change = z.object({ setting: Text, from: Text, to: Text, reason: Text });

const History = z.object({ who: Who });

type Mails = Awaited<ReturnType<typeof listMailsOf>>;
type HistoryOutcome = { kind: "found"; user: UserCard; events: AuditRow[]; mails: Mails } | Ambiguous | NotFound;

/**
 * Who did what to one user, and every mail. Mails are told by their rows, not by the events that queued them or sent them back, unless a rule
 * was overridden.
 */
async function history(deps: Deps, actor: Actor, { who }: z.infer<typeof History>): Promise<HistoryOutcome> {
  const found = await findWho(deps, actor, who);
  if (found.kind !== "one") return found;
  const { user } = found;
  const [events, mails] = await Promise.all([
    listEventsOf(deps.db, actor.organisationId, user.id, SHOWN),
    listMailsOf(deps.db, actor.organisationId, user.id, SHOWN),
  ]);
  const told = events.filter(({ action }) => action !== "bounce" && action !== "resend");
  return { kind: "found", user, events: told.map((event) => ({ ...event, userId: null })), mails };
}

function sayHistory(outcome: HistoryOutcome, voice: Voice): Reply {
  const t = voice.t.replies.history;
  switch (outcome.kind) {
    case "not-found":
      return sayNotFound(outcome, voice);
    case "ambiguous":
      return sayAmbiguous(outcome, voice, (who) => ({ verb: "history", input: { who } }));
    case "found": {
      const dated = [
        ...outcome.events.map((event) => ({ at: event.at, item: sayEvent(event, voice) })),
        ...outcome.mails.map((mail) => ({ at: mail.settledAt ?? mail.createdAt, item: sayMail(mail, voice) })),
      ];
      const rows = dated.toSorted((a, b) => b.at.getTime() - a.at.getTime()).map((each) => each.item);
      const { name } = outcome.user;
      if (rows.length === 0) return plainReply("info", [t.nothing({ name })], true);
      return {
        tone: "info",
        lines: [t.title({ name })],
        items: { rows: rows.slice(0, SHOWN), more: Math.max(0, rows.length - SHOWN) },
        personal: true,
      };
    }
  }
}

function sayEvent(event: AuditRow, voice: Voice): Item {
  const t = voice.t.replies.history;
  const by = event.by ? t.by({ name: event.by }) : t.bySystem;
  const subject = [event.userId, event.bulk === null ? null : sendName(event.bulk)].filter((each) => each !== null).join(" · ");
  return {
    title: `${sayMoment(event.at, voice)} · ${sayAction(event.action, voice.t.replies.actions)}`,
    detail: [by, subject, sayDetail(event)].filter(Boolean).join(" · "),
  };
}

/** All that is noted has words; a row of an earlier version may hold what is noted no more. */
function sayAction(action: string, words: Record<AuditAction, string>): string {
  return Object.entries(words).find(([noted]) => noted === action)?.[1] ?? action;
}

/** What an admin gave as the reason, and what a setting was and is. */
function sayDetail({ detail }: AuditRow): string {
  const { setting, from, to, reason } = Change.parse(detail ?? {});
  if (setting !== undefined) return `${setting}: ${from ?? "–"} → ${to ?? "–"}`;
  return reason === undefined ? "" : `“${reason}”`;
}

function sayMail(mail: Mails[number], voice: Voice): Item {
  const t = voice.t.replies;
  const detail = [
    mail.by ? t.history.by({ name: mail.by }) : "",
    mail.bulk === null ? "" : sendName(mail.bulk),
    mail.state === "accepted" ? "" : (mail.serverAnswer ?? ""),
  ];
  return {
    title: `${sayMoment(mail.settledAt ?? mail.createdAt, voice)} · ${t.history.mail({ state: t.status.mailStates[mail.state] })}`,
    detail: detail.filter(Boolean).join(" · "),
  };
}

export const historyCommand = command({
  verb: "history",
  usage: ["history anna@company.se"],
  input: History,
  need: "read",
  read(line, voice) {
    const refused = refuseFlags(line, "history", [], voice);
    if (refused) return refused;
    const read = readOnePerson(line, "history anna@company.se", voice);
    return "who" in read ? { input: { who: read.who } } : read;
  },
  run: history,
  say: (outcome, voice) => ({ reply: sayHistory(outcome, voice) }),
});

const Audit = z.object({ export: z.boolean().default(false) });
/** `count`: of all there are, for a file. */
type AuditOutcome = { events: AuditRow[]; count: number; whole: boolean };

/** The audit trail within the reader's scope; an export is itself recorded. */
async function audit(deps: Deps, actor: Actor, input: z.infer<typeof Audit>): Promise<AuditOutcome> {
  const { organisationId, principalId } = actor;
  if (!input.export) {
    const events = await listEvents(deps.db, actor, SHOWN);
    return { events, count: events.length, whole: false };
  }
  return inTransaction(deps.db, async (tx) => {
    await withBulkTime(tx);
    const events = await listEvents(tx, actor, MOST_ROWS);
    const count = events.length < MOST_ROWS ? events.length : await countEvents(tx, actor);
    await noteAudit(tx, { organisationId, principalId, action: "audit-export", detail: { rows: events.length } });
    return { events, count, whole: true };
  });
}

export const auditCommand = command({
  verb: "audit",
  usage: ["audit", "audit export"],
  input: Audit,
  need: "read",
  read(line, voice) {
    const refused = refuseFlags(line, "audit", [], voice);
    if (refused) return refused;
    const [word, ...rest] = line.words.map((each) => each.text);
    if (rest.length > 0 || (word !== undefined && !AUDIT_WORDS.find(word)))
      return {
        missing: plainReply("refused", [
          voice.t.replies.badValue({ found: word ?? "", example: "audit export" }),
          voice.t.replies.typeHelp,
        ]),
      };
    return { input: { export: word !== undefined } };
  },
  run: audit,
  say({ events, count, whole }, voice) {
    const t = voice.t.replies;
    if (events.length === 0) return { reply: plainReply("info", [t.history.noEvents], true) };
    if (!whole)
      return {
        reply: {
          tone: "info",
          lines: [t.history.latest({ count: events.length })],
          items: { rows: events.map((event) => sayEvent(event, voice)), more: 0 },
          personal: true,
        },
      };
    const header = [t.report.at, t.history.action, t.history.doneBy, t.report.userId, t.history.bulkSend, t.history.detail];
    const rows = events.map((event) => [
      event.at.toISOString(),
      event.action,
      event.by ?? "",
      event.userId ?? "",
      event.bulk === null ? "" : sendName(event.bulk),
      event.detail ? JSON.stringify(event.detail) : "",
    ]);
    const lines = [t.history.exported({ count: events.length }), ...sayCut(events.length, count, voice)];
    return { reply: { tone: "done", lines, file: { name: "audit.csv", type: "text/csv", text: writeCsv(header, rows) }, personal: true } };
  },
});
