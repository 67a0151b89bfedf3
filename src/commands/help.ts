import { z } from "zod";
import { may } from "../domain/permission.ts";
import { SPOKEN_PREFIX, type Actor } from "./asker.ts";
import { command, type Command } from "./command.ts";
import { findVerb, parseLine } from "./language/parse.ts";
import type { Reply } from "./reply.ts";
import type { Voice } from "./say.ts";

const Help = z.object({ verb: z.string().max(100).nullable().default(null) });

const FILTER_EXAMPLES = [
  'department:Lager office:"Malmö C" company:…',
  "connection:pending,no-address status:active role:… lang:sv",
  "pending>7d never-sent bounced -department:Butik",
];

type HelpOutcome = { actor: Actor; shown: Command[]; one: boolean };

/** Help shows what this person may use and nothing else. `commands` is asked for when it runs: help is one of them. */
export function helpCommandOver(commands: () => Command[]): Command {
  return command({
    verb: "help",
    usage: ["help", "help status"],
    input: Help,
    need: "anyone",
    read: (line) => ({ input: { verb: line.words[0] ? findVerb(line.words[0].text, verbsOf(commands())) : null } }),
    run(_deps, actor, { verb }): Promise<HelpOutcome> {
      const rights = { linked: actor.user !== null, roles: actor.roles };
      const usable = commands().filter((each) => each.usage.length > 0 && may(rights, each.need));
      const one = usable.filter((each) => each.verb === verb);
      return Promise.resolve({ actor, shown: one.length > 0 ? one : usable, one: one.length > 0 });
    },
    say: (outcome, voice) => ({ reply: sayHelp(outcome, voice) }),
  });
}

/** The ways to write a command that this person may use: reading about oneself takes less than reading about others. */
function usagesOf(each: Command, { user, roles }: Actor, voice: Voice): string[] {
  return each.usage.filter((usage) => {
    const parsed = parseLine(usage, [each.verb]);
    const read = parsed.ok ? each.read(parsed.line, voice) : undefined;
    const need = read && "input" in read ? each.needOf(read.input) : undefined;
    return need !== undefined && may({ linked: user !== null, roles }, need);
  });
}

const verbsOf = (commands: Command[]) => commands.filter((each) => each.usage.length > 0).map((each) => each.verb);

function sayHelp({ actor, shown, one }: HelpOutcome, voice: Voice): Reply {
  const t = voice.t.replies;
  const [first] = shown;
  const prefix = SPOKEN_PREFIX[actor.principal.platform];
  if (one && first) {
    const filters = first.verb === "bulk" ? FILTER_EXAMPLES : [];
    return {
      tone: "info",
      lines: [t.help.one({ verb: first.verb }), t.help.verbs[first.verb] ?? "", ...(filters.length > 0 ? [t.help.filters] : [])],
      code: [...usagesOf(first, actor, voice).map((usage) => prefix + usage), ...filters],
      personal: false,
    };
  }
  const who = actor.user ? [t.help.linked({ name: actor.user.name })] : actor.roles.length > 0 ? [] : [t.notLinked, t.notLinkedNext];
  return {
    tone: "info",
    lines: [t.help.title, ...who],
    items: {
      rows: shown.map((each) => {
        const [plainest = each.verb, example = plainest] = usagesOf(each, actor, voice);
        return { title: prefix + example, detail: t.help.verbs[each.verb] ?? "" };
      }),
      more: 0,
    },
    personal: true,
  };
}
