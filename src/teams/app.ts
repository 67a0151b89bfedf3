/** Teams: activities in behind our gate, answers out. The SDK carries them; what they mean is in `inbound` and `answer`. */
import { Application } from "@microsoft/teams-ai/lib/Application.js";
import type { TurnState } from "@microsoft/teams-ai/lib/TurnState.js";
import type { Activity, TurnContext } from "botbuilder";
import { AuthenticationError } from "botframework-connector";
import { Router, type Response } from "express";
import { findWorkspace } from "../commands/receive.ts";
import type { Deps, PostTo } from "../deps.ts";
import { answerCall, type Chat, type InvokeAnswer } from "./answer.ts";
import { createAdapter, createApi } from "./connector.ts";
import { arrivedIn, gate } from "./gate.ts";
import type { TeamsCall } from "./inbound.ts";
import { LIMITS } from "./limits.ts";
import { postTo } from "./post.ts";
import { standings } from "./standing.ts";
import { createTrust, OPENID_METADATA } from "./trust.ts";

export type TeamsSettings = {
  appId: string;
  /** None with a managed identity. */
  appPassword?: string | undefined;
  /** Where the bot itself is registered; asked for its token when `type` is SingleTenant. */
  tenantId?: string | undefined;
  /** SingleTenant, MultiTenant or UserAssignedMSI. */
  type?: string | undefined;
  /** Allowed tenants; where none is named, the tenants that an organisation of ours has. */
  tenants: string[];
  /** These three are set by tests and the playground only. */
  openIdMetadata?: string | undefined;
  loginUrl?: string | undefined;
  serviceHosts?: string[];
};

export type TeamsApp = { router: Router; postTo: PostTo; stop(): Promise<void> };

const ENDPOINT = "/api/messages";
const LOGIN_URL = "https://login.microsoftonline.com";
/** The connector of the public cloud and of its GCC part; other clouds have other issuers too. */
const SERVICE_HOSTS = ["smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"];
const DRAIN_MS = 10_000;
const LATER_MS = 15_000;

/** Starts also while Teams is away: nothing is asked of it here. */
export function startApp(deps: Deps, settings: TeamsSettings): Promise<TeamsApp> {
  const { appId, appPassword, type } = settings;
  if (!appId || (!appPassword && type !== "UserAssignedMSI")) throw new Error("Teams needs an app id and a password");
  const connection = {
    ...settings,
    openIdMetadata: settings.openIdMetadata ?? OPENID_METADATA,
    loginUrl: settings.loginUrl ?? LOGIN_URL,
    serviceHosts: settings.serviceHosts?.length ? settings.serviceHosts : SERVICE_HOSTS,
  };
  const trust = createTrust(deps, appId, connection.openIdMetadata);
  const adapter = createAdapter(deps, connection, trust);
  const api = createApi(deps, connection, adapter);
  const chat: Chat = { deps, api, tenants: settings.tenants.map((tenant) => tenant.toLowerCase()), standingOf: standings(api) };
  const app = new Application({ adapter, botAppId: appId, startTypingTimer: false, removeRecipientMention: false });
  listen(app, chat);

  const running = new Set<Promise<void>>();
  const router = Router();
  router.post(ENDPOINT, gate(deps, trust, connection.serviceHosts), (request, response) => {
    const { call, activity } = arrivedIn(response);
    const hear = hearing(response, activity.type === "invoke");
    const turn = adapter["processActivity"](request.headers.authorization ?? "", activity as Activity, async (context) => {
      context.turnState.set(HEARD, { call, answer: hear.answer } satisfies Heard);
      await app.run(context);
    }).then(
      () => hear.end(200),
      (error: unknown) => {
        deps.log.error({ err: error }, "the SDK could not handle an activity");
        hear.end(error instanceof AuthenticationError ? 401 : 500);
      },
    );
    running.add(turn);
    void turn.finally(() => running.delete(turn));
  });

  return Promise.resolve({
    router,
    async postTo(target, reply, message) {
      const known = await findWorkspace(deps, "teams", [target.workspace]).catch(() => null);
      if (known === null) return { kind: "later", afterMs: LATER_MS };
      return known ? postTo(api, target, reply, message) : { kind: "gone", why: "no such tenant" };
    },
    stop: () => drained(running),
  });
}

const HEARD = Symbol("what was heard");

type Heard = { call: TeamsCall; answer(answer: InvokeAnswer): void };

/** Every activity goes the same way: which handler an activity meets must not depend on the order they were added in. */
function listen(app: Application, chat: Chat): void {
  const handle = async (context: TurnContext, _state: TurnState) => {
    const { call, answer } = context.turnState.get<Heard>(HEARD);
    await answerCall(chat, call, answer);
  };
  for (const isInvoke of [true, false]) app.addRoute(() => Promise.resolve(true), handle, isInvoke);
}

/** The response to one request: an invoke's own answer, or a bare 200 when the work is done or takes longer than Teams waits. */
function hearing(response: Response, isInvoke: boolean) {
  const timer = isInvoke ? undefined : setTimeout(() => end(200), LIMITS.messageMs);
  const end = (status: number, body?: object) => {
    clearTimeout(timer);
    if (response.headersSent || response.destroyed) return;
    if (body) response.status(status).json(body);
    else response.status(status).end();
  };
  return { end, answer: ({ status, body }: InvokeAnswer) => end(status, body) };
}

async function drained(running: Set<Promise<void>>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)));
  await Promise.race([Promise.allSettled(running), deadline]);
  clearTimeout(timer);
}
