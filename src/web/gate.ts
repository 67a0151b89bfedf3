/** How many requests may use the database at once, how many may wait for that, and for how long. */
export type Gate = {
  /** Runs `work` in its turn; rejects (`isGateClosed`) where too many wait, where nothing moves, or where the work takes too long. */
  run<T>(work: () => Promise<T>): Promise<T>;
};

/** `stuckMs`: how long one waits while nobody's work ends well. */
export type GateLimits = { running: number; waiting: number; stuckMs: number; workMs: number };

const CLOSED = "GATE_CLOSED";

export function isGateClosed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === CLOSED;
}

function closed(why: string): Error {
  return Object.assign(new Error(why), { code: CLOSED });
}

export function createGate({ running, waiting, stuckMs, workMs }: GateLimits): Gate {
  let busy = 0;
  let done = 0;
  const queue = new Set<() => void>();

  function turn(): Promise<void> {
    if (busy < running) {
      busy++;
      return Promise.resolve();
    }
    if (queue.size >= waiting) return Promise.reject(closed(`${queue.size} are waiting`));
    return new Promise((resolve, reject) => {
      let seen = done;
      const look = (): void => {
        if (!queue.has(go)) return;
        if (done !== seen) {
          seen = done;
          return;
        }
        clearInterval(timer);
        queue.delete(go);
        reject(closed(`nothing moved for ${stuckMs} ms`));
      };
      // A process that was too busy to read answers reads them first.
      const timer = setInterval(() => setImmediate(look), stuckMs);
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
        const result = await within(workMs, work());
        done++;
        return result;
      } finally {
        handOn();
      }
    },
  };
}

/** The end of `work`, or a closed gate after `ms`. What was asked for may still happen. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(closed(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
