import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

type Rule = { rooms: string[]; packages: string[] };

/**
 * Who may import whom, besides themselves. What is not listed is forbidden; `main.ts` alone is free. `deps.ts` holds types only.
 * A room written with a slash is one file of it.
 */
const MAY: Record<string, Rule> = {
  domain: { rooms: [], packages: ["node:crypto"] },
  words: { rooms: [], packages: [] },
  wire: { rooms: [], packages: ["node:http"] },
  files: { rooms: [], packages: ["csv-parse", "csv-stringify", "hucre", "iconv-lite", "node:stream", "node:buffer"] },
  db: {
    rooms: ["domain"],
    packages: ["drizzle-orm", "postgres", "@electric-sql/pglite", "pg-boss", "zod", "node:fs", "node:path", "node:sqlite", "node:url"],
  },
  commands: { rooms: ["domain", "db", "files", "words", "deps.ts"], packages: ["zod", "drizzle-orm", "node:crypto"] },
  mail: {
    rooms: ["words", "domain", "deps.ts"],
    packages: ["nodemailer", "postal-mime", "smtp-server", "node:tls", "node:crypto"],
  },
  worker: {
    rooms: [
      "domain",
      "db",
      "words",
      "deps.ts",
      "commands/reply.ts",
      "commands/ready.ts",
      "commands/say.ts",
      "commands/sends/say-send.ts",
      "commands/people/say-mail.ts",
      "commands/sends/say-remind.ts",
      "commands/tell.ts",
      // The use cases whose hour has come.
      "commands/sends/approve.ts",
      "commands/sends/launch.ts",
      "commands/sends/remind-run.ts",
    ],
    packages: ["zod", "node:fs", "node:path"],
  },
  slack: {
    rooms: ["commands", "wire", "deps.ts", "../manifest"],
    packages: ["@slack/bolt", "express", "zod", "node:crypto", "node:http", "node:querystring"],
  },
  teams: {
    rooms: ["commands", "wire", "deps.ts"],
    packages: ["@microsoft/teams-ai", "botbuilder", "botframework-connector", "express", "jose", "zod", "node:crypto"],
  },
  web: {
    rooms: ["commands", "deps.ts"],
    packages: ["express", "node:crypto", "node:http", "node:stream"],
  },
  cli: {
    rooms: ["commands", "config.ts", "db/client.ts", "db/faults.ts", "db/open.ts"],
    packages: ["zod", "fflate", "node:util", "node:fs", "node:path", "node:net", "node:tls"],
  },
  playground: {
    rooms: ["commands", "domain/user.ts"],
    packages: ["express", "zod", "smtp-server", "postal-mime", "jose", "node:crypto", "node:http", "node:net", "node:path"],
  },
  "playground/demo.ts": { rooms: ["db", "domain"], packages: ["drizzle-orm"] },
  "deps.ts": { rooms: ["db", "commands/reply.ts", "domain"], packages: [] },
  "config.ts": { rooms: [], packages: ["zod"] },
  "keys.ts": { rooms: ["deps.ts"], packages: ["node:crypto", "node:fs", "node:path"] },
  "logs.ts": { rooms: ["deps.ts"], packages: ["pino"] },
  "metrics.ts": { rooms: ["deps.ts"], packages: ["prom-client"] },
};

/** The groups of `commands/` see its root, the command language and themselves; beyond that only what stands here. The root may name them all. */
const GROUPS: Record<string, string[]> = {
  language: [],
  people: ["sends/say-send.ts"],
  sends: [],
  organisation: [],
  link: [],
};

const FREE = "main.ts";
const SRC = join(import.meta.dirname, "../src");
const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^;"']*?\sfrom\s*"([^"]+)"|(?:^|\n)\s*import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/g;

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"));
const sources = new Map(files.map((file) => [file, readFileSync(join(SRC, file), "utf8")]));
const importsOf = (file: string) =>
  [...(sources.get(file) ?? "").matchAll(IMPORT)].flatMap(([, from, bare, late]) => from ?? bare ?? late ?? []);
const roomOf = (path: string) => /^\.\.\/[^/]+|^[^/]+/.exec(path)?.[0] ?? path;
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
const targetOf = (file: string, specifier: string) => relative(SRC, join(SRC, dirname(file), specifier)).replaceAll("\\", "/");

function allowed(file: string, specifier: string): boolean {
  const rule = MAY[file] ?? MAY[roomOf(file)];
  if (!rule) return false;
  if (specifier.startsWith("node:")) return rule.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  if (!specifier.startsWith(".")) return rule.packages.includes(packageOf(specifier));
  const target = targetOf(file, specifier);
  return roomOf(target) === roomOf(file) || rule.rooms.includes(roomOf(target)) || rule.rooms.includes(target);
}

const without = (file: string, pattern: RegExp) =>
  (sources.get(file) ?? "").split("\n").filter((line) => pattern.test(line.replace(/\/\/.*$|^\s*\*.*$|\/\*\*.*\*\//, "")));

describe("the rooms of the house", () => {
  it.each(files.filter((file) => file !== FREE))("The file %s imports only what its room may", (file) => {
    expect(importsOf(file).filter((specifier) => !allowed(file, specifier))).toEqual([]);
  });

  it("The groups of commands are kept apart", () => {
    const groupOf = (path: string) => /^commands\/([^/]+)\//.exec(path)?.[1];
    const crossings = files.flatMap((file) => {
      const group = groupOf(file);
      if (group === undefined) return [];
      return importsOf(file)
        .map((specifier) => targetOf(file, specifier))
        .filter((target) => ![undefined, group, "language"].includes(groupOf(target)))
        .filter((target) => !GROUPS[group]?.some((allowance) => target === `commands/${allowance}`))
        .map((target) => `${file} → ${target}`);
    });
    expect(crossings).toEqual([]);
    expect(new Set(files.map(groupOf).filter((group) => group !== undefined))).toEqual(new Set(Object.keys(GROUPS)));
  });

  it("Every allowance is used", () => {
    const unused = Object.entries(MAY).flatMap(([room, { rooms, packages }]) => {
      const used = files
        .filter((file) => (MAY[file] ? file : roomOf(file)) === room)
        .flatMap((file) => importsOf(file).map((each) => [file, each] as const));
      const targets = used.filter(([, each]) => each.startsWith(".")).map(([file, each]) => targetOf(file, each));
      return [
        ...rooms.filter((name) => !targets.some((target) => target === name || roomOf(target) === name)),
        ...packages.filter((name) => !used.some(([, each]) => each === name || each.startsWith(`${name}/`))),
      ].map((name) => `${room} → ${name}`);
    });
    expect(unused).toEqual([]);
  });

  it("The house has no import cycle", () => {
    const cycles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, trail: string[]): void => {
      if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      if (done.has(file)) return;
      done.add(file);
      for (const specifier of runtimeImportsOf(file)) visit(targetOf(file, specifier), [...trail, file]);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it("The environment is read in config.ts alone", () => {
    expect(files.filter((file) => file !== "config.ts" && without(file, /\bprocess\.env\b/).length > 0)).toEqual([]);
  });

  it("Clocks and random numbers are made in main.ts alone", () => {
    const clock = /\bnew Date\(\)|\bDate\.now\(|\bMath\.random\(|\brandom(?:Bytes|UUID|Int)\(|\bgetRandomValues\(/;
    const page = /^playground\/page\//;
    expect(files.filter((file) => file !== FREE && !page.test(file) && without(file, clock).length > 0)).toEqual([]);
  });

  it("Every file stays under 400 lines", () => {
    expect(files.filter((file) => (sources.get(file) ?? "").split("\n").length > 401)).toEqual([]);
  });

  it("Files are named in kebab-case and export by name", () => {
    expect(files.filter((file) => !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(file))).toEqual([]);
    // The one gate to the tables, which drizzle-kit reads as a whole.
    expect(files.filter((file) => without(file, /^export default|^export \* from/).length > 0)).toEqual(["db/schema/tables.ts"]);
  });
});

/** A type may point back at what uses it; code may not. */
function runtimeImportsOf(file: string): string[] {
  const source = sources.get(file) ?? "";
  const types = new Set([...source.matchAll(/(?:import|export)\s+type\s[^;"']*?\sfrom\s*"([^"]+)"/g)].map(([, from]) => from));
  return importsOf(file).filter((specifier) => specifier.startsWith(".") && !types.has(specifier));
}
