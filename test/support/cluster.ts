/** A throw-away Postgres server of a test's own, on its own port and directory. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SmallDisk } from "./small-disk.ts";

export type Cluster = {
  url: string;
  restart(mode: "fast" | "immediate"): Promise<void>;
  /** One of the server's own programs, in this process's name: `pg_dump`. */
  run(name: string, args: string[]): Promise<unknown>;
  stop(): Promise<void>;
};

const run = promisify(execFile);
const DEBIAN = "/usr/lib/postgresql";
const isRoot = process.getuid?.() === 0;

/** Where the server's programs are, if this machine has them and they can be run: Postgres refuses to run as root. */
export function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folder = versions.map((version) => join(DEBIAN, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (!folder || !isRoot) return folder;
  try {
    execFileSync("runuser", ["-u", "postgres", "--", join(folder, "postgres"), "--version"], { stdio: "ignore" });
    return folder;
  } catch {
    return undefined;
  }
}

export async function startCluster(port?: number, disk?: SmallDisk): Promise<Cluster> {
  const programs = findPrograms();
  if (!programs) throw new Error("no Postgres programs on this machine");
  const dir = disk?.path ?? mkdtempSync(join(tmpdir(), "verify-bot-cluster-"));
  const there = async (...command: string[]) => {
    const [file = "", ...args] = [...(disk?.enter ?? []), ...command];
    await run(file, args, { cwd: dir });
  };
  if (isRoot) await there("chown", "postgres", dir);
  const data = join(dir, "data");
  const at = port ?? (await freePort());
  const program = (name: string, args: string[]) =>
    there(...(isRoot ? ["runuser", "-u", "postgres", "--"] : []), join(programs, name), ...args);
  const control = (...args: string[]) => program("pg_ctl", ["-D", data, "-w", "-t", "60", "-l", join(dir, "log"), ...args]);

  await program("initdb", ["-D", data, "-U", "verify", "--auth", "trust", "--no-sync", "-E", "UTF8", "--locale", "C"]);
  const options = `-p ${at} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${dir} -c max_connections=60`;
  await control("-o", options, "start");
  return {
    url: `postgres://verify@127.0.0.1:${at}/postgres`,
    async restart(mode) {
      await control("-o", options, "-m", mode, "restart");
    },
    run: (name, args) => run(join(programs, name), args),
    async stop() {
      await control("-m", "immediate", "stop").catch(() => undefined);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
