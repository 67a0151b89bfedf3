/** What the people of the playground see in Teams: a chat each with the bot, one channel, and the dialog that is open. Kept in memory. */
import type { Person } from "./slack-conversations.ts";

export type Card = Record<string, unknown>;
/** A file that waits for its reader's consent, or the one that was handed over. */
export type TeamsFile = { name: string; size: number; context: unknown; url: string | null };

/** `by`: a person's id, `bot`, or `teams` where the client itself speaks. */
export type TeamsMessage = {
  ts: string;
  channel: string;
  by: string;
  text: string;
  card: Card | null;
  file: TeamsFile | null;
  edited: boolean;
};

/** `command`: opened by the message extension, whose submit goes another way than a card's. */
export type Dialog = { title: string; card: Card; channel: string; command: string | null };

export type TeamsChange =
  | { kind: "message"; message: TeamsMessage }
  | { kind: "removed"; channel: string; ts: string }
  | { kind: "dialog"; person: string; dialog: Dialog | null };

export const TEAMS_CHANNEL = { id: "19:people-ops@thread.tacv2", name: "people-ops" };
const KEPT_MESSAGES = 300;
const KEPT_FILES = 50;

export const chatOf = (person: string) => `a:${person}`;

export type TeamsConversations = ReturnType<typeof makeTeamsConversations>;

export function makeTeamsConversations({ people, now }: { people: Person[]; now(): Date }) {
  const messages = new Map<string, TeamsMessage[]>();
  const dialogs = new Map<string, Dialog>();
  /** By id; null while a file is awaited. */
  const stored = new Map<string, Buffer | null>();
  const listeners = new Set<(change: TeamsChange) => void>();
  let last = 0;

  const tell = (change: TeamsChange) => listeners.forEach((listener) => listener(change));
  const listIn = (channel: string) => messages.get(channel) ?? messages.set(channel, []).get(channel) ?? [];
  const find = (channel: string, ts: string) => listIn(channel).find((message) => message.ts === ts);

  return {
    people,
    find,
    /** The conversation that an id of the connector's stands for; null for one that nobody here has. */
    channelOf(id: string): string | null {
      const plain = id.replace(/;messageid=.*$/, "");
      return plain === TEAMS_CHANNEL.id || people.some(({ person }) => chatOf(person) === plain) ? plain : null;
    },
    post(said: Pick<TeamsMessage, "channel" | "by"> & Partial<TeamsMessage>): TeamsMessage {
      last = Math.max(last + 1, now().getTime() * 1000);
      const ts = `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, "0")}`;
      const message: TeamsMessage = { text: "", card: null, file: null, edited: false, ...said, ts };
      const list = listIn(message.channel);
      list.push(message);
      if (list.length > KEPT_MESSAGES) list.shift();
      tell({ kind: "message", message });
      return message;
    },
    edit(channel: string, ts: string, said: Partial<Pick<TeamsMessage, "text" | "card" | "file">>): boolean {
      const message = find(channel, ts);
      if (!message) return false;
      Object.assign(message, said, { edited: true });
      tell({ kind: "message", message });
      return true;
    },
    remove(channel: string, ts: string): boolean {
      const list = listIn(channel);
      const at = list.findIndex((message) => message.ts === ts);
      if (at < 0) return false;
      list.splice(at, 1);
      tell({ kind: "removed", channel, ts });
      return true;
    },
    listFor: (person: string) => [...listIn(chatOf(person)), ...listIn(TEAMS_CHANNEL.id)],
    maySee: (person: string, channel: string) => channel === TEAMS_CHANNEL.id || channel === chatOf(person),
    dialogOf: (person: string) => dialogs.get(person) ?? null,
    showDialog(person: string, dialog: Dialog | null): void {
      if (dialog) dialogs.set(person, dialog);
      else dialogs.delete(person);
      tell({ kind: "dialog", person, dialog });
    },
    /** A place for one file, to be filled once. */
    awaitFile(id: string): void {
      const [oldest] = stored.keys();
      if (stored.size >= KEPT_FILES && oldest !== undefined) stored.delete(oldest);
      stored.set(id, null);
    },
    keepFile(id: string, bytes: Buffer): boolean {
      if (stored.get(id) !== null) return false;
      stored.set(id, bytes);
      return true;
    },
    findFile: (id: string) => stored.get(id) ?? undefined,
    subscribe: (listener: (change: TeamsChange) => void) => void listeners.add(listener),
  };
}
