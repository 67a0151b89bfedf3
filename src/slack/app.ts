/** Slack: requests in (HTTP behind our gate, or Socket Mode), answers out. Bolt carries them; what they mean is in `inbound` and `answer`. */
import { App, ExpressReceiver, LogLevel, SocketModeReceiver, type Logger } from "@slack/bolt";
import { Router } from "express";
import { findWorkspace, tokenOf } from "../commands/receive.ts";
import type { Deps, Log, PostTo } from "../deps.ts";
import { holdsControl } from "../wire/body.ts";
import { answerCall, type Chat } from "./answer.ts";
import { gate } from "./gate.ts";
import { COMMAND, readCall } from "./inbound.ts";
import { installPages } from "./install.ts";
import { postTo, type SlackApi } from "./post.ts";
import { standings } from "./standing.ts";

export type SlackSettings = {
  signingSecret: string;
  /** One workspace. */
  botToken?: string;
  /** Many workspaces, each installed by OAuth. */
  clientId?: string;
  clientSecret?: string;
  /** Socket Mode: requests come over a socket of ours, and none over HTTP. */
  appToken?: string;
  /** Base of the Web API; only tests and the playground set it. */
  apiUrl?: string;
};

export type SlackApp = { router: Router; postTo: PostTo; stop(): Promise<void> };

const ENDPOINT = "/slack/events";
const RESPONSE_HOSTS = ["https://hooks.slack.com", "https://hooks.slack-gov.com"];
const CALL_MS = 8000;
const DRAIN_MS = 10_000;

/** Starts also while Slack is away: nothing is asked of it here that has to be answered. */
export async function startApp(deps: Deps, settings: SlackSettings): Promise<SlackApp> {
  if (!settings.signingSecret) throw new Error("Slack needs a signing secret");
  const router = Router();
  const logger = boltLogger(deps.log);
  // The client's own retries would post twice.
  const clientOptions = {
    ...(settings.apiUrl ? { slackApiUrl: settings.apiUrl } : {}),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_MS,
  };
  const socket = settings.appToken === undefined ? undefined : socketReceiver(settings.appToken, settings.apiUrl, logger);
  if (!socket) router.post(ENDPOINT, gate(deps, settings.signingSecret));
  const receiver = socket ?? new ExpressReceiver({ router, endpoints: ENDPOINT, signingSecret: settings.signingSecret, logger });
  const app = new App({
    receiver,
    authorize: () => Promise.resolve({}),
    clientOptions,
    logger,
    convoStore: false,
    ignoreSelf: false,
    deferInitialization: true,
  });
  await app.init();
  if (settings.clientId && settings.clientSecret) {
    router.use(installPages(deps, { clientId: settings.clientId, clientSecret: settings.clientSecret, clientOptions }, logger));
  }

  const api: SlackApi = {
    client: app.client,
    async tokenFor(name) {
      const workspace = await findWorkspace(deps, "slack", [name]);
      return workspace && (tokenOf(deps, "slack", workspace) ?? settings.botToken);
    },
    responseHosts: settings.apiUrl ? [new URL(settings.apiUrl).origin] : RESPONSE_HOSTS,
    now: () => deps.now(),
  };
  const running = listen(app, { deps, api, standingOf: standings(api) });
  if (settings.botToken) void greet(deps, api, settings.botToken);
  if (socket) void app.start().catch((error: unknown) => deps.log.error({ err: error }, "Slack's socket did not open"));

  return {
    router,
    postTo: (target, reply, message) => postTo(api, target, reply, message),
    async stop() {
      if (socket) await socket.stop().catch(() => undefined);
      await drained(running);
    },
  };
}

function socketReceiver(appToken: string, apiUrl: string | undefined, logger: Logger): SocketModeReceiver {
  return new SocketModeReceiver({ appToken, logger, installerOptions: { clientOptions: apiUrl ? { slackApiUrl: apiUrl } : {} } });
}

/** Hands every call to `answerCall`; the calls in hand are in the returned set. Bolt acknowledges events by itself. */
function listen(app: App, chat: Chat): Set<Promise<void>> {
  const running = new Set<Promise<void>>();
  const hear = (body: unknown, ack: (response?: object) => Promise<unknown>): Promise<void> => {
    // The gate has refused these already; a socket has no gate.
    const call = (holdsControl(body) ? undefined : readCall(body)) ?? { kind: "ignored" };
    const work = answerCall(chat, call, async (response) => void (await ack(response)));
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  const acknowledged = () => Promise.resolve();
  type Ack = (response?: object) => Promise<unknown>;
  app.command(COMMAND, ({ body, ack }) => hear(body, ack as Ack));
  app.action(/.*/, ({ body, ack }) => hear(body, ack as Ack));
  app.view(/.*/, ({ body, ack }) => hear(body, ack as Ack));
  app.options(/.*/, ({ body, ack }) => hear(body, ack as Ack));
  app.event(/.*/, ({ body }) => hear(body, acknowledged));
  app.error((error) => {
    chat.deps.log.error({ err: error }, "Bolt could not handle a request");
    return Promise.resolve();
  });
  return running;
}

/** Tells the log where the configured token leads; a workspace of no organisation is the usual reason for a silent bot. */
async function greet(deps: Deps, api: SlackApi, token: string): Promise<void> {
  try {
    const { team_id: team, enterprise_id: enterprise } = await api.client.auth.test({ token });
    const names = [team, enterprise].filter((name) => name !== undefined);
    if (await findWorkspace(deps, "slack", names)) deps.log.info({ team }, "connected to Slack");
    else deps.log.warn({ team }, "the Slack workspace belongs to no organisation: organisation create <name> --slack-team <team>");
  } catch (error) {
    deps.log.warn({ err: error }, "Slack does not answer yet");
  }
}

async function drained(running: Set<Promise<void>>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)));
  await Promise.race([Promise.allSettled(running), deadline]);
  clearTimeout(timer);
}

/** Bolt's debug lines hold bodies and its errors hold answers: only its own words are kept. */
function boltLogger(log: Log): Logger {
  const words = (parts: unknown[]) =>
    parts
      .flatMap((part) => (typeof part === "string" ? part : part instanceof Error ? part.name : []))
      .join(" ")
      .slice(0, 300);
  return {
    debug: () => undefined,
    info: (...parts) => log.debug({ from: "bolt" }, words(parts)),
    warn: (...parts) => log.warn({ from: "bolt" }, words(parts)),
    error: (...parts) => log.error({ from: "bolt" }, words(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
