import { bulkName } from "../domain/bulk-send.ts";
import type { Button, Reply } from "./reply.ts";
import { plainReply, type Voice } from "./say.ts";

/** To an admin who may approve: the count, who asks, and both buttons. */
export function sayAsked(asked: { number: number; sendable: number; by: string | null }, voice: Voice): Reply {
  const t = voice.t.replies;
  const name = bulkName(asked.number);
  const buttons: Button[] = [
    { label: t.approval.approve, style: "primary", call: { verb: "approve", input: { number: asked.number } } },
    { label: t.approval.reject, style: "danger", call: { verb: "reject", input: { number: asked.number } } },
    { label: t.bulk.showList, style: "plain", call: { verb: "bulk-list", input: { number: asked.number } } },
  ];
  return { ...plainReply("info", [t.approval.request({ name, count: asked.sendable, by: asked.by ?? t.bulk.someone })]), buttons };
}
