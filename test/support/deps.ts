import { randomBytes } from "node:crypto";
import type { Db } from "../../src/db/client.ts";
import type { Deps } from "../../src/deps.ts";

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Deps around a test database; override what the test is about. */
export function testDeps(db: Db, over: Partial<Deps> = {}): Deps {
  return {
    db,
    timers: { add: () => Promise.resolve() },
    keys: {
      link: { current: "1", byId: { "1": Buffer.alloc(32, 1) } },
      form: Buffer.alloc(32, 2),
      session: Buffer.alloc(32, 3),
      token: Buffer.alloc(32, 4),
      hash: Buffer.alloc(32, 5),
    },
    publicUrl: "https://verify.example",
    loginUrl: undefined,
    forgotPasswordUrl: undefined,
    now: () => new Date(),
    sleep: () => Promise.resolve(),
    settleWaitMs: 0,
    randomId: (bytes) => randomBytes(bytes).toString("base64url"),
    random: () => 0.5,
    log: silent,
    meter: { count: () => undefined },
    ...over,
  };
}
