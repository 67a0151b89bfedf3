/** Stands in front of the SDK, which answers 500 to bad tokens, takes any body shape, any channel and any service URL. */
import type { RequestHandler, Response } from "express";
import type { Deps } from "../deps.ts";
import { holdsControl, parseJson, readBytes, textOf } from "../wire/body.ts";
import { type Arrived, readCall } from "./inbound.ts";
import { LIMITS } from "./limits.ts";
import { isOurHost } from "./post.ts";
import type { Trust } from "./trust.ts";

const RETRY_AFTER_S = 5;

/** Lets through what the Bot Connector sent us, and leaves it read in `response.locals.arrived`; answers everything else itself. */
export function gate(deps: Deps, trust: Trust, serviceHosts: string[]): RequestHandler {
  return async (request, response, next) => {
    const refuse = (status: number, reason: string) => {
      deps.log.warn({ reason }, "a Teams request was refused");
      deps.meter.count("teams_refused", { reason });
      if (response.headersSent || response.destroyed) return;
      if (!request.complete) response.setHeader("connection", "close");
      if (status === 503) response.setHeader("retry-after", String(RETRY_AFTER_S));
      response.status(status).end();
    };
    const verdict = await trust.check(request.headers.authorization);
    if (verdict.kind === "away") return refuse(503, "keys away");
    if (verdict.kind === "refused") return refuse(401, verdict.reason);

    const bytes = await readBytes(request, LIMITS.body);
    if (typeof bytes === "number") return refuse(bytes, "body");
    const arrived = readCall(readBody(bytes));
    if (!arrived) return refuse(400, "malformed");
    const { channelId, serviceUrl } = arrived.activity;
    if (serviceUrl !== verdict.serviceUrl) return refuse(401, "another service");
    if (verdict.endorsements.length > 0 && !verdict.endorsements.includes(channelId)) return refuse(401, "channel not endorsed");
    if (!isOurHost(serviceUrl, serviceHosts)) return refuse(403, "service not allowed");
    leave(response, arrived);
    next();
  };
}

function leave(response: Response, arrived: Arrived): void {
  response.locals["arrived"] = arrived;
}

/** What the gate left for the handler behind it. */
export function arrivedIn(response: Response): Arrived {
  return response.locals["arrived"] as Arrived;
}

/** Undefined where it is no text, no JSON, nested beyond reason, or holds control characters. */
function readBody(bytes: Buffer): unknown {
  const body = parseJson(textOf(bytes) ?? "", LIMITS.nesting);
  return holdsControl(body) ? undefined : body;
}
