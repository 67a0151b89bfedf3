/** What one entry of the catalog is. */
import type { z } from "zod";
import type { Deps } from "../deps.ts";
import type { Need } from "../domain/permission.ts";
import type { Actor } from "./asker.ts";
import type { Field, FormValues } from "./form.ts";
import type { Line } from "./language/parse.ts";
import type { Reply } from "./reply.ts";
import type { Voice } from "./say.ts";

/** A form as a command builds it; dispatch adds the id that a submit answers to. */
export type FormBody = { title: string; submit: string; cancel: string; fields: Field[]; notice: string | null; refresh?: string };

/** What a command says: a reply, or a form to fill in for the given input. `replace` puts it in place of the pressed card. */
export type Said = { reply: Reply; replace?: boolean } | { form: unknown };

/** A line that names the command but lacks what it needs is answered by the reply. */
export type Read = { input: unknown } | { missing: Reply };

/** The form of a command: how it looks for an input, and the input its values stand for. */
export type CommandForm = {
  build(deps: Deps, actor: Actor, input: unknown, voice: Voice): Promise<FormBody>;
  /** `wrong` names fields with what is wrong about them. */
  submit(values: FormValues, input: unknown, voice: Voice): { input: unknown } | { wrong: Record<string, string> };
};

export type Command = {
  verb: string;
  /** Ways to write it, without the slash command in front. */
  usage: string[];
  read(line: Line, voice: Voice): Read;
  /** What this very input asks of the actor. Undefined when the input is not the command's. */
  needOf(input: unknown): Need | undefined;
  answer(deps: Deps, actor: Actor, input: unknown, voice: Voice): Promise<Said>;
  form?: CommandForm;
  /** The least that makes the command worth showing in help. */
  need: Need;
};

type Definition<S extends z.ZodType, O> = {
  verb: string;
  usage: string[];
  input: S;
  need: Need;
  needOf?(input: z.infer<S>): Need;
  read(line: Line, voice: Voice): Read;
  run(deps: Deps, actor: Actor, input: z.infer<S>): Promise<O>;
  say(outcome: O, voice: Voice): Said;
  form?: CommandForm;
};

/** Ties a use case to its verb: the input is checked before it runs, wherever it came from. */
export function command<S extends z.ZodType, O>(definition: Definition<S, O>): Command {
  const { input: schema, run, say, needOf, ...rest } = definition;
  return {
    ...rest,
    needOf(input) {
      const checked = schema.safeParse(input);
      if (!checked.success) return undefined;
      return needOf ? needOf(checked.data) : definition.need;
    },
    async answer(deps, actor, input, voice) {
      return say(await run(deps, actor, schema.parse(input)), voice);
    },
  };
}
