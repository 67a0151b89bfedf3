/** Stands in front of the SDK, which answers 500 to bad tokens, takes any body shape, any channel and any service URL. */
import type { Request, RequestHandler, Response } from "express";
import type { Deps } from "../deps.ts";
import { type Arrived, readCall } from "./inbound.ts";
import { LIMITS } from "./limits.ts";
import { isOurHost } from "./post.ts";
import type { Trust } from "./trust.ts";

const READ_MS = 10_000;
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

    const bytes = await readBytes(request);
    if (typeof bytes === "number") return refuse(bytes, "body");
    const arrived = readCall(readJson(bytes));
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

/** The body, or the status that says why not. Never holds more than the limit, and never waits for the rest of an endless one. */
function readBytes(request: Request): Promise<Buffer | number> {
  if (Number(request.headers["content-length"] ?? 0) > LIMITS.body) return Promise.resolve(413);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (result: Buffer | number) => {
      clearTimeout(timer);
      request.off("data", take);
      request.pause();
      resolve(result);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > LIMITS.body) return end(413);
      chunks.push(chunk);
    };
    const timer = setTimeout(() => end(408), READ_MS);
    request.on("data", take);
    request.once("end", () => end(size === 0 ? 400 : Buffer.concat(chunks)));
    request.once("error", () => end(400));
    request.once("close", () => end(400));
  });
}

/** Undefined where it is no text, no JSON, or nested beyond reason. */
function readJson(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    let depth = 0;
    for (const [sign] of text.replace(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[[\]{}]/g)) {
      depth += sign === "[" || sign === "{" ? 1 : -1;
      if (depth > LIMITS.nesting) return undefined;
    }
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
