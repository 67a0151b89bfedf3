import { describe, expect, it } from "vitest";
import { listen } from "../../src/web/listen.ts";
import { createMetricsWeb } from "../../src/web/server.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import { serveWeb } from "../support/web.ts";

const { db } = await testDatabase();
const deps = testDeps(db);
const read = () => Promise.resolve({ type: "text/plain", body: "counted 1\n" });
const statusOf = async (url: string, authorization?: string) =>
  (await fetch(url, authorization === undefined ? {} : { headers: { authorization } })).status;

describe("the metrics", () => {
  it("The public port serves none without a token", async () => {
    expect(await statusOf(`${await serveWeb(deps, { metrics: undefined })}/metrics`)).toBe(404);
  });

  it("The public port serves them to whoever shows the token", async () => {
    const url = `${await serveWeb(deps, { metrics: { token: "a-long-enough-token", read } })}/metrics`;
    expect(await statusOf(url)).toBe(401);
    expect(await statusOf(url, "Bearer another-token")).toBe(401);
    expect(await statusOf(url, "Basic a-long-enough-token")).toBe(401);
    expect(await statusOf(url, "Bearer a-long-enough-token")).toBe(200);
  });

  it("A port of their own serves nothing else", async () => {
    const own = await listen(createMetricsWeb({ token: undefined, read }), { port: 0, host: "127.0.0.1" });
    const url = `http://127.0.0.1:${own.port}`;
    expect([await statusOf(`${url}/metrics`), await statusOf(`${url}/livez`), await statusOf(`${url}/verify/x`)]).toEqual([200, 404, 404]);
    own.server.closeAllConnections();
    await own.close();
  });
});
