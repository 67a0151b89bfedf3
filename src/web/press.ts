/** What a form of ours posted, and whether it really is a form of ours. */
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import express, { type Request, type Response } from "express";

const parse = express.urlencoded({ extended: false, limit: 4096, parameterLimit: 8 });

/** The token that ties a page's form to the link it was shown for. */
export function formTokens(key: Buffer): (link: string) => string {
  const secret = createSecretKey(key);
  return (link) => createHmac("sha256", secret).update(`v1|form|${link}`).digest("base64url");
}

/** The fields of the form; none where the body is too large, malformed or of another type. */
export async function readFields(request: Request, response: Response): Promise<Record<string, string>> {
  const failed = await new Promise<unknown>((resolve) => {
    parse(request, response, resolve);
  });
  const body: unknown = failed ? undefined : request.body;
  if (typeof body !== "object" || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter((field): field is [string, string] => typeof field[1] === "string"));
}

/**
 * Our page's own form: its token, and a browser that says the press came from our origin. A browser keeps to `no-referrer` by sending
 * `Origin: null` even to ourselves, so that is taken where Sec-Fetch-Site vouches instead; another origin never is.
 */
export function isOwnPress(request: Request, formToken: string | undefined, expected: { formToken: string; origin: string }): boolean {
  const site = request.get("sec-fetch-site");
  const origin = request.get("origin");
  if (site !== undefined && site !== "same-origin") return false;
  if (origin !== expected.origin && !(site === "same-origin" && (origin === undefined || origin === "null"))) return false;
  return formToken !== undefined && sameText(formToken, expected.formToken);
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
