import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { checkDatabase } from "../commands/organisation/doctor.ts";
import type { Config } from "../config.ts";
import type { Command } from "./command.ts";

const SMTP_MS = 5_000;

/** One check and its finding. */
type Finding = { ok: boolean; warn?: true; what: string; found: string };

export const doctor: Command = {
  name: "doctor",
  usage: "doctor",
  summary: "looks at the configuration, the database and the mail server",
  words: 0,
  options: {},
  async run(_given, reach) {
    const findings = [lookAtConfig(reach.config), await lookAtDatabase(reach), await lookAtSmtp(reach.config), lookAtLogin(reach.config)];
    return {
      ok: findings.every((each) => each.ok),
      lines: findings.map(({ ok, warn, what, found }) => `${warn ? "WARN" : ok ? "ok  " : "FAIL"} ${what}: ${found}`),
      json: { findings },
    };
  },
};

function lookAtConfig(config: Config): Finding {
  const surfaces = [config.slack && "Slack", config.teams && "Teams"].filter((name) => name !== undefined);
  const found = surfaces.length > 0 ? surfaces.join(" and ") : "no chat platform; npm start opens the playground";
  return { ok: true, what: "configuration", found };
}

function lookAtLogin({ loginUrl, forgotPasswordUrl, slack, teams }: Config): Finding {
  const found = [loginUrl, forgotPasswordUrl].filter((url) => url !== undefined).join(" and ");
  if (found || (!slack && !teams)) return { ok: true, what: "login page", found: found || "the playground's stand-in" };
  return {
    ok: true,
    warn: true,
    what: "login page",
    found: "none; set LOGIN_URL and FORGOT_PASSWORD_URL, or whoever confirms an address has no page to go on to",
  };
}

async function lookAtDatabase({ config, open }: Parameters<Command["run"]>[1]): Promise<Finding> {
  const where = config.database.url === undefined ? `PGlite in ${config.database.dataDir}` : "Postgres";
  try {
    const { version, organisations } = await checkDatabase({ db: (await open()).db });
    return {
      ok: true,
      what: "database",
      found: `${where}, version ${version}, ${organisations} organisation${organisations === 1 ? "" : "s"}`,
    };
  } catch (error) {
    return { ok: false, what: "database", found: `${where}, ${messageOf(error)}` };
  }
}

async function lookAtSmtp({ smtp }: Config): Promise<Finding> {
  if (smtp === undefined) return { ok: true, what: "mail server", found: "not configured; the playground's inbox takes its place" };
  try {
    return { ok: true, what: "mail server", found: `${smtp.relay} answers ${await greetingOf(smtp.url)}` };
  } catch (error) {
    return { ok: false, what: "mail server", found: `${smtp.relay}, ${messageOf(error)}` };
  }
}

/** The code of the server's greeting. */
function greetingOf(smtpUrl: string): Promise<string> {
  const { protocol, hostname, port } = new URL(smtpUrl);
  const tls = protocol === "smtps:";
  const host = hostname.replaceAll(/[[\]]/g, "");
  const at = { host, port: Number(port || (tls ? 465 : 587)) };
  return new Promise((resolve, reject) => {
    const socket: Socket = tls ? connectTls({ ...at, servername: host }) : connect(at);
    socket.setTimeout(SMTP_MS, () => socket.destroy(new Error("no answer within 5 s")));
    socket.once("error", reject);
    socket.once("data", (data: Buffer) => {
      const code = data.subarray(0, 3).toString("latin1");
      socket.end("QUIT\r\n");
      if (code === "220") resolve(code);
      else reject(new Error("it does not greet like a mail server"));
    });
    socket.once("close", () => reject(new Error("it closed the connection")));
  });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : error.message;
}
