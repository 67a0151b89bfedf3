/** Makes a said reply ready for a platform: the state behind each button is kept as a row, the button carries the row's id. */
import { createHmac } from "node:crypto";
import type { Deps } from "../deps.ts";
import { saveActions } from "../db/actions.ts";
import type { ReadyButton, ReadyReply, Reply } from "./reply.ts";

type Owner = { organisationId: number; principalId: number };

const ID_BYTES = 16;

/** Buttons answer only to `owner`. With `of`, the same buttons of the same thing keep their ids, so that an edited message makes no new rows. */
export async function readyReply(deps: Deps, owner: Owner, reply: Reply, of?: string): Promise<ReadyReply> {
  const rows: { id: string; call: unknown; once: boolean }[] = [];
  const buttons = (reply.buttons ?? []).map((button): ReadyButton => {
    if ("url" in button) return button;
    const { call, once = false, ...shown } = button;
    const id =
      of === undefined
        ? deps.randomId(ID_BYTES)
        : stableId(deps, `${owner.organisationId}/${owner.principalId}/${of}/${JSON.stringify(call)}`);
    rows.push({ id, call, once });
    return { ...shown, actionId: id };
  });
  await saveActions(deps.db, owner.organisationId, owner.principalId, rows);
  const { buttons: _said, ...rest } = reply;
  return buttons.length > 0 ? { ...rest, buttons } : rest;
}

function stableId(deps: Deps, text: string): string {
  return createHmac("sha256", deps.keys.form).update(text).digest().subarray(0, ID_BYTES).toString("base64url");
}
