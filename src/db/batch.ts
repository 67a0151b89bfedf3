/** What many ask for one by one, done for many at once. */

type Waiting<I, O> = { item: I; resolve(result: O): void; reject(fault: unknown): void };

/**
 * Passes items on to `run` at once while fewer than `atOnce` runs are under way; those that come meanwhile wait for the next run, at most `most`
 * of them together. `run` answers item by item; a run that fails fails for all of its items.
 */
export function inBatches<I, O>(
  { most, atOnce }: { most: number; atOnce: number },
  run: (items: I[]) => Promise<O[]>,
): (item: I) => Promise<O> {
  const waiting: Waiting<I, O>[] = [];
  let running = 0;

  const go = async (): Promise<void> => {
    running += 1;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most);
      try {
        const results = await run(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as O);
      } catch (fault) {
        for (const { reject } of batch) reject(fault);
      }
    }
    running -= 1;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (running < atOnce) void go();
    });
}
