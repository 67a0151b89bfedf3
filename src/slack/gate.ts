/** Stands in front of Bolt's receiver, which takes timestamps of the future, any body shape and any number of bytes. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { parse } from "node:querystring";
import type { Request, RequestHandler, Response } from "express";
import type { Deps } from "../deps.ts";
import { readCall } from "./inbound.ts";
import { LIMITS } from "./limits.ts";

const FORM_TYPE = "application/x-www-form-urlencoded";
const READ_MS = 10_000;

/** Lets through what Slack signed, now, and what this app can get; answers everything else itself. Leaves the bytes in `rawBody` for Bolt. */
export function gate(deps: Deps, signingSecret: string): RequestHandler {
  return async (request, response, next) => {
    const bytes = await readBytes(request);
    if (typeof bytes === "number") return refuse(response, bytes, true);
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

function refuse(response: Response, status: number, close = false): void {
  if (response.headersSent || response.destroyed) return;
  if (close) response.setHeader("connection", "close");
  response.status(status).end();
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

/** Undefined when Slack sent this in the last five minutes. `clock`: it did, but our clocks disagree. */
function whyDistrusted(request: Request, bytes: Buffer, signingSecret: string, now: Date): "header" | "signature" | "clock" | undefined {
  const { "x-slack-signature": signature, "x-slack-request-timestamp": timestamp } = request.headers;
  if (typeof signature !== "string" || !/^v0=[0-9a-f]{64}$/.test(signature)) return "header";
  if (typeof timestamp !== "string" || !/^[1-9]\d{9}$/.test(timestamp)) return "header";
  const expected = createHmac("sha256", signingSecret).update(`v0:${timestamp}:`).update(bytes).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature.slice(3), "hex"))) return "signature";
  return Math.abs(now.getTime() / 1000 - Number(timestamp)) > LIMITS.skewSeconds ? "clock" : undefined;
}

/** What Bolt will read from the same bytes; undefined where it is no text, no JSON, or nested beyond reason. */
function readBody(bytes: Buffer, isForm: boolean): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!isForm) return parseJson(text);
    const fields = parse(text);
    return typeof fields["payload"] === "string" ? parseJson(fields["payload"]) : { ...fields };
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  if (nestingOf(text) > LIMITS.nesting) throw new Error("nested too deep");
  return JSON.parse(text);
}

function nestingOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at];
    if (quoted && sign === "\\") at += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === "[" || sign === "{")) deepest = Math.max(deepest, (depth += 1));
    else if (!quoted && (sign === "]" || sign === "}")) depth -= 1;
  }
  return deepest;
}
