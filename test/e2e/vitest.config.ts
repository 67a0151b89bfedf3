import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { chromiumPath } from "./support/browser.ts";

if (chromiumPath === undefined) process.stderr.write("browser tests left out: no Chromium\n");

export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/support/pglite-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    passWithNoTests: true,
  },
});
