/**
 * The embedded default's own Slack, inbox and page. What `main.ts` does with it, never under NODE_ENV=production: `startPlayground` before Slack and mail start,
 * `smtpUrl` as SMTP_URL, `slack` as SLACK_SIGNING_SECRET, SLACK_BOT_TOKEN and SLACK_API_URL, `router` mounted at `/playground`,
 * `startTeams` is called once, when somebody first switches to Teams; and `close` first of all when stopping, since its streams keep connections open.
 * The Web API and the mail server listen on free loopback ports of their own; where the app listens is read from the page's requests.
 */
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import express, { type Router } from "express";
import { CATALOG } from "../commands/catalog.ts";
import { startInbox } from "./inbox.ts";
import { loopbackOnly } from "./loopback.ts";
import { pageFiles, pageHeaders } from "./page.ts";
import { inboxRoutes, slackRoutes } from "./routes.ts";
import { slackApi } from "./slack-api.ts";
import { type Conversations, makeConversations, type Person } from "./slack-conversations.ts";
import { makeSlackWire } from "./slack-wire.ts";
import { makeStreams, type Streams } from "./stream.ts";
import { makeTeamsCloud } from "./teams-cloud.ts";
import { makeTeamsConversations } from "./teams-conversations.ts";
import { teamsRoutes } from "./teams-routes.ts";
import { makeTeamsWire } from "./teams-wire.ts";

export type Playground = {
  router: Router;
  smtpUrl: string;
  slack: { signingSecret: string; botToken: string; apiUrl: string };
  close(): Promise<void>;
};

/** How the bot's Teams side reaches the local cloud. */
export type LocalTeams = {
  appId: string;
  appPassword: string;
  tenantId: undefined;
  type: string;
  tenants: string[];
  openIdMetadata: string;
  loginUrl: string;
  serviceHosts: string[];
};

export type PlaygroundOptions = {
  workspace: string;
  tenant: string;
  people: Person[];
  objectIdOf(person: string): string;
  startTeams(settings: LocalTeams): Promise<void>;
  now(): Date;
  randomId(bytes: number): string;
};

const MAIL_NEWS_MS = 250;

export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { workspace, people, now, randomId } = options;
  const secrets = { signingSecret: randomId(24), botToken: `xoxb-${randomId(24)}` };
  const slack = makeConversations({ people, now, randomId });
  const streams = makeStreams();
  const teamsStreams = makeStreams();
  tellPages(slack, streams);
  const onMail = atMostEvery(MAIL_NEWS_MS, () => [streams, teamsStreams].forEach((each) => each.send("mail", {})));
  const inbox = await startInbox({ now, onMail });

  const api = express().disable("x-powered-by");
  const apiServer = createServer(api);
  await new Promise<void>((resolve, reject) => apiServer.once("error", reject).listen(0, "127.0.0.1", resolve));
  const apiUrlOf = (path: string) => `http://127.0.0.1:${(apiServer.address() as AddressInfo).port}${path}`;
  let appUrl = "";
  const teams = openTeams(options, { streams: teamsStreams, origin: () => apiUrlOf("/teams"), appUrl: () => appUrl });
  api.use("/teams", teams.cloud);
  api.use(slackApi(slack, { team: workspace, botToken: secrets.botToken, urlOf: apiUrlOf }));
  const wire = makeSlackWire({
    slack,
    team: workspace,
    signingSecret: secrets.signingSecret,
    now,
    randomId,
    appUrl: () => appUrl,
    apiUrlOf,
  });

  const router = express.Router();
  router.use(loopbackOnly, (request, _response, next) => {
    appUrl = urlOfSocket(request.socket);
    next();
  });
  router.use("/slack", slackRoutes(slack, wire, streams, usages()));
  router.use("/teams", teams.routes);
  router.use("/inbox", inboxRoutes(inbox));
  router.use(pageHeaders, pageFiles());

  return {
    router,
    smtpUrl: inbox.url,
    slack: { ...secrets, apiUrl: apiUrlOf("/api/") },
    async close() {
      streams.close();
      teamsStreams.close();
      apiServer.closeAllConnections();
      await Promise.all([inbox.close(), new Promise((resolve) => apiServer.close(resolve))]);
    },
  };
}

type Here = { streams: Streams; origin(): string; appUrl(): string };

/** Teams stands ready; the bot's side of it is loaded when the first person looks. */
function openTeams({ tenant, people, objectIdOf, startTeams, now, randomId }: PlaygroundOptions, { streams, origin, appUrl }: Here) {
  const appId = "f0000000-0000-4000-8000-000000000001";
  const appPassword = randomId(24);
  const teams = makeTeamsConversations({ people, now });
  teams.subscribe((change) => {
    switch (change.kind) {
      case "message":
        return streams.send("message", change.message, (person) => teams.maySee(person, change.message.channel));
      case "removed":
        return streams.send("removed", change, (person) => teams.maySee(person, change.channel));
      case "dialog":
        return streams.send("views", change.dialog, (person) => person === change.person);
    }
  });
  const cloud = makeTeamsCloud({ teams, tenant, appId, appPassword, accessToken: randomId(24), objectIdOf, now, origin });
  const fileUrls = (id: string, name: string) => ({
    put: `${origin()}/files/${id}`,
    get: `${appUrl()}/playground/teams/files/${id}/${encodeURIComponent(name)}`,
  });
  const wire = makeTeamsWire({
    teams,
    tenant,
    appId,
    sign: cloud.sign,
    serviceUrl: cloud.serviceUrl,
    objectIdOf,
    randomId,
    appUrl,
    fileUrls,
  });
  let started: Promise<void> | undefined;
  const start = () => {
    const serviceHosts = [new URL(origin()).host];
    const connection = { openIdMetadata: `${origin()}/openid`, loginUrl: `${origin()}/login`, serviceHosts };
    const settings = { appId, appPassword, tenantId: undefined, type: "MultiTenant", tenants: [tenant], ...connection };
    return (started ??= startTeams(settings).catch((error: unknown) => {
      started = undefined;
      throw error;
    }));
  };
  return { cloud: cloud.router, routes: teamsRoutes(teams, wire, streams, start) };
}

function tellPages(slack: Conversations, streams: Streams): void {
  slack.subscribe((change) => {
    switch (change.kind) {
      case "message": {
        const { channel, visibleTo } = change.message;
        return streams.send("message", change.message, (person) => slack.maySee(person, channel, visibleTo));
      }
      case "removed":
        return streams.send("removed", change, (person) => slack.maySee(person, change.channel, change.visibleTo));
      case "views":
        return streams.send("views", change.views, (person) => person === change.person);
    }
  });
}

/** What the message box completes; the manual's example is somebody who is in the demo organisation. */
function usages(): string[] {
  return CATALOG.flatMap(({ usage }) => usage).map((usage) => `/verify ${usage.replaceAll(/anna@[\w.]+/g, "anna.berg@acme.example")}`);
}

function atMostEvery(ms: number, run: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      run();
    }, ms).unref();
  };
}

/** The app's address as the other end of a page's connection. */
function urlOfSocket({ localAddress = "127.0.0.1", localPort }: Socket): string {
  const address = localAddress.replace(/^::ffff:/, "");
  return `http://${address.includes(":") ? `[${address}]` : address}:${localPort}`;
}
