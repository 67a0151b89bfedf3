import { sendName } from "../../domain/bulk-send.ts";
import type { Button, Reply } from "../reply.ts";
import { plainReply, type Voice } from "../say.ts";

export function approvalButtons(number: number, { t: { replies } }: Voice): Button[] {
  return [
    { label: replies.approval.approve, style: "primary", call: { verb: "approve", input: { number } } },
    { label: replies.approval.reject, style: "danger", call: { verb: "reject", input: { number } } },
    { label: replies.bulk.showList, style: "plain", call: { verb: "bulk-list", input: { number } } },
  ];
}

/** To an admin who may approve: the count, who asks, and what to press. */
export function sayAsked(asked: { number: number; sendable: number; by: string | null }, voice: Voice): Reply {
  const t = voice.t.replies;
  const said = t.approval.request({ name: sendName(asked.number), count: asked.sendable, by: asked.by ?? t.bulk.someone });
  return { ...plainReply("info", [said]), buttons: approvalButtons(asked.number, voice) };
}
