/** A disk of a few MB, in memory, that only the processes started by way of `enter` see. Until the end of the test. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./folder.ts";
import { end } from "./product.ts";

export type SmallDisk = {
  path: string;
  /** What a command begins with to run where the disk is. */
  enter: string[];
  /** Leaves not a byte. */
  fill(): Promise<void>;
  /** Gives back what `fill` took. */
  free(): Promise<void>;
};

const run = promisify(execFile);

/** Whether this machine lets us mount one: that is root's. */
export function canMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmpdir()], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export async function smallDisk(mb: number): Promise<SmallDisk> {
  const path = temporaryFolder();
  const mount = `mount -t tmpfs -o size=${mb}m tmpfs ${path} && echo mounted && exec sleep infinity`;
  const holder = spawn("unshare", ["-m", "sh", "-c", mount], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => void (await end(holder, "SIGKILL")));
  await once(holder.stdout, "data");
  const inside = ["-t", String(holder.pid), "-m", "--"];
  const shell = async (command: string) => void (await run("nsenter", [...inside, "sh", "-c", command]));
  const filler = join(path, "filler");
  return {
    path,
    enter: ["nsenter", ...inside],
    fill: () => shell(`! head -c ${mb}m /dev/zero 2>/dev/null > ${filler}`),
    free: () => shell(`rm ${filler}`),
  };
}
