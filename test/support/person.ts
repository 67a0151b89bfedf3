/** What somebody sees and does in chat, in words that hold on every platform. */
import type { PostTo } from "../../src/deps.ts";

export type Message = { id: string; text: string; buttons: string[] };

export type Person = {
  /** Their own conversation with the bot, in order; a message that was edited stays where it was. */
  messages(): Message[];
  /** Types a line there; what is answered. */
  say(text: string): Promise<string>;
  /** Types it in a channel; what they alone are answered, and what everybody there can read. */
  sayInChannel(text: string): Promise<{ own: string; everybody: string }>;
  /** Presses the newest button with this label; what is answered. */
  press(label: string | RegExp): Promise<string>;
  /** Fills in the form at hand, by its labels, and sends it; what is answered, be it what is wrong. */
  fillIn(values: Record<string, string>): Promise<string>;
  /** Takes the file that was sent last. */
  file(): Promise<{ name: string; text: string }>;
};

export type Platform = {
  workspaceOf(organisationId: number): string;
  /** How the platform calls somebody: the person of a principal. */
  idOf(organisationId: number, name: string): string;
  enter(organisationId: number, name: string): Person;
  postTo: PostTo;
};

type Shown<B> = { id: string; text: string; buttons: (B & { label: string })[]; at: number };

/** One conversation as a client keeps it. `B` is what a platform needs to press a button. */
export function openConversation<B>() {
  const shown = new Map<string, Shown<B>>();
  let clock = 0;
  const all = () => [...shown.values()];
  return {
    show: (id: string, text: string, buttons: (B & { label: string })[]): void =>
      void shown.set(id, { id, text, buttons, at: (clock += 1) }),
    messages: (): Message[] => all().map(({ id, text, buttons }) => ({ id, text, buttons: buttons.map(({ label }) => label) })),
    /** What is new or changed after `work`. */
    async during(work: () => Promise<unknown>): Promise<string> {
      const before = clock;
      await work();
      const said = all().filter(({ at }) => at > before);
      return said.map(({ text }) => text).join("\n");
    },
    find(label: string | RegExp): { id: string; button: B & { label: string } } {
      const fits = (each: string) => (typeof label === "string" ? each === label : label.test(each));
      for (const { id, buttons } of all().toSorted((a, b) => b.at - a.at)) {
        const button = buttons.find((each) => fits(each.label));
        if (button) return { id, button };
      }
      throw new Error(
        `no button ${String(label)} among ${all()
          .flatMap(({ buttons }) => buttons.map((each) => each.label))
          .join(", ")}`,
      );
    },
  };
}
