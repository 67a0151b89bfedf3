/** What both platforms need of a request's body: its bytes, its JSON, and text that holds nothing but text. Imports nothing of ours. */
import type { IncomingMessage } from "node:http";

const READ_MS = 10_000;

/** The body, or the status that says why not. Never holds more than `limit` bytes, and never waits for the rest of an endless one. */
export function readBytes(request: IncomingMessage, limit: number): Promise<Buffer | number> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Promise.resolve(413);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (result: Buffer | number) => {
      clearTimeout(timer);
      request.off("data", take);
      request.pause();
      resolve(result);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) return end(413);
      chunks.push(chunk);
    };
    const timer = setTimeout(() => end(408), READ_MS);
    request.on("data", take);
    request.once("end", () => end(size === 0 ? 400 : Buffer.concat(chunks)));
    request.once("error", () => end(400));
    request.once("close", () => end(400));
  });
}

/** Undefined where it is no UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined where it is no JSON, or nested deeper than `nesting`: that is an attack on recursive readers. */
export function parseJson(text: string, nesting: number): unknown {
  if (nestingOf(text) > nesting) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nestingOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at];
    if (quoted && sign === "\\") at += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === "[" || sign === "{")) deepest = Math.max(deepest, (depth += 1));
    else if (!quoted && (sign === "]" || sign === "}")) depth -= 1;
  }
  return deepest;
}

/** Tabs and line ends are text; the vertical tab is a line end that word processors copy. */
const CONTROL = /(?![\t\n\v\r\u0080-\u009f])\p{Cc}/u;

/** Whether a text, or anything in a parsed body, holds a control character: a database takes no U+0000, and no client lets a person type one. */
export function holdsControl(value: unknown): boolean {
  if (typeof value === "string") return CONTROL.test(value);
  if (Array.isArray(value)) return value.some(holdsControl);
  return (
    typeof value === "object" && value !== null && Object.entries(value).some(([key, inner]) => CONTROL.test(key) || holdsControl(inner))
  );
}
