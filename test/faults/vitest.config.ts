import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { findPrograms } from "../support/cluster.ts";

const onCluster = findPrograms() !== undefined;
if (!onCluster) process.stderr.write("Left out: restarting Postgres under load. This machine has no Postgres programs that can be run.\n");

export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: onCluster ? ["test/faults/*.test.ts"] : [],
    passWithNoTests: true,
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
