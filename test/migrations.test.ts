import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as schema from "../src/db/schema/tables.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

const Journal = z.object({ entries: z.array(z.object({ idx: z.number(), when: z.number(), tag: z.string() })) });
const { entries } = Journal.parse(read("migrations/meta/_journal.json"));

describe("migrations", () => {
  it("The migrations are in step with the schema", async () => {
    const last = String((entries.length || 1) - 1).padStart(4, "0");
    const before = read(`migrations/meta/${last}_snapshot.json`) as Parameters<typeof generateMigration>[0];
    expect(await generateMigration(before, generateDrizzleJson(schema, before.id))).toEqual([]);
  });

  it("The migrations are named by hand, numbered without a gap, and all in the journal", () => {
    const files = readdirSync(join(ROOT, "migrations")).filter((file) => file.endsWith(".sql"));
    expect(files.toSorted()).toEqual(entries.map(({ tag }) => `${tag}.sql`));
    expect(entries.map(({ tag, idx }) => [tag.slice(0, 4), idx])).toEqual(
      entries.map((_entry, index) => [String(index).padStart(4, "0"), index]),
    );
    expect(entries.filter(({ tag }) => !/^\d{4}_[a-z]+(?:_[a-z0-9]+)+$/.test(tag))).toEqual([]);
  });

  it("The migrations go forward in time, or a later one would never run", () => {
    expect(entries.map(({ when }) => when)).toEqual(entries.map(({ when }) => when).toSorted((a, b) => a - b));
  });
});

const Lock = z.object({ packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() })) });

describe("the lockfile", () => {
  const { packages } = Lock.parse(read("package-lock.json"));

  /** As Node looks it up: beside the package, then in every folder above. */
  function isLocked(from: string, name: string): boolean {
    for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf("/node_modules/")))) {
      if (packages[`${base ? `${base}/` : ""}node_modules/${name}`]) return true;
      if (base === "") return false;
    }
  }

  it("The lockfile holds every platform's binary that a package names, so that npm ci works elsewhere", () => {
    const named = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).map((name) => ({ from, name })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ from, name }) => !isLocked(from, name))).toEqual([]);
  });
});
