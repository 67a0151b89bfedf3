/** Starts the product: configuration → database → surfaces → worker. SIGTERM drains them. The only maker of clocks and random numbers. */
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import closeWithGrace from "close-with-grace";
import { sql } from "drizzle-orm";
import type { RequestHandler } from "express";
import { takeBounce } from "./commands/people/bounce.ts";
import { type Config, processEnvironment, readConfig } from "./config.ts";
import type { Database } from "./db/client.ts";
import { isDatabaseAway, isKnownDriverFault, within } from "./db/faults.ts";
import { openDatabase } from "./db/open.ts";
import { setConfiguredOwners } from "./db/principals.ts";
import type { Deps, PostTo, WorkerDeps } from "./deps.ts";
import { readReturnPath } from "./domain/verp.ts";
import { deriveKeys, ownSecret } from "./keys.ts";
import { openLog } from "./logs.ts";
import { readReturned } from "./mail/bounce-intake.ts";
import { type BounceListener, listenForBounces } from "./mail/bounce-listener.ts";
import { openMailer } from "./mail/smtp.ts";
import { openMetrics } from "./metrics.ts";
import type { Playground } from "./playground/playground.ts";
import { type SlackApp, startApp } from "./slack/app.ts";
import type { TeamsApp } from "./teams/app.ts";
import { SECURITY_HEADERS } from "./web/headers.ts";
import { listen, type Listening } from "./web/listen.ts";
import { createMetricsWeb, createWeb } from "./web/server.ts";
import { openTimers, startTimers } from "./worker/timers.ts";
import { startWorker } from "./worker/worker.ts";

const EX_CONFIG = 78;
const STOP_MS = 25_000;
const OPEN_REQUESTS_MS = 5_000;
const READY_MS = 2_000;
const SETTLE_WAIT_MS = 3_000;
const OWNERS_EVERY_MS = 60_000;

const workerOnly = process.argv[2] === "worker";
const read = readConfig(processEnvironment(), workerOnly ? "worker" : "serve");
if (!read.ok) {
  process.stderr.write(`verify-bot cannot start:\n${read.problems.map((problem) => `  - ${problem}\n`).join("")}`);
  process.exit(EX_CONFIG);
}
const { config } = read;
const log = openLog(config.logLevel);
const { meter, registry } = openMetrics();
const now = () => new Date();
const randomId = (bytes: number) => randomBytes(bytes).toString("base64url");
const random = () => Math.random();
/** Ends early, without an error, when the signal aborts. */
const sleep = (ms: number, signal?: AbortSignal) => wait(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined);

/** What has been started so far; stopped in the order of `stop`. */
const running: {
  http?: Listening;
  metrics?: Listening;
  database?: Database;
  playground?: Playground;
  slack?: SlackApp;
  teams?: TeamsApp;
  worker?: { stop(): Promise<void> };
  timers?: Awaited<ReturnType<typeof openTimers>>;
  chores?: { stop(): Promise<void> };
  mailer?: { close(): void };
  bounces?: BounceListener;
  timer?: NodeJS.Timeout;
} = {};
const stopping = new AbortController();

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    // When the database goes away, a rejection that nobody waits for any more leaves nothing half-done.
    const unawaited = event === "unhandledRejection" && isDatabaseAway(error);
    if (unawaited || isKnownDriverFault(error)) {
      meter.count("database_connections_lost", { how: unawaited ? "unawaited" : "driver" });
      log.warn({ err: error }, "a connection to the database was lost while nobody waited for it");
      return;
    }
    log.fatal({ err: error }, `${event}: this process ends`);
    process.exit(1);
  });
}
closeWithGrace({ delay: STOP_MS + 3_000, logger: false, skip: ["uncaughtException", "unhandledRejection", "beforeExit"] }, stop);

await start().catch((error: unknown) => {
  if (!stopping.signal.aborted) throw error;
});

async function start(): Promise<void> {
  let answer = notYet;
  if (!workerOnly) running.http = await listenOrExit((request, response) => answer(request, response), config);
  if (config.production && config.database.url === undefined)
    log.warn({}, "no DATABASE_URL: data is kept in DATA_DIR, where a power cut may cost the last commits");
  const database = await openWhenThere();
  running.database = database;
  const works = workerOnly || config.worker === "inline";
  running.timers = await whenThere(() => openTimers(database.db, config.database.url, works, { log, now }));
  const address = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${running.http?.port ?? config.port}`;
  const deps: Deps = {
    db: database.db,
    timers: running.timers.timers,
    keys: deriveKeys({ ...config.secrets, current: config.secrets.current ?? ownSecret(config.database.dataDir, randomBytes(32)) }),
    publicUrl: config.publicUrl ?? address,
    loginUrl: config.loginUrl ?? (config.playground ? `${address}/playground/login` : undefined),
    forgotPasswordUrl: config.forgotPasswordUrl,
    now,
    sleep,
    settleWaitMs: SETTLE_WAIT_MS,
    randomId,
    random,
    log,
    meter,
  };
  if (!config.playground && !workerOnly && deps.loginUrl === undefined && deps.forgotPasswordUrl === undefined)
    log.warn({}, "no LOGIN_URL or FORGOT_PASSWORD_URL: whoever confirms an address is told of no page to go on to");
  if (config.playground) running.playground = await openPlayground(deps);
  await whenThere(() => keepOwners(deps));

  const slack = running.playground?.slack ?? config.slack;
  if (slack) running.slack = await startApp(deps, workerOnly ? withoutSocket(slack) : slack);
  if (config.teams) running.teams = await startTeams(deps, config.teams);
  if (works) {
    running.worker = openWorker(deps);
    const { store } = running.timers;
    running.chores = await whenThere(() => startTimers(deps, store));
  }
  const returned = workerOnly ? undefined : await listenForReturned(deps);
  if (returned) running.bounces = returned;
  if (config.metrics.port !== undefined)
    running.metrics = await listenOrExit(createMetricsWeb({ token: config.metrics.token, read: readMetrics }), {
      port: config.metrics.port,
      host: "127.0.0.1",
    });
  if (workerOnly) return log.info({}, "worker started");

  answer = createWeb(deps, {
    slack: running.slack?.router,
    teams: config.playground ? whenTeamsRuns : running.teams?.router,
    playground: running.playground?.router,
    bounces: config.bounce && { secret: config.bounce.secret, take: (recipients, message) => takeReturned(deps, recipients, message) },
    ready,
    metrics: config.metrics.token !== undefined || config.playground ? { token: config.metrics.token, read: readMetrics } : undefined,
  });
  if (config.playground) process.stdout.write(`\n  verify-bot is running. Try it at ${address}/playground\n  Ctrl-C stops it.\n\n`);
  else log.info({ port: running.http?.port }, "started");
}

async function readMetrics(): Promise<{ type: string; body: string }> {
  return { type: registry.contentType, body: await registry.metrics() };
}

/** The process is alive but cannot answer yet: the database is still being opened. */
function notYet(request: IncomingMessage, response: ServerResponse): void {
  const alive = request.url === "/livez";
  response.writeHead(alive ? 200 : 503, { ...SECURITY_HEADERS, "content-type": "text/plain", ...(!alive && { "retry-after": "5" }) });
  response.end(alive ? "ok\n" : "starting\n");
}

async function listenOrExit(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  at: { port: number; host: string },
): Promise<Listening> {
  try {
    return await listen(answer, at);
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!taken) throw error;
    return giveUp(`port ${at.port} is taken; set ${at.port === config.port ? "PORT" : "METRICS_PORT"} to another one`);
  }
}

/** Exits when another process uses the data directory; waits when the database is away. */
async function openWhenThere(): Promise<Database> {
  const onLost = (error: unknown) => {
    meter.count("database_connections_lost", { how: "link" });
    log.warn({ err: error }, "a connection to the database was lost");
  };
  const opened = await whenThere(() => openDatabase(config.database, { onLost }));
  if (opened.kind === "open") return opened.database;
  const holder = opened.pid === undefined ? "another process" : `process ${opened.pid}`;
  return giveUp(`${holder} has the data directory ${opened.dataDir} open; stop it, or set DATA_DIR to another directory`);
}

/** Repeats `work` until the database is there. */
async function whenThere<T>(work: () => Promise<T>): Promise<T> {
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error) || stopping.signal.aborted) throw error;
      log.warn({ err: error }, "the database is away; waiting for it");
      await sleep(pauseMs * (0.5 + random()), stopping.signal);
    }
  }
}

function giveUp(why: string): never {
  process.stderr.write(`verify-bot cannot start: ${why}\n`);
  process.exit(1);
}

/** The playground is loaded only here, so a configured process never holds it. */
async function openPlayground(deps: Deps): Promise<Playground> {
  const [{ startPlayground }, demo] = await Promise.all([import("./playground/playground.ts"), import("./playground/demo.ts")]);
  await demo.loadDemo(deps.db);
  return startPlayground({
    workspace: demo.DEMO_WORKSPACE,
    tenant: demo.DEMO_TENANT,
    people: demo.DEMO_PEOPLE,
    objectIdOf: demo.demoObjectId,
    startTeams: async (settings) => void (running.teams = await startTeams(deps, settings)),
    now,
    randomId,
  });
}

async function takeReturned(deps: Deps, recipients: string[], message: Buffer): Promise<boolean> {
  const returned = config.bounce && (await readReturned(config.bounce, recipients, message));
  const counted = returned ? await takeBounce(deps, returned) : false;
  meter.count("bounces_total", { counted: String(counted) });
  return counted;
}

function listenForReturned(deps: Deps): Promise<BounceListener> | undefined {
  const { bounce } = config;
  if (!bounce?.listen) return undefined;
  return listenForBounces({
    ...bounce.listen,
    isReturnPath: (address) => readReturnPath(address, bounce.domain, bounce.secret) !== undefined,
    take: async (recipients, message) => void (await takeReturned(deps, recipients, message)),
  });
}

/** Renews the configured owners, so that a workspace added while we run gets its owners too. */
async function keepOwners(deps: Deps): Promise<void> {
  if (config.playground && config.owners.length === 0) return;
  await setConfiguredOwners(deps.db, config.owners);
  if (config.owners.length === 0) return;
  running.timer = setInterval(() => {
    setConfiguredOwners(deps.db, config.owners).catch((error: unknown) =>
      log.warn({ err: error }, "owners by configuration were not renewed"),
    );
  }, OWNERS_EVERY_MS).unref();
}

/** The playground's Teams starts when somebody first opens it. */
function whenTeamsRuns(...[request, response, next]: Parameters<RequestHandler>): void {
  if (running.teams) running.teams.router(request, response, next);
  else next();
}

/** Loaded only when configured: the SDK takes a second to load and much memory. */
async function startTeams(deps: Deps, settings: NonNullable<Config["teams"]>): Promise<TeamsApp> {
  const { startApp } = await import("./teams/app.ts");
  return startApp(deps, settings);
}

function withoutSocket({ appToken: _socket, ...settings }: NonNullable<Config["slack"]>): NonNullable<Config["slack"]> {
  return settings;
}

function openWorker(deps: Deps): { stop(): Promise<void> } {
  const url = config.smtp?.url ?? running.playground?.smtpUrl;
  if (url === undefined) throw new Error("no mail server is configured");
  const mailer = openMailer({ url, connections: config.smtpConnections });
  running.mailer = mailer;
  const workerDeps: WorkerDeps = {
    ...deps,
    mailer,
    relay: config.smtp?.relay ?? "playground",
    rate: config.smtpRate,
    from: config.mailFrom,
    returnPaths: config.bounce,
    chat: {
      ...(running.slack && { slack: running.slack.postTo }),
      ...((running.teams || config.playground) && { teams: postToTeams }),
    },
    sleep,
    dataDir: config.database.dataDir,
  };
  return startWorker(workerDeps);
}

async function postToTeams(...[target, reply, message]: Parameters<PostTo>): ReturnType<PostTo> {
  return running.teams ? running.teams.postTo(target, reply, message) : { kind: "later", afterMs: 5_000 };
}

async function ready(): Promise<{ ok: boolean; database: boolean; stopping: boolean }> {
  const database = await within(READY_MS, running.database?.db.execute(sql`select 1`) ?? Promise.reject(new Error("not open"))).then(
    () => true,
    () => false,
  );
  return { ok: database && !stopping.signal.aborted, database, stopping: stopping.signal.aborted };
}

/** Stops being ready, takes no new work, finishes what is in hand, then closes what the work needed. */
async function stop({ signal }: { signal?: string }): Promise<void> {
  log.info({ signal }, "stopping");
  stopping.abort();
  clearInterval(running.timer);
  await Promise.all([stopHttp(), running.metrics?.close(), running.bounces?.close(), running.worker?.stop(), running.chores?.stop()]);
  await Promise.all([running.slack?.stop(), running.teams?.stop()]);
  running.mailer?.close();
  await running.playground?.close();
  await running.timers?.store.close();
  await running.database?.close();
  log.info({}, "stopped");
}

async function stopHttp(): Promise<void> {
  const { http } = running;
  if (!http) return;
  const cut = () => http.server.closeAllConnections();
  if (config.playground) setImmediate(cut);
  const timer = setTimeout(cut, OPEN_REQUESTS_MS);
  await http.close();
  clearTimeout(timer);
}
