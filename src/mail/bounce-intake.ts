import { readReturnPath, type ReturnPath } from "../domain/verp.ts";
import { readBounce } from "./bounce.ts";

export type ReturnPaths = { domain: string; secret: string };

/** From a returned message to the delivery it is about. A tag we did not make, an auto-reply, a delay: undefined. */
export async function readReturned(
  paths: ReturnPaths,
  recipients: string[],
  message: Buffer,
): Promise<{ of: ReturnPath; status: string; answer: string } | undefined> {
  const report = await readBounce(message);
  if (!report) return undefined;
  const of = [...recipients, ...report.to]
    .map((address) => readReturnPath(address, paths.domain, paths.secret))
    .find((each) => each !== undefined);
  return of && { of, status: report.status, answer: report.answer };
}
