/** The only reader of the environment. Every problem is listed at once, each naming its variable. */
import { z } from "zod";

/** What the process is started for. A worker alone needs Postgres and a mail server; the command line needs little more than the database. */
export type Purpose = "serve" | "worker" | "cli";

export type Config = {
  production: boolean;
  /** No chat surface is configured and this is not production: the playground stands in for Slack. */
  playground: boolean;
  port: number;
  host: string;
  /** Without a trailing slash; when undefined, it is made from the address listened on. */
  publicUrl: string | undefined;
  database: { url: string | undefined; dataDir: string };
  /** `current` is undefined where the embedded default makes its own. */
  secrets: { current: Buffer | undefined; previous: Buffer | undefined };
  smtp: { url: string; relay: string } | undefined;
  /** Mails a second over all connections; undefined → as fast as the relay takes them. */
  smtpRate: number | undefined;
  smtpConnections: number;
  mailFrom: { name: string; address: string };
  /** `listen`: where a mail server hands bounces over, besides POST /bounces. */
  bounce: { domain: string; secret: string; listen: { host: string; port: number; lmtp: boolean } | undefined } | undefined;
  slack: SlackConfig | undefined;
  teams: TeamsConfig | undefined;
  owners: Owner[];
  loginUrl: string | undefined;
  forgotPasswordUrl: string | undefined;
  oidc: { issuer: string; clientId: string; clientSecret: string } | undefined;
  /** `port`: on loopback, apart. `token`: what asks for metrics on the public port has to show it. */
  metrics: { port: number | undefined; token: string | undefined };
  worker: "inline" | "none";
  logLevel: string;
};

/** One workspace by its bot token, or many by OAuth; with an app token, Socket Mode. */
export type SlackConfig = {
  signingSecret: string;
  botToken?: string;
  clientId?: string;
  clientSecret?: string;
  appToken?: string;
  apiUrl?: string;
};

export type TeamsConfig = {
  appId: string;
  appPassword: string | undefined;
  tenantId: string | undefined;
  type: string;
  tenants: string[];
  openIdMetadata: string | undefined;
  loginUrl: string | undefined;
  serviceHosts: string[];
};

export type Owner = { platform: "slack" | "teams"; workspace: string; person: string };

export type ReadConfig = { ok: true; config: Config } | { ok: false; problems: string[] };

const MIN_SECRET_BYTES = 32;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/;

const text = z.string();
const list = text.transform((value) => value.split(",").flatMap((each) => each.trim() || []));
const url = (...protocols: string[]) =>
  text.refine(
    (value) => protocols.includes(URL.parse(value)?.protocol ?? ""),
    `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(" or ")}`,
  );
const oneOf = <const T extends string>(values: T[]) => z.enum(values, { error: `must be one of ${values.join(", ")}` });
const webUrl = url("https:", "http:").transform((value) => value.replace(/(?<!\/)\/+$/, ""));
const whole = (min: number, max: number) =>
  text
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`);

const secret = text.transform((value, context) => {
  const encoding = /^(?:[0-9a-f]{2})+$/i.test(value) ? "hex" : "base64";
  const bytes = Buffer.from(/^[\w+/-]+={0,2}$/.test(value) ? value : "", encoding);
  if (bytes.length < MIN_SECRET_BYTES)
    context.addIssue(`must be at least ${MIN_SECRET_BYTES} bytes, as base64 or hex: openssl rand -base64 ${MIN_SECRET_BYTES}`);
  return bytes;
});

const mailbox = text.transform((value, context) => {
  const [, name = "", bracketed, bare] =
    /^(?:"?([^"<>\r\n]*)(?:"\s*)?<([^\s<>"@,]+@[^\s<>"@,]+)>|([^\s<>"@,]+@[^\s<>"@,]+))$/.exec(value.trim()) ?? [];
  const address = bracketed ?? bare;
  if (address === undefined) context.addIssue("must be an address, or a name and an address: Verify <verify@example.com>");
  return { name: name.trim(), address: address ?? "" };
});

const owner = text.transform((value, context): Owner => {
  const [, platform, workspace = "", person = ""] = /^(slack|teams):([^/\s]+)\/([^/\s]+)$/.exec(value) ?? [];
  if (!platform) context.addIssue("must be like slack:T123/U456 or teams:<tenant>/<object id>, separated by commas");
  return { platform: platform === "teams" ? "teams" : "slack", workspace, person };
});

const Environment = z
  .object({
    NODE_ENV: text,
    PORT: whole(0, 65_535),
    HOST: text,
    PUBLIC_URL: webUrl,
    DATABASE_URL: url("postgres:", "postgresql:"),
    DATA_DIR: text,
    SECRET_KEY: secret,
    SECRET_KEY_PREVIOUS: secret,
    SMTP_URL: url("smtp:", "smtps:"),
    SMTP_RATE: text
      .regex(/^\d{1,6}(?:\.\d{1,3})?$/, "must be a number of mails a second")
      .transform(Number)
      .refine((value) => value > 0, "must be above 0"),
    SMTP_CONNECTIONS: whole(1, 100),
    MAIL_FROM: mailbox,
    BOUNCE_DOMAIN: text,
    BOUNCE_SECRET: text,
    BOUNCE_LISTEN: url("smtp:", "lmtp:"),
    SLACK_BOT_TOKEN: text,
    SLACK_SIGNING_SECRET: text,
    SLACK_CLIENT_ID: text,
    SLACK_CLIENT_SECRET: text,
    SLACK_APP_TOKEN: text,
    SLACK_API_URL: url("https:", "http:"),
    MICROSOFT_APP_ID: text,
    MICROSOFT_APP_PASSWORD: text,
    MICROSOFT_APP_TENANT_ID: text,
    MICROSOFT_APP_TYPE: oneOf(["SingleTenant", "MultiTenant", "UserAssignedMSI"]),
    TEAMS_TENANTS: list,
    TEAMS_OPENID_METADATA: url("https:", "http:"),
    TEAMS_LOGIN_URL: webUrl,
    TEAMS_SERVICE_HOSTS: list,
    OWNER_PRINCIPALS: list.pipe(z.array(owner)),
    LOGIN_URL: webUrl,
    FORGOT_PASSWORD_URL: webUrl,
    OIDC_ISSUER: webUrl,
    OIDC_CLIENT_ID: text,
    OIDC_CLIENT_SECRET: text,
    METRICS_PORT: whole(1, 65_535),
    METRICS_TOKEN: text.min(16, "must have at least 16 characters"),
    WORKER: oneOf(["inline", "none"]),
    LOG_LEVEL: oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
  })
  .partial();

type Name = keyof typeof Environment.shape;
const NAMES = Object.keys(Environment.shape) as Name[];

/** Bot Framework's own samples spell the variables this way. */
const ALTERNATES: Partial<Record<Name, string>> = {
  MICROSOFT_APP_ID: "MicrosoftAppId",
  MICROSOFT_APP_PASSWORD: "MicrosoftAppPassword",
  MICROSOFT_APP_TENANT_ID: "MicrosoftAppTenantId",
  MICROSOFT_APP_TYPE: "MicrosoftAppType",
};

const SLACK: Name[] = ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_APP_TOKEN"];
const TEAMS: Name[] = ["MICROSOFT_APP_ID", "MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID", "MICROSOFT_APP_TYPE", "TEAMS_TENANTS"];
const OIDC: Name[] = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"];
const BOUNCE: Name[] = ["BOUNCE_DOMAIN", "BOUNCE_SECRET"];
const BOUNCE_ANY: Name[] = [...BOUNCE, "BOUNCE_LISTEN"];

/** The environment itself, for `main` and the command line. */
export function processEnvironment(): Record<string, string | undefined> {
  return process.env;
}

export function readConfig(env: Record<string, string | undefined>, purpose: Purpose = "serve"): ReadConfig {
  const given = Object.fromEntries(
    NAMES.map((name) => [name, env[name] ?? env[ALTERNATES[name] ?? name]] as const).filter(([, value]) => value !== undefined),
  ) as Partial<Record<Name, string>>;
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value.trim() !== ""));
  const read = Environment.safeParse(filled);

  const problems = [
    ...NAMES.filter((name) => given[name] !== undefined && filled[name] === undefined).map((name) => `${name} is set but empty`),
    ...missing(given, filled, purpose),
    ...(read.success ? misfits(read.data, given, purpose) : read.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`)),
  ];
  return read.success && problems.length === 0
    ? { ok: true, config: configOf(read.data, given, purpose) }
    : { ok: false, problems: [...new Set(problems)] };
}

type Given = Partial<Record<Name, unknown>>;

/** A variable that is set, even to nothing, shows what the operator wants. */
const anyOf = (given: Given, names: Name[]) => names.some((name) => given[name] !== undefined);

function missing(given: Given, filled: Given, purpose: Purpose): string[] {
  const found: string[] = [];
  const need = (name: Name, why: string) => {
    if (filled[name] === undefined && given[name] === undefined) found.push(`${name} is missing: ${why}`);
  };
  const needAll = (names: Name[], why: string) => names.forEach((name) => need(name, why));

  const slack = anyOf(given, SLACK);
  const teams = anyOf(given, TEAMS);
  if (slack) need("SLACK_SIGNING_SECRET", "Slack is configured");
  if (anyOf(given, ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"]))
    needAll(["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"], "Slack's OAuth needs both");
  else if (slack) need("SLACK_BOT_TOKEN", "Slack is configured (one workspace; for many, set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET)");
  if (teams) {
    need("MICROSOFT_APP_ID", "Teams is configured");
    if (filled["MICROSOFT_APP_TYPE"] !== "UserAssignedMSI") need("MICROSOFT_APP_PASSWORD", "Teams is configured");
    if (filled["MICROSOFT_APP_TYPE"] === "SingleTenant") need("MICROSOFT_APP_TENANT_ID", "MICROSOFT_APP_TYPE is SingleTenant");
  }
  if (anyOf(given, BOUNCE_ANY)) needAll(BOUNCE, "bounces need both");
  if (anyOf(given, OIDC)) needAll(OIDC, "an outside login provider needs all three");

  const production = filled["NODE_ENV"] === "production";
  if (production) need("SECRET_KEY", "production does not make its own");
  if (purpose === "cli") return found;
  if (production && !slack && !teams) {
    found.push(
      "SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN, or MICROSOFT_APP_ID and MICROSOFT_APP_PASSWORD are missing: production has no playground",
    );
  }
  if (purpose === "worker") need("DATABASE_URL", "a worker of its own needs Postgres; on the embedded database it runs inside the server");
  if (production || slack || teams || purpose === "worker") {
    need("SMTP_URL", "the local inbox belongs to the playground");
  }
  if (production) {
    need("MAIL_FROM", "mail needs a sender");
    need("PUBLIC_URL", "links in mails start with it");
  }
  return found;
}

function misfits(read: z.infer<typeof Environment>, given: Given, purpose: Purpose): string[] {
  const found: string[] = [];
  const playground = isPlayground(read, given, purpose);
  if (playground && read.HOST !== undefined && !LOOPBACK.test(read.HOST)) {
    found.push("HOST must be a loopback address: the playground lets anyone who reaches it act as anyone");
  }
  const publicUrl = read.PUBLIC_URL && URL.parse(read.PUBLIC_URL);
  if (publicUrl && read.NODE_ENV === "production" && publicUrl.protocol !== "https:" && !LOOPBACK.test(publicUrl.hostname)) {
    found.push("PUBLIC_URL must start with https:// in production");
  }
  return found;
}

function isPlayground(read: z.infer<typeof Environment>, given: Given, purpose: Purpose): boolean {
  return purpose === "serve" && read.NODE_ENV !== "production" && !anyOf(given, SLACK) && !anyOf(given, TEAMS);
}

function configOf(read: z.infer<typeof Environment>, given: Given, purpose: Purpose): Config {
  const playground = isPlayground(read, given, purpose);
  return {
    production: read.NODE_ENV === "production",
    playground,
    port: read.PORT ?? 3000,
    host: read.HOST ?? (playground ? "127.0.0.1" : "0.0.0.0"),
    publicUrl: read.PUBLIC_URL,
    database: { url: read.DATABASE_URL, dataDir: read.DATA_DIR ?? ".data" },
    secrets: { current: read.SECRET_KEY, previous: read.SECRET_KEY_PREVIOUS },
    smtp: read.SMTP_URL === undefined ? undefined : { url: read.SMTP_URL, relay: relayOf(read.SMTP_URL) },
    smtpRate: read.SMTP_RATE,
    smtpConnections: read.SMTP_CONNECTIONS ?? 10,
    mailFrom: read.MAIL_FROM ?? { name: "Verify", address: "verify@playground.example" },
    bounce: bounceOf(read),
    slack: slackOf(read),
    teams: teamsOf(read),
    owners: read.OWNER_PRINCIPALS ?? [],
    loginUrl: read.LOGIN_URL,
    forgotPasswordUrl: read.FORGOT_PASSWORD_URL,
    oidc:
      read.OIDC_ISSUER && read.OIDC_CLIENT_ID && read.OIDC_CLIENT_SECRET
        ? { issuer: read.OIDC_ISSUER, clientId: read.OIDC_CLIENT_ID, clientSecret: read.OIDC_CLIENT_SECRET }
        : undefined,
    metrics: { port: read.METRICS_PORT, token: read.METRICS_TOKEN },
    worker: read.WORKER ?? "inline",
    logLevel: read.LOG_LEVEL ?? (playground ? "warn" : "info"),
  };
}

function bounceOf(read: z.infer<typeof Environment>): Config["bounce"] {
  if (!read.BOUNCE_DOMAIN || !read.BOUNCE_SECRET) return undefined;
  const at = read.BOUNCE_LISTEN === undefined ? undefined : new URL(read.BOUNCE_LISTEN);
  const lmtp = at?.protocol === "lmtp:";
  return {
    domain: read.BOUNCE_DOMAIN,
    secret: read.BOUNCE_SECRET,
    listen: at && { host: at.hostname.replace(/^\[|\]$/g, ""), port: Number(at.port || (lmtp ? 24 : 25)), lmtp },
  };
}

function slackOf(read: z.infer<typeof Environment>): SlackConfig | undefined {
  if (!read.SLACK_SIGNING_SECRET) return undefined;
  return {
    signingSecret: read.SLACK_SIGNING_SECRET,
    ...(read.SLACK_BOT_TOKEN && { botToken: read.SLACK_BOT_TOKEN }),
    ...(read.SLACK_CLIENT_ID && { clientId: read.SLACK_CLIENT_ID }),
    ...(read.SLACK_CLIENT_SECRET && { clientSecret: read.SLACK_CLIENT_SECRET }),
    ...(read.SLACK_APP_TOKEN && { appToken: read.SLACK_APP_TOKEN }),
    ...(read.SLACK_API_URL && { apiUrl: read.SLACK_API_URL }),
  };
}

function teamsOf(read: z.infer<typeof Environment>): TeamsConfig | undefined {
  if (!read.MICROSOFT_APP_ID) return undefined;
  return {
    appId: read.MICROSOFT_APP_ID,
    appPassword: read.MICROSOFT_APP_PASSWORD,
    tenantId: read.MICROSOFT_APP_TENANT_ID,
    type: read.MICROSOFT_APP_TYPE ?? (read.MICROSOFT_APP_TENANT_ID ? "SingleTenant" : "MultiTenant"),
    tenants: read.TEAMS_TENANTS ?? [],
    openIdMetadata: read.TEAMS_OPENID_METADATA,
    loginUrl: read.TEAMS_LOGIN_URL,
    serviceHosts: read.TEAMS_SERVICE_HOSTS ?? [],
  };
}

/** The relay's name in the database: host and port, without its credentials. */
function relayOf(smtpUrl: string): string {
  const { hostname, port, protocol } = new URL(smtpUrl);
  return `${hostname}:${port || (protocol === "smtps:" ? 465 : 587)}`;
}
