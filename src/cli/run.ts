/** The command line: words → one command → lines and an exit code. 0 done, 1 refused, 64 wrong use, 78 wrong configuration. */
import { parseArgs } from "node:util";
import { readConfig, type Config } from "../config.ts";
import type { Database } from "../db/client.ts";
import { isDatabaseAway } from "../db/faults.ts";
import { openDatabase } from "../db/open.ts";
import { cannotGoOn, isCannotGoOn, isWrongUse, wrongUse, type Command, type Given, type Outcome } from "./command.ts";
import { doctor } from "./doctor.ts";
import { grantOwnerCommand } from "./grant-owner.ts";
import { migrate } from "./migrate.ts";
import { organisationCreate } from "./organisation-create.ts";
import { rosterLoad } from "./roster-load.ts";

const EXIT = { done: 0, refused: 1, wrongUse: 64, wrongConfig: 78 };
const COMMANDS: Command[] = [organisationCreate, rosterLoad, grantOwnerCommand, doctor, migrate];

const USAGE = [
  "Usage: npm run cli -- <command> [--json]",
  "",
  ...COMMANDS.flatMap(({ usage, summary }) => [`  ${usage}`, `      ${summary}`]),
];

type Print = { out(text: string): void; err(text: string): void };
type Environment = Parameters<typeof readConfig>[0];

export async function runCommandLine(args: string[], environment: Environment, print: Print): Promise<number> {
  const { code, lines, json } = await endOf(args, environment);
  if (args.includes("--json"))
    print.out(JSON.stringify({ ok: code === EXIT.done, ...(code === EXIT.done ? {} : { message: lines.join("\n") }), ...json }));
  else (code === EXIT.done ? print.out : print.err)(lines.join("\n"));
  return code;
}

type End = { code: number; lines: string[]; json?: Record<string, unknown> };

async function endOf(args: string[], environment: Environment): Promise<End> {
  const [first] = args;
  if (first === "help" || first === "--help" || first === "-h") return { code: EXIT.done, lines: USAGE };
  const command = COMMANDS.find(({ name }) => name.split(" ").every((word, index) => args[index] === word));
  if (!command)
    return { code: EXIT.wrongUse, lines: first === undefined ? USAGE : [`There is no command like “${args.join(" ")}”.`, "", ...USAGE] };
  const usage = `Usage: npm run cli -- ${command.usage} [--json]`;
  try {
    const given = readGiven(command, args.slice(command.name.split(" ").length));
    if (given.options["help"] === true) return { code: EXIT.done, lines: [usage, `  ${command.summary}`] };
    const read = readConfig(environment, "cli");
    if (!read.ok)
      return { code: EXIT.wrongConfig, lines: ["The configuration is not right:", ...read.problems.map((problem) => `  - ${problem}`)] };
    const { ok, ...said } = await runOn(read.config, command, given);
    return { code: ok ? EXIT.done : EXIT.refused, ...said };
  } catch (error) {
    if (isWrongUse(error)) return { code: EXIT.wrongUse, lines: [error.message, usage] };
    if (isCannotGoOn(error)) return { code: EXIT.refused, lines: [error.message] };
    throw error;
  }
}

function readGiven(command: Command, args: string[]): Given {
  try {
    const options = { ...command.options, json: { type: "boolean" }, help: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (values.help !== true && positionals.length !== command.words) {
      throw wrongUse(positionals.length > command.words ? `“${positionals[command.words] ?? ""}” is too much.` : "Something is missing.");
    }
    return { words: positionals, options: values };
  } catch (error) {
    if (error instanceof TypeError && "code" in error) throw wrongUse(error.message);
    throw error;
  }
}

async function runOn(config: Config, command: Command, given: Given): Promise<Outcome> {
  let database: Database | undefined;
  const open = async () => (database ??= await openOrStop(config));
  try {
    return await command.run(given, { config, open });
  } catch (error) {
    throw isDatabaseAway(error) ? cannotGoOn("The database does not answer. Nothing was changed.") : error;
  } finally {
    await database?.close();
  }
}

async function openOrStop(config: Config): Promise<Database> {
  const opened = await openDatabase(config.database);
  if (opened.kind === "open") return opened.database;
  const holder = opened.pid === undefined ? "Another process" : `Process ${opened.pid}`;
  throw cannotGoOn(`${holder} has the data in ${opened.dataDir} open. Stop the server first; it and the command line cannot share PGlite.`);
}
