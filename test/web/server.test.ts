import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import express from "express";
import { eq } from "drizzle-orm";
import { describe, expect, it, onTestFinished } from "vitest";
import { users } from "../../src/db/schema/tables.ts";
import { openPostgres, type Db } from "../../src/db/client.ts";
import { linkToken } from "../../src/domain/challenge.ts";
import { CONTENT_SECURITY_POLICY } from "../../src/web/headers.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { fieldsOf, mailedUser, serveWeb } from "../support/web.ts";

const { db } = await testDatabase();
const deps = testDeps(db);

/** The whole answer as it came over the wire, without its date; `fetch` would mend what is sent. */
function raw(url: string, head: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(`${head}\r\n\r\n`));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () =>
      resolve(
        Buffer.concat(chunks)
          .toString("latin1")
          .replace(/^Date: .*\r\n/m, ""),
      ),
    );
    socket.on("error", reject);
  });
}
const rawGet = (url: string, path: string) => raw(url, `GET ${path} HTTP/1.1\r\nHost: verify.example\r\nConnection: close`);

/** A database server that takes connections and says nothing. */
async function silentDatabase(): Promise<Db> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  const { port } = server.address() as AddressInfo;
  const database = openPostgres(`postgres://nobody@127.0.0.1:${port}/nothing`);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await database.close();
  });
  return database.db;
}

describe("a link that is not ours", () => {
  it("gets the same bytes, whatever is wrong with it", async () => {
    const url = await serveWeb(deps);
    const { organisation, user, challenge, token } = await mailedUser(db, deps);
    const other = await mailedUser(db, deps);
    const reset = await insert.challenge(db, organisation.id, user.id, { purpose: "reset" });
    const of = (facts: Partial<Parameters<typeof linkToken>[1]>, keys = deps.keys.link) =>
      linkToken(keys, { ...challenge, purpose: "verify", ...facts });
    const [version = "", kid = "", id = "", mac = ""] = token.split(".");
    const bad = [
      "",
      "/",
      "x",
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      `${token}/x`,
      `${token}%00`,
      "%00",
      "%",
      "%E0%A4%A",
      "%2e%2e%2fstyle.css",
      token.toUpperCase(),
      token.toLowerCase(),
      token.replace("v1", "v2"),
      token.replace(".", "%2E"),
      [version, "9", id, mac].join("."),
      [version, "__proto__", id, mac].join("."),
      [version, kid, `0${id}`, mac].join("."),
      [version, kid, "999999999999999", mac].join("."),
      [version, kid, "99999999999999999999999", mac].join("."),
      [version, kid, `${id};select`, mac].join("."),
      [version, kid, String(other.challenge.id), mac].join("."),
      "a".repeat(10_000),
      `?t=${token}`,
      `?t=${token}&t=${token}`,
      `?t[]=${token}`,
      "%F0%9F%92%8C",
      encodeURIComponent("<script>alert(1)</script>"),
      of({ id: reset.id, purpose: "reset" }),
      of({ id: reset.id }),
      of({ purpose: "reset" }),
      of({ organisationId: other.organisation.id }),
      of({ userId: other.user.id }),
      of({ addressVersion: 2 }),
      of({}, { current: kid, byId: { [kid]: randomBytes(32) } }),
    ];
    const answers = await Promise.all(bad.map((each) => rawGet(url, `/verify/${each}`)));
    expect(answers[0]).toMatch(/^HTTP\/1\.1 404 /);
    expect(new Set(answers).size).toBe(1);
    const posted = await Promise.all(
      bad.slice(2).map((each) => fetch(`${url}/verify/${each}`, { method: "POST", body: new URLSearchParams({ form: "x" }) })),
    );
    expect(new Set(posted.map((answer) => answer.status))).toEqual(new Set([404]));
    expect(new Set(await Promise.all(posted.map((answer) => answer.text()))).size).toBe(1);
  });

  it("is the same page that any other wrong path gets, and a verify link opens no other route", async () => {
    const url = await serveWeb(deps);
    const { token } = await mailedUser(db, deps);
    const [wrong, ...others] = await Promise.all(
      ["/verify/x", `/reset/${token}`, "/", "/no/such/page", `/Verify/${token}`].map((path) => rawGet(url, path)),
    );
    expect(new Set(others)).toEqual(new Set([wrong]));
  });

  it.each([
    ["sv-SE,sv;q=0.9,en;q=0.8", "sv"],
    ["de, nn;q=0.5, en;q=0.2", "nb"],
    ["da;q=0, fi;q=0.1", "fi"],
    ["de", "en"],
    [",;q=;;,%%%", "en"],
  ])("is answered in the browser's language: %s", async (wish, language) => {
    const url = await serveWeb(deps);
    const answer = await fetch(`${url}/verify/x`, { headers: { "accept-language": wish } });
    expect(await answer.text()).toContain(`<html lang="${language}">`);
  });
});

describe("every response", () => {
  const broken = express.Router().get("/slack/broken", () => {
    throw new Error("secret detail");
  });
  const WANTED = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "strict-transport-security": expect.stringContaining("max-age=31536000") as string,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
  };

  it("carries the security headers and does not say what it runs on", async () => {
    const url = await serveWeb(deps, { slack: broken });
    const { token } = await mailedUser(db, deps);
    const expired = await mailedUser(db, deps, { challenge: { expiresAt: new Date(0) } });
    const asked: [string, string, number][] = [
      ["GET", `/verify/${token}`, 200],
      ["HEAD", `/verify/${token}`, 200],
      ["OPTIONS", `/verify/${token}`, 200],
      ["POST", `/verify/${token}`, 403],
      ["DELETE", `/verify/${token}`, 405],
      ["GET", `/verify/${expired.token}`, 410],
      ["GET", "/verify/x", 404],
      ["GET", "/style.css", 200],
      ["POST", "/style.css", 405],
      ["GET", "/livez", 200],
      ["GET", "/readyz", 200],
      ["GET", "/metrics", 200],
      ["GET", "/", 404],
      ["PROPFIND", "/", 404],
      ["GET", "/slack/broken", 500],
    ];
    for (const [method, path, status] of asked) {
      const answer = await fetch(url + path, { method });
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(Object.fromEntries(answer.headers)).toMatchObject(WANTED);
      expect([answer.headers.get("x-powered-by"), answer.headers.get("server"), answer.headers.get("etag")]).toEqual([null, null, null]);
    }
    expect(CONTENT_SECURITY_POLICY).toBe(WANTED["content-security-policy"]);
  });

  it("has them too where the request is not HTTP or too long", async () => {
    const url = await serveWeb(deps);
    for (const [request, status] of [
      ["nonsense", 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}`, 431],
    ] as const) {
      const answer = await raw(url, request);
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer.toLowerCase()).toContain(`content-security-policy: ${CONTENT_SECURITY_POLICY.toLowerCase()}`);
    }
  });

  it("hides a fault behind a reference that the log line carries", async () => {
    const logged: object[] = [];
    const url = await serveWeb({ ...deps, log: { ...deps.log, error: (fields) => void logged.push(fields) } }, { slack: broken });
    const text = await (await fetch(`${url}/slack/broken`)).text();
    expect(text).not.toContain("secret detail");
    const [, reference] = /reference: ([0-9a-f]{6})\./.exec(text) ?? [];
    expect(logged).toMatchObject([{ reference }]);
  });
});

describe("what a request says about the host", () => {
  it("changes nothing on the page, and does not make a press of another origin ours", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps);
    const evil = { host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", forwarded: "host=evil.example" };
    const page = await (await fetch(`${url}/verify/${token}`, { headers: evil })).text();
    expect(page).not.toContain("evil");
    expect(page).toBe(await (await fetch(`${url}/verify/${token}`)).text());
    const body = new URLSearchParams(fieldsOf(page));
    const pressed = await fetch(`${url}/verify/${token}`, { method: "POST", headers: { ...evil, origin: "https://evil.example" }, body });
    expect(pressed.status).toBe(403);
    expect((await db.select().from(users).where(eq(users.id, user.id)))[0]?.verifiedAt).toBeNull();
  });

  it.each(["return_to=//evil.example", "next=https:evil.example", "redirect=%5C%5Cevil.example", "url=javascript:alert(1)"])(
    "nor does ?%s",
    async (query) => {
      const url = await serveWeb(deps);
      const { token } = await mailedUser(db, deps);
      const answer = await fetch(`${url}/verify/${token}?${query}`, { redirect: "manual" });
      expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
      expect(await answer.text()).not.toMatch(/evil|javascript/);
    },
  );

  it("puts the stylesheet below a public URL that has a path", async () => {
    const below = { ...deps, publicUrl: "https://acme.example/verify-bot" };
    const url = await serveWeb(below);
    expect(await (await fetch(`${url}/no/such/page`)).text()).toContain('href="/verify-bot/style.css"');
  });
});

describe("with a database that does not answer", () => {
  it("200 requests all get their 503 within 5 s, while the process says that it lives", async () => {
    const { token } = await mailedUser(db, deps);
    const url = await serveWeb({ ...deps, db: await silentDatabase() });
    const started = performance.now();
    const asked = Promise.all(
      Array.from({ length: 200 }, async () => {
        const answer = await fetch(`${url}/verify/${token}`);
        return {
          status: answer.status,
          retryAfter: answer.headers.get("retry-after"),
          text: await answer.text(),
          ms: performance.now() - started,
        };
      }),
    );
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const answers = await asked;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(5000);
    expect(answers[0]?.retryAfter).toMatch(/^\d+$/);
    expect(answers[0]?.text).toContain("Back in a moment");
  });

  it("says so at once where the connection is refused", async () => {
    const { token } = await mailedUser(db, deps);
    const database = openPostgres("postgres://nobody@127.0.0.1:1/nothing");
    onTestFinished(() => database.close());
    const url = await serveWeb({ ...deps, db: database.db });
    const answer = await fetch(`${url}/verify/${token}`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "10"]);
  });

  it.each([
    ["true", 200],
    ["false", 503],
    ["an error", 503],
  ])("readiness follows what it is told: %s", async (what, status) => {
    const ready = () => (what === "an error" ? Promise.reject(new Error("no")) : Promise.resolve({ ok: what === "true" }));
    const url = await serveWeb(deps, { ready });
    expect((await fetch(`${url}/readyz`)).status).toBe(status);
  });
});
