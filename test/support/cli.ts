import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../src/cli/run.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export type CliEnd = { code: number; out: string; err: string };

/** The real command line in a process of its own, with nothing of ours in its environment but `env`. */
export function runCli(args: string[], env: Record<string, string>): Promise<CliEnd> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: process.env["PATH"], ...env }, cwd: tmpdir(), timeout: 60_000 };
    execFile(process.execPath, [MAIN, ...args], options, (error, out, err) => {
      const code = error ? error.code : 0;
      if (typeof code === "number") resolve({ code, out, err });
      else reject(error ?? new Error("the command line did not end"));
    });
  });
}

/** The same in this process. */
export async function callCli(args: string[], env: Record<string, string>): Promise<CliEnd> {
  const end = { code: 0, out: "", err: "" };
  const keep = (where: "out" | "err") => (text: string) => {
    end[where] += `${text}\n`;
  };
  end.code = await runCommandLine(args, env, { out: keep("out"), err: keep("err") });
  return end;
}
