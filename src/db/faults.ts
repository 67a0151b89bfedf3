/** What a database error means. drizzle wraps the driver's error: the whole chain of causes is looked through. */

/** The link to the server is gone, or nothing is known of it: whatever was under way may or may not have happened. */
const LOST = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "DEADLINE",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "57P01",
  "57P02",
  "08000",
  "08003",
  "08006",
]);

/** No use right now, though nothing was begun: cannot connect, starting up, standby, out of connections, memory or disk, or too slow. */
const AWAY = new Set([
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "57P03",
  "57014",
  "25006",
  "08001",
  "08004",
  "53000",
  "53100",
  "53200",
  "53300",
]);

const RETRYABLE = new Set(["40001", "40P01"]);

/** The database is not to be had at the moment: answer 503, or wait and try again. */
export function isDatabaseAway(error: unknown): boolean {
  return codesOf(error).some((code) => AWAY.has(code) || LOST.has(code));
}

export function isConnectionLost(error: unknown): boolean {
  return codesOf(error).some((code) => LOST.has(code));
}

/** Serialisation failure or deadlock: the same transaction may well pass when run again. */
export function isRetryable(error: unknown): boolean {
  return codesOf(error).some((code) => RETRYABLE.has(code));
}

/** A unique index refused the row: somebody else has the value. */
export function isUniqueViolation(error: unknown, index: string): boolean {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    const { code, constraint, constraint_name: name } = each as { code?: unknown; constraint?: unknown; constraint_name?: unknown };
    if (code === "23505" && (constraint === index || name === index)) return true;
  }
  return false;
}

/**
 * The driver writes to a socket that has just gone: its timer throws where nobody can catch it.
 * @see https://github.com/porsager/postgres/issues/1208
 */
export function isKnownDriverFault(error: unknown): boolean {
  if (!(error instanceof TypeError) || !/reading 'write'/.test(error.message)) return false;
  const [, first = ""] = (error.stack ?? "").split(/\n[ \t]+at /);
  return /nextWrite|\bwrite\b/.test(first) && /[\\/]node_modules[\\/]postgres[\\/]/.test(first);
}

export function deadlinePassed(ms: number): Error {
  return Object.assign(new Error(`no answer from the database within ${ms} ms`), { code: "DEADLINE" });
}

/** The end of `promise`, or an error after `ms`. What was asked for may still happen. */
export async function within<T>(ms: number, promise: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(deadlinePassed(ms)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    const { code } = each as { code?: unknown };
    if (typeof code === "string") codes.push(code);
  }
  return codes;
}
