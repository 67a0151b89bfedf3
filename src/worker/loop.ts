/** A step that is run again and again, with a rest in between that can be cut short. */
export type Loop = {
  /** Ends the rest under way, or leaves out the next one. */
  wake(): void;
  /** Resolves when the step under way has ended; no other follows. */
  stop(): Promise<void>;
};

/** Runs `step` until stopped; it says how many milliseconds to rest. `onFault` says the same after a step that threw. */
export function startLoop(step: () => Promise<number>, onFault: (fault: unknown) => number): Loop {
  const stopping = new AbortController();
  let awake = false;
  let endRest = (): void => undefined;

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const restMs = await step().catch(onFault);
      if (!stopping.signal.aborted && !awake && restMs > 0) await rest(restMs);
      awake = false;
    }
  };
  const running = run();

  const wake = (): void => {
    awake = true;
    endRest();
  };
  return {
    wake,
    stop: () => {
      stopping.abort();
      wake();
      return running;
    },
  };
}
