/** Worker processes of one machine, each of which is killed and replaced. */
import { setTimeout as wait } from "node:timers/promises";
import { end, startProduct, until, type Around, type Product } from "./product.ts";
import { temporaryFolder } from "./folder.ts";

export type WorkerTeam = {
  /**
   * Ends the worker in each of these places with -9 once it has worked for `afterMs`, and starts another in its place at once, until `signal` aborts. Resolves
   * when all work again, with the number of kills.
   */
  replaceAfter(afterMs: number, places: number[], signal: AbortSignal): Promise<number>;
  /** One that lives, for `until`. */
  one(place: number): Product;
};

const isWorking = (worker: Product) => until(worker, () => worker.said().includes("worker started"));

/** They share a data directory, as those that are started with the same configuration do. Resolves when all work. */
export async function startTeam(around: Around, size: number): Promise<WorkerTeam> {
  const inOneFolder = { ...around, env: { ...around.env, DATA_DIR: temporaryFolder() } };
  const start = async () => {
    const worker = await startProduct(inOneFolder, "worker");
    await isWorking(worker);
    return worker;
  };
  const workers = await Promise.all(Array.from({ length: size }, start));
  const one = (place: number): Product => {
    const worker = workers[place];
    if (!worker) throw new Error(`no worker ${place}`);
    return worker;
  };
  const replaceIn = async (place: number, afterMs: number, signal: AbortSignal): Promise<number> => {
    for (let kills = 0; ; kills += 1) {
      await wait(afterMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return kills;
      await end(one(place).child, "SIGKILL");
      workers[place] = await start();
    }
  };
  return {
    one,
    replaceAfter: async (afterMs, places, signal) => {
      const kills = await Promise.all(places.map((place) => replaceIn(place, afterMs, signal)));
      return kills.reduce((sum, count) => sum + count, 0);
    },
  };
}
