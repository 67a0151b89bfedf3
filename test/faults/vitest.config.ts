import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { findPrograms } from "../support/cluster.ts";
import { canMount } from "../support/small-disk.ts";
import { canFakeTime } from "../support/wrong-clock.ts";

const onCluster = findPrograms() !== undefined;
const leftOut: [boolean, string, string[]][] = [
  [onCluster, "all faults. This machine has no Postgres programs that can be run.", ["test/faults/*.test.ts"]],
  [canMount(), "a full disk. Only root may mount one, and unshare and nsenter are needed.", ["test/faults/disk-full.test.ts"]],
  [canFakeTime, "wrong clocks. There is no libfaketime here (apt-get install faketime).", ["test/faults/wrong-clock.test.ts"]],
];
const missing = leftOut.filter(([possible]) => !possible);
for (const [, what] of missing) process.stderr.write(`Left out: ${what}\n`);

export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["test/faults/*.test.ts"],
    exclude: missing.flatMap(([, , files]) => files),
    passWithNoTests: true,
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
