/** What a command of the command line is. It refuses in words; it throws for faults, and for wrong use. */
import type { ParseArgsOptionsConfig } from "node:util";
import type { z } from "zod";
import type { Config } from "../config.ts";
import type { Database } from "../db/client.ts";

/** `json` is what `--json` prints in place of the lines. */
export type Outcome = { ok: boolean; lines: string[]; json: Record<string, unknown> };

export type Given = { words: string[]; options: Record<string, unknown> };

export type Command = {
  name: string;
  usage: string;
  summary: string;
  /** How many words follow the name. */
  words: number;
  options: ParseArgsOptionsConfig;
  /** `open` gives the one database of this run, migrated. */
  run(given: Given, reach: { config: Config; open(): Promise<Database> }): Promise<Outcome>;
};

export function refused(line: string, json: Record<string, unknown>): Outcome {
  return { ok: false, lines: [line], json };
}

/** The words cannot be understood: exit 64 with the usage. */
export function wrongUse(message: string): Error {
  return Object.assign(new Error(message), { wrongUse: true });
}

export function isWrongUse(error: unknown): error is Error {
  return error instanceof Error && "wrongUse" in error;
}

/** Stops a command with a message and exit 1. */
export function cannotGoOn(message: string): Error {
  return Object.assign(new Error(message), { cannotGoOn: true });
}

export function isCannotGoOn(error: unknown): error is Error {
  return error instanceof Error && "cannotGoOn" in error;
}

export function textOption({ options }: Given, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

export function needOption(given: Given, name: string): string {
  const value = textOption(given, name);
  if (value === undefined) throw wrongUse(`--${name} is missing.`);
  return value;
}

export function read<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw wrongUse(`${parsed.error.issues.map((issue) => issue.message).join("; ")}.`);
  return parsed.data;
}
