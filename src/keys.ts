/** Everything secret is derived from SECRET_KEY: one key per use, so that no key opens what another one guards. */
import { createHash, hkdfSync } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Keys } from "./deps.ts";

export type Secrets = { current: Buffer; previous: Buffer | undefined };

/** Links made with the previous key keep working while it is configured. Everything else moves to the current key at once. */
export function deriveKeys({ current, previous }: Secrets): Keys {
  const link = (secret: Buffer) => [keyId(secret), derive(secret, "link")] as const;
  const [kid, key] = link(current);
  return {
    link: { current: kid, byId: { ...(previous && Object.fromEntries([link(previous)])), [kid]: key } },
    form: derive(current, "form"),
    session: derive(current, "session"),
    token: derive(current, "token"),
    hash: derive(current, "hash"),
  };
}

/** The embedded default's own secret, made once and readable by its owner alone. `fresh` is kept if there is none yet. */
export function ownSecret(dataDir: string, fresh: Buffer): Buffer {
  const file = join(dataDir, "secret-key");
  const draft = `${file}.${process.pid}`;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(draft, `${fresh.toString("base64")}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft);
  }
  return Buffer.from(readFileSync(file, "utf8").trim(), "base64");
}

/** Names a generation of the secret without revealing it. */
function keyId(secret: Buffer): string {
  return createHash("sha256").update("verify-bot key id").update(derive(secret, "key id")).digest("base64url").slice(0, 6);
}

function derive(secret: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "verify-bot", use, 32));
}
