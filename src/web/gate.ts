/** How many requests may use the database at once, and how many may wait for that. */
export type Gate = {
  /** Runs `work` in its turn; rejects with a `GateClosed` where too many wait, or where nothing has moved for `stuckMs`. */
  run<T>(work: () => Promise<T>): Promise<T>;
};

export type GateLimits = { running: number; waiting: number; stuckMs: number };

const CLOSED = "GATE_CLOSED";

export function isGateClosed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === CLOSED;
}

export function createGate({ running, waiting, stuckMs }: GateLimits): Gate {
  let busy = 0;
  let done = 0;
  const queue = new Set<() => void>();

  function closed(): Error {
    return Object.assign(new Error(`no turn: ${busy} running, ${queue.size} waiting`), { code: CLOSED });
  }

  function turn(): Promise<void> {
    if (busy < running) {
      busy++;
      return Promise.resolve();
    }
    if (queue.size >= waiting) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      let seen = done;
      const timer = setInterval(() => {
        if (done !== seen) {
          seen = done;
          return;
        }
        clearInterval(timer);
        queue.delete(go);
        reject(closed());
      }, stuckMs);
      const go = () => {
        clearInterval(timer);
        resolve();
      };
      queue.add(go);
    });
  }

  /** A turn given back goes straight to the one who has waited longest. */
  function handOn(): void {
    const [next] = queue;
    if (next) {
      queue.delete(next);
      next();
    } else busy--;
  }

  return {
    async run(work) {
      await turn();
      try {
        const result = await work();
        done++;
        return result;
      } finally {
        handOn();
      }
    },
  };
}
