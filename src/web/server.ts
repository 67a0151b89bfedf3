/** Everything that is answered over HTTP. Links are built from PUBLIC_URL; nothing is read from Host or X-Forwarded-*. */
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response, type Router } from "express";
import { confirm, sendNewLink, viewLink, type ConfirmOutcome, type LinkView, type NewLinkOutcome } from "../commands/confirm.ts";
import { isDatabaseAway, within } from "../db/faults.ts";
import type { Deps } from "../deps.ts";
import { createGate, isGateClosed, type Gate } from "./gate.ts";
import { securityHeaders } from "./headers.ts";
import { framed, type Page } from "./html.ts";
import { faultPage, messagePage } from "./message-page.ts";
import { formTokenOf, isOwnPress, readFields } from "./press.ts";
import { STYLESHEET } from "./style.ts";
import { verifyPage } from "./verify-page.ts";

/** What other rooms answer. Routers carry their full paths and read their own bodies; the playground's is mounted on `/playground`. */
export type WebParts = {
  slack?: Router | undefined;
  teams?: Router | undefined;
  playground?: Router | undefined;
  ready(): Promise<{ ok: boolean; [fact: string]: unknown }>;
  metrics(): Promise<{ type: string; body: string }>;
};

/** Ten thousand may wait: that many people do open a mail at once. With a database that hangs, waiting and work together end within 5 s. */
const GATE = { running: 32, waiting: 10_000, stuckMs: 2000 };
const WORK_WITHIN_MS = 2800;
const RETRY_AFTER_S = 10;

export function createWeb(deps: Deps, parts: WebParts): Express {
  const app = express();
  const show = pagesBelow(deps.publicUrl);
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", false);
  app.set("case sensitive routing", true);
  app.set("strict routing", true);

  app.use(securityHeaders);
  reading(app, "/livez", (_request, response) => void response.type("text/plain").send("ok\n"));
  reading(app, "/readyz", async (_request, response) => {
    const ready = await within(WORK_WITHIN_MS, parts.ready()).catch(() => ({ ok: false }));
    if (!ready.ok) response.set("Retry-After", String(RETRY_AFTER_S));
    response.status(ready.ok ? 200 : 503).json(ready);
  });
  reading(app, "/metrics", async (_request, response) => {
    const { type, body } = await parts.metrics();
    response.set("Content-Type", type).send(body);
  });
  reading(app, "/style.css", (_request, response) => void response.type("text/css").send(STYLESHEET));
  app.use("/verify", verifyRoute(deps, createGate(GATE), show));
  if (parts.slack) app.use(parts.slack);
  if (parts.teams) app.use(parts.teams);
  if (parts.playground) app.use("/playground", parts.playground);
  app.use(missing(show));
  app.use(failed(deps, show));
  return app;
}

function missing(show: Show): RequestHandler {
  return (request, response) => show(response, messagePage("missing", request.get("accept-language")));
}

/** A path that may only be read. */
function reading(app: Express, path: string, answer: RequestHandler): void {
  app.get(path, answer);
  app.all(path, (request, response) => methods(request, response, "GET, HEAD"));
}

function methods(request: Request, response: Response, allow: string): void {
  response
    .status(request.method === "OPTIONS" ? 200 : 405)
    .set("Allow", allow)
    .end();
}

type Show = (response: Response, page: Page) => void;

/** Sends pages that stand below `publicUrl`, which may have a path of its own. */
function pagesBelow(publicUrl: string): Show {
  const base = new URL(publicUrl).pathname.replace(/\/$/, "");
  return (response, page) => {
    if (page.status === 503 || page.status === 429) response.set("Retry-After", String(RETRY_AFTER_S));
    response.status(page.status).type("html").send(framed(page, base));
  };
}

/** The link is taken from the raw path: decoding would give one link many spellings. */
function verifyRoute(deps: Deps, gate: Gate, show: Show): RequestHandler {
  const { origin } = new URL(deps.publicUrl);
  return async (request, response, next) => {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD" && method !== "POST") return methods(request, response, "GET, HEAD, POST");
    const token = request.path.slice(1);
    const formToken = formTokenOf(deps.keys.form, token);
    const fields = method === "POST" ? await readFields(request, response) : {};
    const own = method === "POST" && isOwnPress(request, fields["form"], { formToken, origin });
    const act = async (): Promise<LinkView | ConfirmOutcome | NewLinkOutcome> => {
      if (!own) return viewLink(deps, token);
      return fields["do"] === "new-link" ? sendNewLink(deps, token) : confirm(deps, token);
    };
    const shown = await gate.run(() => within(WORK_WITHIN_MS, act()));
    if (shown.kind === "unknown") return next();
    if (method === "POST" && !own) return show(response, messagePage("refused", request.get("accept-language")));
    if (method === "POST") deps.meter.count("link_presses", { outcome: shown.kind });
    return show(response, verifyPage(shown, { formToken, login: deps }));
  };
}

function failed(deps: Deps, show: Show): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const language = request.get("accept-language");
    if (isGateClosed(error) || isDatabaseAway(error)) {
      deps.log.warn({ method: request.method, err: error }, "answered 503");
      return show(response, messagePage("busy", language));
    }
    if (isRequestFault(error)) return show(response, messagePage("missing", language));
    const reference = Buffer.from(deps.randomId(3), "base64url").toString("hex");
    deps.log.error({ method: request.method, reference, err: error }, "answered 500");
    return show(response, faultPage(reference, language));
  };
}

/** Express's own complaint about a request: a path that cannot be decoded. */
function isRequestFault(error: unknown): boolean {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 500;
}
