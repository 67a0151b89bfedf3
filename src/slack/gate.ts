/** Stands in front of Bolt's receiver, which takes timestamps of the future, any body shape and any number of bytes. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { parse } from "node:querystring";
import type { Request, RequestHandler, Response } from "express";
import type { Deps } from "../deps.ts";
import { holdsControl, parseJson, readBytes, textOf } from "../wire/body.ts";
import { readCall } from "./inbound.ts";
import { LIMITS } from "./limits.ts";

const FORM_TYPE = "application/x-www-form-urlencoded";

/** Lets through what Slack signed, now, and what this app can get; answers everything else itself. Leaves the bytes in `rawBody` for Bolt. */
export function gate(deps: Deps, signingSecret: string): RequestHandler {
  return async (request, response, next) => {
    const bytes = await readBytes(request, LIMITS.body);
    if (typeof bytes === "number") return refuse(response, bytes, "close");
    const isForm = request.headers["content-type"] === FORM_TYPE;
    if (isForm && parse(bytes.toString("latin1"))["ssl_check"] === "1") return void response.status(200).end();
    const distrust = whyDistrusted(request, bytes, signingSecret, deps.now());
    if (distrust) {
      deps.log.warn({ reason: distrust }, "a Slack request was refused");
      deps.meter.count("slack_refused", { reason: distrust });
      return refuse(response, 401);
    }
    const body = readBody(bytes, isForm);
    const call = readCall(body);
    if (!call) {
      deps.log.warn({ reason: "malformed" }, "a Slack request was refused");
      return refuse(response, 400);
    }
    const challenged = call.kind === "ignored" && (body as { type?: unknown }).type === "url_verification";
    if (call.kind === "ignored" && !challenged) return void response.status(200).end();
    Object.assign(request, { rawBody: bytes });
    next();
  };
}

function refuse(response: Response, status: number, connection?: "close"): void {
  if (response.headersSent || response.destroyed) return;
  if (connection) response.setHeader("connection", connection);
  response.status(status).end();
}

/** Undefined when Slack sent this in the last five minutes. `clock`: it did, but our clocks disagree. */
function whyDistrusted(request: Request, bytes: Buffer, signingSecret: string, now: Date): "header" | "signature" | "clock" | undefined {
  const { "x-slack-signature": signature, "x-slack-request-timestamp": timestamp } = request.headers;
  if (typeof signature !== "string" || !/^v0=[0-9a-f]{64}$/.test(signature)) return "header";
  if (typeof timestamp !== "string" || !/^[1-9]\d{9}$/.test(timestamp)) return "header";
  const expected = createHmac("sha256", signingSecret).update(`v0:${timestamp}:`).update(bytes).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature.slice(3), "hex"))) return "signature";
  return Math.abs(now.getTime() / 1000 - Number(timestamp)) > LIMITS.skewSeconds ? "clock" : undefined;
}

/** What Bolt will read from the same bytes; undefined where it is no text, no JSON, nested beyond reason, or holds control characters. */
function readBody(bytes: Buffer, isForm: boolean): unknown {
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  const fields = isForm ? parse(text) : undefined;
  const payload = fields?.["payload"];
  const body = !fields ? parseJson(text, LIMITS.nesting) : typeof payload === "string" ? parseJson(payload, LIMITS.nesting) : { ...fields };
  return holdsControl(body) ? undefined : body;
}
