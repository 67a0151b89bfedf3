/** The SDK's adapter with its holes closed: one issuer, our keys, a token of our own keeping, allow-listed hosts, deadlines, no retries. */
import { TeamsAdapter } from "@microsoft/teams-ai/lib/TeamsAdapter.js";
import { ConfigurationServiceClientCredentialFactory, type TurnContext } from "botbuilder";
import { AuthenticationError, type ConnectorClient } from "botframework-connector";
import { JwtTokenExtractor } from "botframework-connector/lib/auth/jwtTokenExtractor.js";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { CHANNEL, type Reference } from "./inbound.ts";
import { isOurHost, type TeamsApi } from "./post.ts";
import { ISSUER, type Trust } from "./trust.ts";

export type ConnectorSettings = {
  appId: string;
  appPassword?: string | undefined;
  tenantId?: string | undefined;
  type?: string | undefined;
  openIdMetadata: string;
  loginUrl: string;
  serviceHosts: string[];
};

const CALL_MS = 8000;
const LOGIN_MS = 5000;
/** A token is left alone this long before its end. */
const TOKEN_MARGIN_MS = 5 * 60_000;
const SHARED_TENANT = "botframework.com";
const MANAGED_IDENTITY = "UserAssignedMSI";

export function createAdapter(deps: Deps, settings: ConnectorSettings, trust: Trust): TeamsAdapter {
  const { appId, openIdMetadata, loginUrl } = settings;
  lendKeys(openIdMetadata, trust);
  const validateClaims = (claims: { type: string; value: string }[]) =>
    claims.some(({ type, value }) => type === "iss" && value === ISSUER)
      ? Promise.resolve()
      : Promise.reject(new AuthenticationError("not the Bot Connector", 401));
  const adapter = new TeamsAdapter(
    {
      MicrosoftAppId: appId,
      ToChannelFromBotLoginUrl: loginUrl,
      ToChannelFromBotOAuthScope: ISSUER,
      ToBotFromChannelTokenIssuer: ISSUER,
      OAuthUrl: ISSUER,
      ToBotFromChannelOpenIdMetadataUrl: openIdMetadata,
      ToBotFromEmulatorOpenIdMetadataUrl: openIdMetadata,
    },
    credentialsOf(deps, settings),
    { requiredEndorsements: [], validateClaims },
  );
  adapter.use(async (context, next) => {
    tame(clientOf(adapter, context), settings.serviceHosts);
    await next();
  });
  return adapter;
}

/**
 * The SDK has its own cache of keys: it fails for a day's worth of requests when the document is away, and finds a rotated key an hour late.
 * It is given ours, which the gate has already used for the same token.
 */
function lendKeys(metadataUrl: string, trust: Trust): void {
  const lent = {
    async getKey(kid: string) {
      const found = await trust.findKey(kid);
      if (!found) throw new AuthenticationError("unknown key", 401);
      return { key: found.key.export({ type: "spki", format: "pem" }).toString(), endorsements: found.endorsements };
    },
  };
  JwtTokenExtractor["openIdMetadataCache"].set(metadataUrl, lent);
}

function clientOf(adapter: TeamsAdapter, context: TurnContext): ConnectorClient {
  return context.turnState.get<ConnectorClient>(adapter.ConnectorClientKey);
}

const SIGN = "ServiceClientContext_Credentials_SignRequest";

type Request = { url: string; timeout: number };
type Policy = { name: string; sendRequest(request: Request, next: (request: Request) => Promise<unknown>): Promise<unknown> };
type Pipeline = { removePolicy(policy: { name: string }): void; addPolicy(policy: Policy, where: { beforePolicies: string[] }): void };

/** The client's own retries would post twice, and its redirects would carry the token along. */
function tame(client: ConnectorClient, hosts: string[]): void {
  const { pipeline } = client["client"] as { pipeline: Pipeline };
  pipeline.removePolicy({ name: "defaultRetryPolicy" });
  pipeline.removePolicy({ name: "redirectPolicy" });
  pipeline.addPolicy(
    {
      name: "onlyOurHosts",
      sendRequest(request, next) {
        if (!isOurHost(request.url, hosts)) return Promise.reject(new Error("not a host of the Bot Connector"));
        request.timeout = CALL_MS;
        return next(request);
      },
    },
    { beforePolicies: [SIGN] },
  );
}

type CredentialsFactory = NonNullable<ConstructorParameters<typeof TeamsAdapter>[1]>;

function credentialsOf(deps: Deps, settings: ConnectorSettings): CredentialsFactory {
  const { appId, type, tenantId } = settings;
  if (type === MANAGED_IDENTITY) {
    return new ConfigurationServiceClientCredentialFactory({
      MicrosoftAppId: appId,
      MicrosoftAppType: MANAGED_IDENTITY,
      MicrosoftAppTenantId: tenantId ?? "",
    });
  }
  const getToken = tokens(deps, settings);
  return {
    isValidAppId: (id) => Promise.resolve(id === appId),
    isAuthenticationDisabled: () => Promise.resolve(false),
    createCredentials: () =>
      Promise.resolve({
        async signRequest(resource) {
          resource.headers.set("authorization", `Bearer ${await getToken()}`);
          return resource;
        },
      }),
  };
}

const Token = z.object({ access_token: z.string(), expires_in: z.coerce.number() });

/** The bot's own token, asked for once and kept until shortly before its end. @see RFC 6749 §4.4 */
function tokens(deps: Deps, { appId, appPassword, type, tenantId, loginUrl }: ConnectorSettings): () => Promise<string> {
  const tenant = type === "SingleTenant" && tenantId ? tenantId : SHARED_TENANT;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: appId,
    client_secret: appPassword ?? "",
    scope: `${ISSUER}/.default`,
  });
  const fetchToken = async () => {
    const answer = await fetch(`${loginUrl}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`, {
      method: "POST",
      body,
      redirect: "error",
      signal: AbortSignal.timeout(LOGIN_MS),
    });
    if (!answer.ok) throw new Error(`the login service refused this bot's credentials: ${answer.status}`);
    const token = Token.parse(await answer.json());
    return { text: token.access_token, until: deps.now().getTime() + token.expires_in * 1000 - TOKEN_MARGIN_MS };
  };
  let kept: Promise<{ text: string; until: number }> | undefined;
  const renewed = () => {
    const fetching = fetchToken();
    kept = fetching;
    fetching.catch((error: unknown) => {
      if (kept === fetching) kept = undefined;
      deps.log.error({ err: error }, "no token for the Bot Connector");
    });
    return fetching;
  };
  return async () => {
    const held = kept ?? renewed();
    const token = await held;
    if (token.until > deps.now().getTime()) return token.text;
    return (await (kept === undefined || kept === held ? renewed() : kept)).text;
  };
}

export function createApi(deps: Deps, settings: ConnectorSettings, adapter: TeamsAdapter): TeamsApi {
  const { appId, serviceHosts } = settings;
  /** A turn of our own: the one that brought a call in is over before its answer is. */
  const calling = async <T>(to: Reference, call: (client: ConnectorClient) => Promise<T>): Promise<T> => {
    const done: T[] = [];
    const { serviceUrl, conversation, bot, tenant } = to;
    const account = { id: conversation, isGroup: false, conversationType: "", name: "", ...(tenant === null ? {} : { tenantId: tenant }) };
    await adapter.continueConversationAsync(
      appId,
      { channelId: CHANNEL, serviceUrl, conversation: account, bot: { id: bot, name: "" } },
      async (context) => void done.push(await call(clientOf(adapter, context))),
    );
    const [result] = done;
    return result as T;
  };
  return {
    serviceHosts,
    now: () => deps.now(),
    send: (to, message) =>
      calling(to, (client) => client.conversations.sendToConversation(to.conversation, { ...message, from: { id: to.bot, name: "" } })),
    edit: (to, activityId, message) =>
      calling(
        to,
        async (client) => void (await client.conversations.updateActivity(to.conversation, activityId, { ...message, id: activityId })),
      ),
    remove: (from, activityId) =>
      calling(from, async (client) => void (await client.conversations.deleteActivity(from.conversation, activityId))),
    member: (of, roster, account) => calling(of, (client) => client.conversations.getConversationMember(roster, account)),
    openChat: (near, account) =>
      calling(near, async (client) => {
        const made = await client.conversations.createConversation({
          bot: { id: near.bot, name: "" },
          members: [{ id: account, name: "" }],
          isGroup: false,
          ...(near.tenant === null ? {} : { tenantId: near.tenant, channelData: { tenant: { id: near.tenant } } }),
        } as Parameters<typeof client.conversations.createConversation>[0]);
        return made.id;
      }),
  };
}
