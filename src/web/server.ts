/** Everything that is answered over HTTP. Links are built from PUBLIC_URL; nothing is read from Host or X-Forwarded-*. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from "express";
import { sayFault, sayMessage } from "../commands/link/page.ts";
import type { Deps } from "../deps.ts";
import { isBearer } from "./bearer.ts";
import { bouncesRoute, type BounceIntake } from "./bounces.ts";
import { createGate, isGateClosed, within } from "./gate.ts";
import { securityHeaders } from "./headers.ts";
import { onlyRead } from "./methods.ts";
import { presentPage } from "./page.ts";
import { STYLESHEET } from "./style.ts";
import { verifyPage, type Show } from "./verify-page.ts";

/** What other rooms answer. Routers carry their full paths and read their own bodies; the playground's is mounted on `/playground`. */
export type WebParts = {
  slack?: Router | undefined;
  teams?: RequestHandler | undefined;
  playground?: Router | undefined;
  bounces?: BounceIntake | undefined;
  ready(): Promise<{ ok: boolean }>;
  /** Answered where `metrics` is there: to everyone, or with `token` to whoever shows it. */
  metrics?: Metrics | undefined;
};

export type Metrics = { token: string | undefined; read(): Promise<{ type: string; body: string }> };

/** Ten thousand may wait: that many people do open a mail at once. With a database that hangs, waiting and work together end within 5 s. */
const LIMITS = { running: 1_000, waiting: 10_000, stuckMs: 2000, workMs: 2800 };
const RETRY_AFTER_S = 10;

export function createWeb(deps: Deps, parts: WebParts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", false);
  app.set("case sensitive routing", true);
  app.set("strict routing", true);
  const show = showBelow(deps.publicUrl);

  app.use(securityHeaders);
  onlyRead(app, "/livez", (_request, response) => void response.type("text/plain").send("ok\n"));
  onlyRead(app, "/readyz", async (_request, response) => {
    const ready = await within(LIMITS.workMs, parts.ready()).catch(() => ({ ok: false }));
    if (!ready.ok) response.set("Retry-After", String(RETRY_AFTER_S));
    response.status(ready.ok ? 200 : 503).json(ready);
  });
  if (parts.metrics) onlyRead(app, "/metrics", answerMetrics(parts.metrics));
  onlyRead(app, "/style.css", (_request, response) => void response.type("text/css").send(STYLESHEET));
  app.use("/verify", verifyPage(deps, createGate(LIMITS), show));
  if (parts.bounces) app.use(bouncesRoute(parts.bounces));
  if (parts.slack) app.use(parts.slack);
  if (parts.teams) app.use(parts.teams);
  if (parts.playground) {
    onlyRead(app, "/", (_request, response) => response.redirect("/playground"));
    app.use("/playground", parts.playground);
  }
  app.use((request, response) => show(response, 404, sayMessage("missing", request.get("accept-language"))));
  app.use(answerFault(deps, show));
  return app;
}

function answerMetrics({ token, read }: Metrics): RequestHandler {
  return async (request, response) => {
    if (token !== undefined && !isBearer(request, token)) return void response.status(401).set("WWW-Authenticate", "Bearer").end();
    const { type, body } = await within(LIMITS.workMs, read());
    response.set("Content-Type", type).send(body);
  };
}

/** Nothing but the metrics, for a port of their own. */
export function createMetricsWeb(metrics: Metrics): Express {
  const app = express();
  app.disable("x-powered-by");
  onlyRead(app, "/metrics", answerMetrics(metrics));
  return app;
}

/** Sends pages that stand below `publicUrl`, which may have a path of its own. */
function showBelow(publicUrl: string): Show {
  const base = new URL(publicUrl).pathname.replace(/\/$/, "");
  return (response, status, page, formToken) => {
    if (status === 503 || status === 429) response.set("Retry-After", String(RETRY_AFTER_S));
    response
      .status(status)
      .type("html")
      .send(presentPage(page, base, formToken));
  };
}

function answerFault(deps: Deps, show: Show): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const language = request.get("accept-language");
    if (isGateClosed(error)) {
      deps.meter.count("requests_turned_away");
      return show(response, 503, sayMessage("busy", language));
    }
    if (isRequestFault(error)) return show(response, 404, sayMessage("missing", language));
    const reference = Buffer.from(deps.randomId(3), "base64url").toString("hex");
    deps.log.error({ method: request.method, reference, err: error }, "answered 500");
    return show(response, 500, sayFault(reference, language));
  };
}

/** Express's own complaint about a request: a path that cannot be decoded. */
function isRequestFault(error: unknown): boolean {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 500;
}
