import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
const START_MS = 45_000;

export type Product = {
  url: string;
  dataDir: string;
  /** What it printed; the banner, and whatever went wrong. */
  output(): string;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
};

/** The product as `npm start` runs it, with no configuration, in a data directory and on a port of its own. */
export async function startProduct(environment: Record<string, string> = {}): Promise<Product> {
  const dataDir = mkdtempSync(join(tmpdir(), "verify-bot-e2e-"));
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["src/main.ts"], { cwd: ROOT, env: { PATH, HOME, DATA_DIR: dataDir, PORT: "0", ...environment } });
  const ended = once(child, "exit");
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no banner within ${START_MS} ms:\n${output}`)), START_MS);
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      const [found] = /http:\/\/\S+(?=\/playground)/.exec(output) ?? [];
      if (!found) return;
      clearTimeout(late);
      resolve(found);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", (code) => reject(new Error(`it ended with ${code}:\n${output}`)));
  });
  return {
    url,
    dataDir,
    output: () => output,
    async stop() {
      if (child.exitCode === null) child.kill("SIGTERM");
      await ended;
      return child.exitCode;
    },
  };
}

export function removeData({ dataDir }: Product): void {
  rmSync(dataDir, { recursive: true, force: true });
}
