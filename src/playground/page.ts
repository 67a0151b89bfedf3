/** Serves the playground's page and its modules, as they are in `page/`. */
import { dirname } from "node:path";
import express, { type RequestHandler, type Router } from "express";

const FOLDER = new URL("page/", import.meta.url).pathname;
/** The official renderer of Adaptive Cards, as its package ships it for browsers. */
const CARDS = dirname(new URL(import.meta.resolve("adaptivecards/dist/adaptivecards.js")).pathname);

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What a captured mail may do in its frame: show its own styles and inline pictures, and open links in a new tab. */
const MAIL_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
  "sandbox allow-popups allow-popups-to-escape-sandbox",
].join("; ");

const headers =
  (policy: string): RequestHandler =>
  (_request, response, next) => {
    response.set({
      "Content-Security-Policy": policy,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-store",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
    });
    next();
  };

export const pageHeaders = headers(PAGE_POLICY);
export const mailHeaders = headers(MAIL_POLICY);

export function pageFiles(): Router {
  const router = express.Router();
  router.get("/login", (_request, response) => response.sendFile("login.html", { root: FOLDER, cacheControl: false }));
  router.get("/", (_request, response) => response.sendFile("index.html", { root: FOLDER, cacheControl: false }));
  router.get("/vendor/adaptivecards.js", (_request, response) =>
    response.sendFile("adaptivecards.js", { root: CARDS, cacheControl: false }),
  );
  router.use(express.static(FOLDER, { index: false, cacheControl: false, redirect: false }));
  return router;
}
