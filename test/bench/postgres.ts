/** The bench's own Postgres server, with the product's tables, and what its processes have cost. */
import { readdirSync, readFileSync } from "node:fs";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { openPostgres, rowsOf, type Db } from "../../src/db/client.ts";
import { migratePostgres } from "../../src/db/migrate.ts";
import { startCluster } from "../support/cluster.ts";

export type Postgres = {
  url: string;
  db: Db;
  /** Seconds of processor time that all its processes have used, the ended ones included. */
  cpuSeconds(): number;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const TICKS_A_SECOND = 100;

export async function startPostgres(): Promise<Postgres> {
  const cluster = await startCluster();
  await migratePostgres(cluster.url);
  const { db, close } = openPostgres(cluster.url, { max: 4 });
  const [file] = await rowsOf(
    db,
    z.object({ pid: z.coerce.number() }),
    sql`select split_part(pg_read_file('postmaster.pid'), E'\n', 1) as pid`,
  );
  const postmaster = file?.pid ?? 0;
  return {
    url: cluster.url,
    db,
    cpuSeconds: () =>
      (ticksOf(postmaster, true) + childrenOf(postmaster).reduce((sum, pid) => sum + ticksOf(pid, false), 0)) / TICKS_A_SECOND,
    restart: () => cluster.restart("fast"),
    stop: async () => {
      await close();
      await cluster.stop();
    },
  };
}

/** The numbers of /proc/<pid>/stat from the third on. @see proc(5) */
function statOf(pid: number | string): number[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text
      .slice(text.lastIndexOf(")") + 4)
      .split(" ")
      .map(Number);
  } catch {
    return undefined;
  }
}

function ticksOf(pid: number, withEnded: boolean): number {
  const stat = statOf(pid);
  const at = (index: number): number => stat?.[index] ?? 0;
  return at(10) + at(11) + (withEnded ? at(12) + at(13) : 0);
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && statOf(name)?.[0] === parent)
    .map(Number);
}
