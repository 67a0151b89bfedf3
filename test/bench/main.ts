/**
 * `npm run bench`: measures what we promise about pace, as ratios in one run or times with room to spare, and says whether it holds. It brings a
 * Postgres server, a mail server and users of its own, and takes them away again. `-- --quick` does it on smaller numbers in under two minutes,
 * `-- --json` prints one line of JSON a promise. Ends non-zero where a promise is not kept.
 */
import { parseArgs, styleText } from "node:util";
import { measureFootprint } from "./footprint.ts";
import { startPostgres, type Postgres } from "./postgres.ts";
import { killAll } from "./processes.ts";
import type { Measured, Size } from "./promise.ts";
import { measureSending } from "./sending.ts";
import { measureServing } from "./serving.ts";

const PARTS: Record<string, (postgres: Postgres, size: Size) => AsyncGenerator<Measured>> = {
  footprint: measureFootprint,
  serving: measureServing,
  sending: measureSending,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
const unknown = positionals.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  process.stderr.write(`There is no part "${unknown}". The parts are ${Object.keys(PARTS).join(", ")}.\n`);
  process.exit(64);
}

function print(measured: Measured): void {
  if (values.json) return void process.stdout.write(`${JSON.stringify(measured)}\n`);
  const { name, value, promise, ok } = measured;
  const verdict = ok ? styleText("green", "ok    ") : styleText("red", "MISSED");
  process.stdout.write(`${verdict} ${value.padStart(10)}  ${promise.padEnd(10)}  ${name}\n`);
}

let postgres: Postgres | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    // What fails from now on fails because its other half has been stopped.
    process.on("uncaughtException", () => undefined);
    void Promise.allSettled([killAll(), postgres?.stop()]).then(() => process.exit(1));
  });
}

let missed = 0;
for (const [name, measure] of Object.entries(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  // A server of its own for each part: statistics and pages of one say nothing about the next.
  postgres = await startPostgres();
  try {
    for await (const measured of measure(postgres, values.quick ? "quick" : "full")) {
      print(measured);
      if (!measured.ok) missed += 1;
    }
  } finally {
    await postgres.stop();
  }
}
process.exitCode = missed > 0 ? 1 : 0;
