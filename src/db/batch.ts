/** What many ask for one by one, done for many at once. */

type Waiting<I, O> = { item: I; resolve(result: O): void; reject(fault: unknown): void };

/**
 * Passes an item on to `run` at once where no run is under way; those that come meanwhile wait for the next run, at most `most` of them together.
 * A run that takes longer than `patienceMs` holds up no other. `run` answers item by item; one that fails fails for all of its items.
 */
export function inBatches<I, O>(
  { most, patienceMs }: { most: number; patienceMs: number },
  run: (items: I[]) => Promise<O[]>,
): (item: I) => Promise<O> {
  const waiting: Waiting<I, O>[] = [];
  /** Whoever passes on what waits. */
  let turn: NodeJS.Timeout | undefined;

  const go = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most);
      const mine = setTimeout(() => {
        turn = undefined;
        void go();
      }, patienceMs);
      turn = mine;
      try {
        const results = await run(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as O);
      } catch (fault) {
        for (const { reject } of batch) reject(fault);
      }
      clearTimeout(mine);
      if (turn !== mine) return;
    }
    turn = undefined;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (turn === undefined) void go();
    });
}
