/** `npm run cli -- <command>`. */
import { processEnvironment } from "../config.ts";
import { runCommandLine } from "./run.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), processEnvironment(), { out: console.log, err: console.error });
