/** `/verify/<token>`: the link of a verification mail. Reading changes nothing; a press of the page's button does. */
import type { RequestHandler, Response } from "express";
import { openLinks, PRESSES, type LinkOutcome, type Press } from "../commands/link/confirm.ts";
import { sayLink, sayMessage, type Page } from "../commands/link/page.ts";
import type { Deps } from "../deps.ts";
import type { Gate } from "./gate.ts";
import { answerMethods } from "./methods.ts";
import { formTokens, isOwnPress, readFields } from "./press.ts";

const STATUS: Record<LinkOutcome["kind"], number> = {
  open: 200,
  confirmed: 200,
  "already-confirmed": 200,
  "not-needed": 200,
  queued: 200,
  "in-flight": 200,
  unknown: 404,
  undeliverable: 409,
  expired: 410,
  changed: 410,
  inactive: 410,
  wait: 429,
  away: 503,
};

/** A link, and behind it what mail programs and people take along: the end of a sentence, a bracket, a space. No token ends so. */
const LINK = /^(v1\.[\w-]{1,32}\.\d{1,15}\.[\w-]{43})(?:[.,;:!?)\]>'"/*]|%20|%22|%27|%29|%3C|%3E|%5D|%C2%A0|&gt;)*$/i;

export type Show = (response: Response, status: number, page: Page, formToken?: string) => void;

export function verifyPage(deps: Deps, gate: Gate, show: Show): RequestHandler {
  const { origin } = new URL(deps.publicUrl);
  const formTokenOf = formTokens(deps.keys.form);
  const followLink = openLinks(deps);
  return async (request, response, next) => {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD" && method !== "POST") return answerMethods(request, response, "GET, HEAD, POST");
    // Taken from the raw path: decoding would give one link many spellings.
    const given = request.path.slice(1);
    const token = LINK.exec(given)?.[1] ?? given;
    const formToken = formTokenOf(token);
    const fields = method === "POST" ? await readFields(request, response) : {};
    const own = method === "POST" && isOwnPress(request, fields["form"], { formToken, origin });
    const press: Press = PRESSES.find((each) => each === fields["do"]) ?? "confirm";
    const outcome = await gate.run(() => followLink(token, own ? press : undefined));
    if (outcome.kind === "unknown") return next();
    if (own) deps.meter.count("link_presses", { outcome: outcome.kind });
    const language = request.get("accept-language");
    if (outcome.kind === "away") return show(response, STATUS.away, sayMessage("busy", language));
    if (method === "POST" && !own) return show(response, 403, sayMessage("refused", language));
    return show(response, STATUS[outcome.kind], sayLink(outcome, deps, deps.now()), formToken);
  };
}
