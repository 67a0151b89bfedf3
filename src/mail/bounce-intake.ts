/** From a returned message to the delivery it is about. */
import { readReturnPath, type ReturnPath } from "../domain/verp.ts";
import { readBounce } from "./bounce.ts";

export type ReturnPaths = { domain: string; secret: string };

const MOST_HEAD_BYTES = 65_536;
const MOST_TAGS = 20;

/** A tag we did not make, an auto-reply, a delay: undefined. The tag is checked before the report is parsed, so that a stranger's message costs nothing. */
export async function readReturned(
  { domain, secret }: ReturnPaths,
  recipients: string[],
  message: Buffer,
): Promise<{ of: ReturnPath; status: string; answer: string } | undefined> {
  const of = [...recipients, ...tagsIn(message)]
    .map((address) => readReturnPath(address, domain, secret))
    .find((each) => each !== undefined);
  const report = of && (await readBounce(message));
  return report && { of, ...report };
}

/** What looks like a return path in the message's own headers, for a transport that does not say where the message was sent to. */
function tagsIn(message: Buffer): string[] {
  const text = message.subarray(0, MOST_HEAD_BYTES).toString("latin1");
  const end = text.search(/\r?\n\r?\n/);
  const head = end < 0 ? text : text.slice(0, end);
  return [...head.matchAll(/\bb-\d{1,15}-\d{1,15}-[\da-f]{20}@[\w.-]{1,255}/gi)].slice(0, MOST_TAGS).map(([tag]) => tag);
}
