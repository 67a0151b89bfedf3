/** A platform's token as it is stored: AES-256-GCM under a key of its own, bound to the row it stands in. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from "node:crypto";

const SALT_BYTES = 32;
const TAG_BYTES = 16;

/** `salt`: 32 fresh random bytes. `row` names the row; a token moved to another row does not open. */
export function sealToken(key: Buffer, row: string, token: string, salt: Buffer): string {
  if (salt.length !== SALT_BYTES) throw new Error(`a salt has ${SALT_BYTES} bytes`);
  const { secret, iv } = derive(key, row, salt);
  const cipher = createCipheriv("aes-256-gcm", secret, iv);
  const sealed = Buffer.concat([cipher.update(token, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return ["s1", keyId(key), salt.toString("base64url"), sealed.toString("base64url")].join(".");
}

/** Undefined where the token was sealed with another key, for another row, or changed since. */
export function openToken(key: Buffer, row: string, sealed: string): string | undefined {
  const [version, kid, salt = "", data = ""] = sealed.split(".");
  const bytes = Buffer.from(data, "base64url");
  if (version !== "s1" || kid !== keyId(key) || bytes.length < TAG_BYTES) return undefined;
  const { secret, iv } = derive(key, row, Buffer.from(salt, "base64url"));
  const decipher = createDecipheriv("aes-256-gcm", secret, iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(0, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return undefined;
  }
}

/** Names the key that sealed a token, without revealing it. */
function keyId(key: Buffer): string {
  return createHash("sha256").update("token key id").update(key).digest("hex").slice(0, 8);
}

/** The salt and the row give every token its own key and nonce, so no pair is used twice. */
function derive(key: Buffer, row: string, salt: Buffer): { secret: Buffer; iv: Buffer } {
  const bytes = Buffer.from(hkdfSync("sha256", key, salt, `verify-bot token ${row}`, 44));
  return { secret: bytes.subarray(0, 32), iv: bytes.subarray(32) };
}
