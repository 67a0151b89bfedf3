import type { RequestListener } from "node:http";
import { onTestFinished } from "vitest";
import type { Deps } from "../../src/deps.ts";
import { linkToken } from "../../src/domain/challenge.ts";
import { listen } from "../../src/web/listen.ts";
import { createWeb, type WebParts } from "../../src/web/server.ts";
import type { Db } from "../../src/db/client.ts";
import * as insert from "./insert.ts";

const QUIET: WebParts = {
  ready: () => Promise.resolve({ ok: true }),
  metrics: { token: undefined, read: () => Promise.resolve({ type: "text/plain", body: "" }) },
};

type Done = (close: () => Promise<void>) => void;

/** Our pages on a port of their own until the end of the test. */
export async function serveWeb(deps: Deps, parts: Partial<WebParts> = {}): Promise<string> {
  return (await serveFrom(() => deps, parts, onTestFinished)).url;
}

/** Our pages with a public URL that a browser reaches. `done` says when they end. */
export function servePublicWeb(deps: Deps, parts: Partial<WebParts>, done: Done): Promise<{ url: string; deps: Deps }> {
  return serveFrom((publicUrl) => ({ ...deps, publicUrl }), parts, done);
}

async function serveFrom(depsAt: (url: string) => Deps, parts: Partial<WebParts>, done: Done): Promise<{ url: string; deps: Deps }> {
  let answer: RequestListener = (_request, response) => response.end();
  const web = await listen((request, response) => answer(request, response), { port: 0, host: "127.0.0.1" });
  done(async () => {
    web.server.closeAllConnections();
    await web.close();
  });
  const url = `http://127.0.0.1:${web.port}`;
  const deps = depsAt(url);
  answer = createWeb(deps, { ...QUIET, ...parts });
  return { url, deps };
}

type Wanted = Parameters<typeof insert.user>[2] & { challenge?: Parameters<typeof insert.challenge>[3]; language?: string };

/** A pending user of an organisation of their own, and the link in their mail. */
export async function mailedUser(db: Db, deps: Deps, { challenge: ofChallenge, ...ofUser }: Wanted = {}) {
  const organisation = await insert.organisation(db);
  const user = await insert.user(db, organisation.id, ofUser);
  const challenge = await insert.challenge(db, organisation.id, user.id, ofChallenge);
  return { organisation, user, challenge, token: tokenOf(deps, challenge) };
}

export function tokenOf(deps: Deps, row: Awaited<ReturnType<typeof insert.challenge>>): string {
  return linkToken(deps.keys.link, { ...row, purpose: row.purpose === "reset" ? "reset" : "verify" });
}

/** The hidden fields of a page's form. */
export function fieldsOf(page: string): Record<string, string> {
  const found = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"\s*\/?>/g);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, value]));
}

/** Opens a link and presses its button, as a browser does. */
export async function press(deps: Pick<Deps, "publicUrl">, link: string, headers: Record<string, string> = {}): Promise<Response> {
  const page = await (await fetch(link)).text();
  const own = { origin: new URL(deps.publicUrl).origin, "sec-fetch-site": "same-origin" };
  return fetch(link, { method: "POST", headers: { ...own, ...headers }, body: new URLSearchParams(fieldsOf(page)) });
}
