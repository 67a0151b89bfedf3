/** Reads what comes back to a return path. Only a delivery status notification that says "failed" for good is a bounce. @see RFC 3464, RFC 3834 */
import PostalMime, { type Attachment } from "postal-mime";
import { cleanAnswer } from "./clean.ts";

export type BounceReport = {
  /** `5.1.1` and the like. */
  status: string;
  /** The remote server's words, without addresses. */
  answer: string;
};

const MOST_BYTES = 1_000_000;

/** Undefined for everything that is not a permanent failure: delays, successes, out-of-office replies, letters. */
export async function readBounce(raw: Buffer): Promise<BounceReport | undefined> {
  if (raw.length > MOST_BYTES) return undefined;
  const mail = await PostalMime.parse(raw, { maxNestingDepth: 20 }).catch(() => undefined);
  const status = mail?.attachments.find((part) => /^message\/(?:global-)?delivery-status$/i.test(part.mimeType));
  if (!mail || !status) return undefined;
  for (const block of textOf(status)
    .split(/\r?\n\r?\n/)
    .slice(1)) {
    const fields = fieldsOf(block);
    const code = /\b5\.\d{1,3}\.\d{1,3}\b/.exec(fields.get("status") ?? "")?.[0];
    if (fields.get("action")?.toLowerCase() !== "failed" || !code) continue;
    const words = (fields.get("diagnostic-code") ?? "").replace(/^[\w-]+;\s*/, "");
    return { status: code, answer: cleanAnswer(words) || code };
  }
  return undefined;
}

function textOf({ content }: Attachment): string {
  return typeof content === "string" ? content : Buffer.from(content as ArrayBuffer).toString("utf8");
}

/** Header fields of one block of the status part, unfolded, names in lower case. */
function fieldsOf(block: string): Map<string, string> {
  const lines = block.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const cut = line.indexOf(":");
      return cut > 0 ? [[line.slice(0, cut).trim().toLowerCase(), line.slice(cut + 1).trim()]] : [];
    }),
  );
}
