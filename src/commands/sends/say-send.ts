/** The words for a bulk send: its preview, its progress, its end. The worker edits progress messages with the same words. */
import { sendName, type SendState, type PreviewCounts, type Totals } from "../../domain/bulk-send.ts";
import { SKIP_REASONS, type SkipCounts, type SkipReason } from "../../domain/eligibility.ts";
import type { Button, Reply } from "../reply.ts";
import { sayDuration, sayList, sayMoment, type Voice } from "../say.ts";

/** What a bulk send looks like at one instant. */
export type SendView = {
  number: number;
  state: SendState;
  totals: Totals;
  startedAt: Date | null;
  endedAt: Date | null;
  scheduledAt: Date | null;
};

/** The mail server's trouble, when it holds up the send. */
export type RelayTrouble = { kind: "paused"; until: Date } | { kind: "stopped" } | null;

type ReasonWords = (reason: SkipReason, count: number) => string;

export function sayReasons(skips: SkipCounts, wordsOf: ReasonWords, voice: Voice): string {
  const counted = SKIP_REASONS.map((reason) => ({ reason, count: skips[reason] ?? 0 })).filter(({ count }) => count > 0);
  const most = counted.toSorted((a, b) => b.count - a.count);
  return sayList(
    most.map(({ reason, count }) => `${count} ${wordsOf(reason, count)}`),
    voice,
  );
}

/** Why so many people are left out. Many languages bend the word for where one of them stands. */
export function sayWhy(reason: SkipReason, count: number, { t }: Voice): string {
  const { connections, skips } = t.replies;
  return count === 1 && (reason === "connected" || reason === "deactivated") ? connections[reason] : skips[reason];
}

export function sayCounts(name: string, counts: PreviewCounts, voice: Voice): string {
  const t = voice.t.replies;
  const left = counts.matched - counts.sendable;
  const said = [t.bulk.preview({ name, matched: counts.matched }), t.bulk.willSend({ count: counts.sendable })];
  if (left > 0)
    said.push(t.bulk.willNot({ count: left, reasons: sayReasons(counts.skips, (reason, count) => sayWhy(reason, count, voice), voice) }));
  return said.join(" ");
}

export function sendButton(number: number, action: "pause" | "resume" | "cancel", voice: Voice): Button {
  const t = voice.t.replies.bulk;
  const call = { verb: "job", input: { number, action } };
  switch (action) {
    case "pause":
      return { label: t.pause, style: "plain", call };
    case "resume":
      return { label: t.resume, style: "primary", call };
    case "cancel":
      return {
        label: t.cancel,
        style: "danger",
        call,
        confirm: { title: t.cancelTitle, text: t.cancelText, yes: t.cancelYes, no: t.cancelNo },
      };
  }
}

function retryButton(number: number, count: number, voice: Voice): Button {
  return { label: voice.t.replies.bulk.retry({ count }), style: "primary", call: { verb: "job", input: { number, action: "retry" } } };
}

export function reportButton(number: number, voice: Voice): Button {
  return { label: voice.t.replies.bulk.report, style: "plain", call: { verb: "job", input: { number, action: "report" } } };
}

/** One message for the whole life of a bulk send after its start. */
export function saySend(bulk: SendView, trouble: RelayTrouble, voice: Voice): Reply {
  const t = voice.t.replies.bulk;
  const { totals } = bulk;
  const named = { name: sendName(bulk.number), sent: totals.accepted, total: totals.audience };
  const extras = sayExtras(totals, voice);
  const tail = extras ? `, ${extras}.` : ".";
  const progress = { done: totals.audience - totals.remaining, total: totals.audience };
  const idle = t.idle({ name: named.name, state: voice.t.replies.sendStates[bulk.state] });
  switch (bulk.state) {
    case "previewed":
    case "awaiting-approval":
    case "rejected":
    case "lapsed":
      return { tone: "info", lines: [idle], personal: false };
    case "scheduled":
      return {
        tone: "info",
        lines: [t.scheduled({ name: named.name, at: bulk.scheduledAt ? sayMoment(bulk.scheduledAt, voice) : "–" })],
        buttons: [sendButton(bulk.number, "cancel", voice)],
        personal: false,
      };
    case "running":
      return {
        tone: "info",
        lines: [`${t.progress(named)}${tail}`, ...sayTrouble(trouble, voice)],
        progress,
        buttons: [sendButton(bulk.number, "pause", voice), sendButton(bulk.number, "cancel", voice)],
        personal: false,
      };
    case "paused":
      return {
        tone: "warning",
        lines: [`${t.paused(named)}${tail}`],
        progress,
        buttons: [sendButton(bulk.number, "resume", voice), sendButton(bulk.number, "cancel", voice)],
        personal: false,
      };
    case "cancelled":
      return {
        tone: "warning",
        lines: [totals.audience > 0 ? t.cancelledEnd(named) : idle, ...(extras ? [`${extras}.`] : []), ...sayTwice(totals, voice)],
        personal: false,
      };
    case "completed": {
      const took = sayDuration((bulk.endedAt ?? voice.now).getTime() - (bulk.startedAt ?? voice.now).getTime(), voice);
      const whole = totals.failed + totals.unknown === 0;
      const buttons = [...(totals.failed > 0 ? [retryButton(bulk.number, totals.failed, voice)] : []), reportButton(bulk.number, voice)];
      return {
        tone: whole ? "done" : "warning",
        lines: [`${t.done({ ...named, took })}${extras ? ` ${extras}.` : ""}`, ...sayTwice(totals, voice)],
        buttons,
        personal: false,
      };
    }
  }
}

function sayTwice({ twice }: Totals, voice: Voice): string[] {
  return twice > 0 ? [voice.t.replies.bulk.twice({ count: twice })] : [];
}

export function sayExtras(totals: Totals, voice: Voice): string {
  const t = voice.t.replies;
  const said: string[] = [];
  if (totals.failed > 0) said.push(t.bulk.failed({ count: totals.failed }));
  if (totals.unknown > 0) said.push(t.bulk.unknown({ count: totals.unknown }));
  if (totals.waiting > 0) said.push(t.bulk.waiting({ count: totals.waiting }));
  if (totals.skipped > 0) said.push(sayReasons(totals.skips, (reason) => t.meanwhile[reason], voice));
  if (totals.cancelled > 0) said.push(t.bulk.cancelled({ count: totals.cancelled }));
  return said.join(", ");
}

function sayTrouble(trouble: RelayTrouble, voice: Voice): string[] {
  const t = voice.t.replies.bulk;
  if (!trouble) return [];
  return [trouble.kind === "paused" ? t.relayPaused({ until: sayMoment(trouble.until, voice) }) : t.relayStopped];
}
