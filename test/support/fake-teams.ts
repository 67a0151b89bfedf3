/** The Teams side of the wire on one port: OpenID document, keys, login service and connector, recording what they are told; and activities with tokens as the connector makes them. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { SignJWT } from "jose";
import { afterAll } from "vitest";
import type { Deps } from "../../src/deps.ts";
import { startApp, type TeamsApp, type TeamsSettings } from "../../src/teams/app.ts";

export const APP_ID = "11111111-2222-4333-8444-555555555555";
export const TENANT = "aaaaaaaa-0000-4000-8000-000000000001";
const BOT = `28:${APP_ID}`;
const ISSUER = "https://api.botframework.com";

type Body = Record<string, unknown>;
export type Told = { method: string; path: string; token: string | undefined; body: Body };
type Scripted = { status?: number; headers?: Record<string, string>; body?: unknown };
type Script = (told: Told) => Scripted | undefined;

/** What the connector is asked for: new messages, edits, members, private chats; and the login service for tokens. */
export type Asked = "send" | "edit" | "member" | "open" | "token" | "keys";

export type FakeTeams = {
  origin: string;
  serviceUrl: string;
  told: Told[];
  toldTo(asked: Asked): Told[];
  /** Waits until something was asked for `count` times in all. */
  until(asked: Asked, count?: number): Promise<Told[]>;
  script(asked: Asked, script: Script | undefined): void;
  /** Takes the port away, or brings it back. */
  listen(up: boolean): Promise<void>;
  /** New keys in the document; the old ones are gone from it. */
  rotate(): void;
  key(): { kid: string; privateKey: KeyObject; publicKey: KeyObject };
  settings(over?: Partial<TeamsSettings>): TeamsSettings;
};

const askedOf = (method: string, path: string): Asked | undefined => {
  if (path.startsWith("/login/")) return "token";
  if (path.startsWith("/openid") || path.startsWith("/keys")) return "keys";
  if (/\/members\//.test(path)) return "member";
  if (/\/v3\/conversations\/?$/.test(path)) return "open";
  if (/\/activities/.test(path)) return method === "PUT" ? "edit" : "send";
  return undefined;
};

/** The object id of the made-up person behind an account. */
export const objectIdOf = (account: string): string => account.replace(/^29:/, "person-");

export async function fakeTeams(): Promise<FakeTeams> {
  const told: Told[] = [];
  const scripts = new Map<Asked, Script>();
  let counter = 0;
  let kids = 0;
  const newKey = () => ({ kid: `key-${(kids += 1)}`, ...generateKeyPairSync("rsa", { modulusLength: 2048 }) });
  let key = newKey();
  let origin = "";
  const usual: Record<Asked, Script> = {
    send: () => ({ status: 201, body: { id: `message-${(counter += 1)}` } }),
    edit: ({ path }) => ({ body: { id: path.split("/").at(-1) } }),
    member: ({ path }) => {
      const account = decodeURIComponent(path.split("/").at(-1) ?? "");
      const name = objectIdOf(account);
      return {
        body: { id: account, name, aadObjectId: name, userPrincipalName: `${name}@acme.example`, tenantId: TENANT, userRole: "user" },
      };
    },
    open: ({ body }) => ({ status: 201, body: { id: `a:opened-${String((body["members"] as { id: string }[])[0]?.id)}` } }),
    token: () => ({ body: { token_type: "Bearer", access_token: `token-${(counter += 1)}`, expires_in: 3600 } }),
    keys: ({ path }) =>
      path.startsWith("/openid")
        ? { body: { issuer: ISSUER, jwks_uri: `${origin}/keys`, id_token_signing_alg_values_supported: ["RS256"] } }
        : { body: { keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: key.kid, use: "sig", endorsements: ["msteams"] }] } },
  };
  const wire = express()
    .use(express.json({ limit: "1mb" }), express.urlencoded({ extended: false }), express.text({ type: "application/octet-stream" }))
    .use((request, response) => {
      const { method, path } = request;
      const sent: unknown = request.body ?? {};
      const asked = askedOf(method, path);
      if (!asked) return void response.status(404).end();
      const one: Told = {
        method,
        path,
        token: request.headers.authorization?.replace("Bearer ", ""),
        body: (typeof sent === "string" ? { bytes: sent } : sent) as Body,
      };
      told.push(one);
      const { status = 200, headers = {}, body = {} } = scripts.get(asked)?.(one) ?? usual[asked](one) ?? {};
      response.status(status).set(headers).json(body);
    });
  let server: Server | undefined;
  let port = 0;
  const listen = async (up: boolean) => {
    if (!up) {
      const down = server;
      server = undefined;
      await new Promise<void>((resolve) => (down ? (down.closeAllConnections(), down.close(() => resolve())) : resolve()));
    } else if (!server) {
      const opened = createServer(wire);
      server = opened;
      await new Promise<void>((resolve) => opened.listen(port, "127.0.0.1", resolve));
      port = (opened.address() as AddressInfo).port;
    }
  };
  await listen(true);
  afterAll(() => listen(false));
  origin = `http://127.0.0.1:${port}`;
  const toldTo = (asked: Asked) => told.filter(({ method, path }) => askedOf(method, path) === asked);
  return {
    origin,
    serviceUrl: `${origin}/connector/`,
    told,
    toldTo,
    listen,
    script: (asked, script) => void (script ? scripts.set(asked, script) : scripts.delete(asked)),
    rotate: () => void (key = newKey()),
    key: () => key,
    async until(asked, count = 1) {
      const deadline = Date.now() + 5000;
      while (toldTo(asked).length < count) {
        if (Date.now() > deadline) throw new Error(`${asked}: ${toldTo(asked).length} times, not ${count}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return toldTo(asked);
    },
    settings: (over = {}) => ({
      appId: APP_ID,
      appPassword: "a-password-for-tests",
      tenantId: undefined,
      type: "MultiTenant",
      tenants: [],
      openIdMetadata: `${origin}/openid`,
      loginUrl: `${origin}/login`,
      serviceHosts: [new URL(origin).host],
      ...over,
    }),
  };
}

type TokenOver = {
  iss?: string;
  aud?: string;
  serviceUrl?: string;
  kid?: string;
  key?: KeyObject;
  exp?: number;
  nbf?: number;
  claims?: Body;
};

/** A token as the connector signs it, good for an hour. */
export function tokenOf(teams: FakeTeams, over: TokenOver = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const { kid, privateKey } = teams.key();
  return new SignJWT({ serviceurl: over.serviceUrl ?? teams.serviceUrl, ...over.claims })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: over.kid ?? kid })
    .setIssuer(over.iss ?? ISSUER)
    .setAudience(over.aud ?? APP_ID)
    .setNotBefore(now + (over.nbf ?? -5))
    .setExpirationTime(now + (over.exp ?? 3600))
    .sign(over.key ?? privateKey);
}

let activities = 0;
export const activityId = (): string => `${Date.now()}${(activities += 1)}`;

const from = (account: string) => ({ id: account, name: "Somebody", aadObjectId: objectIdOf(account) });

function activity(teams: FakeTeams, account: string, over: Body): Body {
  return {
    id: activityId(),
    channelId: "msteams",
    serviceUrl: teams.serviceUrl,
    from: from(account),
    recipient: { id: BOT, name: "Verify" },
    conversation: { id: `a:chat-${account}`, tenantId: TENANT, conversationType: "personal" },
    channelData: { tenant: { id: TENANT } },
    locale: "en-GB",
    ...over,
  };
}

export const CHANNEL_ID = "19:lager@thread.tacv2";

/** What differs in a channel of a team. */
export const inChannel: Body = {
  conversation: { id: `${CHANNEL_ID};messageid=1`, tenantId: TENANT, conversationType: "channel", isGroup: true },
  channelData: { tenant: { id: TENANT }, team: { id: "19:team@thread.tacv2" }, channel: { id: CHANNEL_ID } },
};

export const message = (teams: FakeTeams, account: string, text: string, over: Body = {}): Body =>
  activity(teams, account, { type: "message", text, textFormat: "plain", ...over });

/** A message to the bot in a channel: its mention is part of the text. */
export const mention = (teams: FakeTeams, account: string, text: string, over: Body = {}): Body =>
  message(teams, account, `<at>Verify</at>&nbsp;${text}`, {
    ...inChannel,
    entities: [{ type: "mention", text: "<at>Verify</at>", mentioned: { id: BOT, name: "Verify" } }],
    ...over,
  });

export const invoke = (teams: FakeTeams, account: string, name: string, value: unknown, over: Body = {}): Body =>
  activity(teams, account, { type: "invoke", name, value, ...over });

export const execute = (teams: FakeTeams, account: string, verb: string, data: unknown, over: Body = {}): Body =>
  invoke(teams, account, "adaptiveCard/action", { action: { type: "Action.Execute", verb, data }, trigger: "manual" }, over);

type Node = { [property: string]: unknown };

/** The card in a message or dialog that was told. */
export function cardOf(body: Body | undefined): Node {
  const attachment = (body?.["attachments"] as { content: Node }[] | undefined)?.[0];
  if (!attachment) throw new Error("there is no card");
  return attachment.content;
}

/** Every node of a card, whatever it stands in. */
export function nodesOf(node: unknown): Node[] {
  if (Array.isArray(node)) return node.flatMap(nodesOf);
  if (typeof node !== "object" || node === null) return [];
  return [node as Node, ...Object.values(node).flatMap(nodesOf)];
}

export const textOf = (card: unknown): string =>
  nodesOf(card)
    .flatMap((node) => (node["type"] === "TextRun" ? [String(node["text"])] : []))
    .join("\n");

/** The button with this label, also one that is unfolded by another. */
export function buttonOf(card: unknown, title: string | RegExp): Node {
  const actions = nodesOf(card).filter(({ type }) => String(type).startsWith("Action.") && type !== "Action.ShowCard");
  const found = actions.find((action) => (typeof title === "string" ? action["title"] === title : title.test(String(action["title"]))));
  if (!found) throw new Error(`no button ${String(title)} among ${actions.map((action) => String(action["title"])).join(", ")}`);
  return found;
}

export type Answered = { status: number; body: Node };

export type TeamsWire = {
  app: TeamsApp;
  url: string;
  post(body: unknown, authorization?: string | null): Promise<Answered>;
};

/** The real app behind a real port; activities are posted with a good token unless told otherwise. */
export async function teamsWire(deps: Deps, teams: FakeTeams, over: Partial<TeamsSettings> = {}): Promise<TeamsWire> {
  const app = await startApp(deps, teams.settings(over));
  const server = createServer(express().use(app.router));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`;
  return {
    app,
    url,
    async post(body, authorization) {
      const header = authorization === undefined ? `Bearer ${await tokenOf(teams)}` : authorization;
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...(header === null ? {} : { authorization: header }) },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, body: text.startsWith("{") ? (JSON.parse(text) as Node) : {} };
    },
  };
}
