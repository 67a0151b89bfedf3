import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { workspaces } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import { event, fakeSlack, slackWire } from "../support/fake-slack.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const slack = await fakeSlack();
const deps = testDeps(db);
const many = { clientId: "1.2", clientSecret: "client-secret" };
const wire = await slackWire(deps, slack, many);
const acme = await insert.organisation(db);
const TOKENS: Record<string, string> = { T1: "xoxb-token-of-one", T2: "xoxb-token-of-two" };

async function install(team: string) {
  const start = await fetch(`${wire.url}/slack/install`, { redirect: "manual" });
  const to = new URL(start.headers.get("location") ?? "");
  const cookie = (start.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const access = {
    access_token: TOKENS[team] ?? "xoxb-token-of-nobody",
    token_type: "bot",
    scope: "commands",
    bot_user_id: "UBOT",
    app_id: "A1",
    team: { id: team },
    enterprise: null,
    is_enterprise_install: false,
    authed_user: { id: "U1" },
  };
  slack.script("oauth.v2.access", () => ({ body: access }));
  const back = `${wire.url}/slack/oauth_redirect?code=c&state=${encodeURIComponent(to.searchParams.get("state") ?? "")}`;
  return { to, answer: await fetch(back, { headers: { cookie } }), again: () => fetch(back) };
}

const rowOf = async (workspace: string) => (await db.select().from(workspaces).where(eq(workspaces.workspace, workspace)))[0];

beforeEach(async () => {
  await db.delete(workspaces);
  slack.told.length = 0;
});

describe("installing", () => {
  it("sends the admin to Slack with the scopes of the manifest, and back to the public address", async () => {
    await insert.workspace(db, acme.id, { workspace: "T1" });
    const { to } = await install("T1");
    expect(to.origin).toBe("https://slack.com");
    expect(to.searchParams.get("scope")).toBe("commands,chat:write,im:history,users:read,users:read.email,files:read,files:write");
    expect(to.searchParams.get("redirect_uri")).toBe("https://verify.example/slack/oauth_redirect");
  });

  it("keeps the token sealed, and speaks with it", async () => {
    await insert.workspace(db, acme.id, { workspace: "T1" });
    await insert.workspace(db, acme.id, { workspace: "T2" });
    expect((await install("T1")).answer.status).toBe(200);
    expect((await install("T2")).answer.status).toBe(200);
    expect(JSON.stringify(await db.select().from(workspaces))).not.toContain("xoxb");
    for (const workspace of ["T1", "T2"]) {
      const target = { platform: "slack", workspace, person: "U7", conversation: null } as const;
      await wire.app.postTo(target, { tone: "info", lines: ["Hello"], personal: false }, null);
    }
    const posted = slack.told.filter(({ method }) => method === "chat.postMessage");
    expect(posted.map(({ token }) => token)).toEqual([TOKENS["T1"], TOKENS["T2"]]);
  });

  it("does not open a token that was moved to another workspace's row", async () => {
    await insert.workspace(db, acme.id, { workspace: "T1" });
    await install("T1");
    const row = await rowOf("T1");
    await insert.workspace(db, acme.id, { workspace: "T2", sealedToken: row?.sealedToken ?? null });
    const target = { platform: "slack", workspace: "T2", person: "U7", conversation: null } as const;
    expect(await wire.app.postTo(target, { tone: "info", lines: ["Hello"], personal: false }, null)).toEqual({
      kind: "gone",
      why: "no token",
    });
  });

  it("is refused to a workspace of no organisation", async () => {
    const { answer } = await install("T404");
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("organisation create <name> --slack-team T404");
    expect(await db.select().from(workspaces)).toEqual([]);
  });

  it("is refused to a browser that did not start it", async () => {
    await insert.workspace(db, acme.id, { workspace: "T1" });
    const { again } = await install("T404");
    expect((await again()).status).toBe(400);
    expect((await rowOf("T1"))?.sealedToken).toBeNull();
  });
});

describe("an uninstalled workspace", () => {
  it.each([
    ["the app is removed", { type: "app_uninstalled" }],
    ["its bot token is revoked", { type: "tokens_revoked", tokens: { bot: ["UBOT"] } }],
  ])("is forgotten when %s, and comes back with a new install", async (_, inner) => {
    await insert.workspace(db, acme.id, { workspace: "T1" });
    await install("T1");
    await wire.event(event(inner));
    await vi.waitUntil(async () => (await rowOf("T1"))?.removedAt);
    expect((await rowOf("T1"))?.sealedToken).toBeNull();
    await install("T1");
    expect(await rowOf("T1")).toMatchObject({ removedAt: null, sealedToken: expect.stringMatching(/^s1\./) as string });
  });

  it("stays when only a person's token is revoked, or when the token is configured", async () => {
    await insert.workspace(db, acme.id, { workspace: "T1", sealedToken: "s1.x.y.z" });
    await insert.workspace(db, acme.id, { workspace: "T2" });
    await wire.event(event({ type: "tokens_revoked", tokens: { oauth: ["U1"] } }));
    await wire.event(event({ type: "app_uninstalled" }, { team_id: "T2" }));
    await wire.app.stop();
    expect((await db.select().from(workspaces)).map(({ removedAt }) => removedAt)).toEqual([null, null]);
  });
});
