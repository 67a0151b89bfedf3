/** One line of JSON per event. Lines carry ids and counts: an address or a token that slips into one is blotted out on its way. */
import pino from "pino";
import type { Log } from "./deps.ts";

/** A word that may be an address. A pattern with the @ in it would look through a long word once for each of its letters. */
const WORD = /[^\s"\\<>,;:()[\]{}=/]+/gu;
const SECRETS = [
  /\bxox[a-z]-[\w-]+/g,
  /\bxapp-[\w-]+/g,
  /\bv1\.[\w-]{1,32}\.\d{1,15}\.[\w-]{20,}/g,
  /(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /(?<=\b(?:postgres(?:ql)?|smtps?|https?):\/\/)[^\s"@/]+(?=@)/g,
];
const KEYS = ["password", "token", "secret", "authorization", "cookie", "address", "email", "name", "text", "html", "body"];

export function openLog(level: string): Log & { fatal: Log["error"]; flush(): void } {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: KEYS.flatMap((key) => [key, `*.${key}`]), censor: "[left out]" },
    // Pino's own would take what `faultOf` made for an error, and drop its cause.
    serializers: { err: (fault: unknown) => fault },
    formatters: { level: (label) => ({ level: label }), log: (fields) => Object.fromEntries(Object.entries(fields).map(plain)) },
    hooks: { streamWrite: blot },
  });
}

/** Exported for its test: what leaves the process. */
export function blot(line: string): string {
  return SECRETS.reduce((text, pattern) => text.replace(pattern, "[left out]"), line).replace(WORD, (word) =>
    word.slice(1, -1).includes("@") ? "[address]" : word,
  );
}

function plain([key, value]: [string, unknown]): [string, unknown] {
  return [key, value instanceof Error ? faultOf(value) : value];
}

/** What is known of an error without the values in it: a database error's message may quote the row, drizzle's quotes all parameters. */
function faultOf(error: Error, depth = 0): object {
  const { code, constraint_name: constraint } = error as { code?: unknown; constraint_name?: unknown };
  const database = error.constructor.name === "PostgresError" || "severity" in error;
  const message = error.message.startsWith("Failed query:") ? error.message.split("\nparams:")[0]?.slice(0, 500) : error.message;
  const said = database ? String(code) : message;
  const at = error.stack
    ?.split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
  const cause = error.cause instanceof Error && depth < 4 ? faultOf(error.cause, depth + 1) : undefined;
  return { kind: error.constructor.name, code, constraint, message: said, at, cause };
}
