/** What the local Slack remembers, in memory: conversations, open modals, one-use triggers and response addresses, files. */
import { z } from "zod";

export const Block = z.looseObject({ type: z.string(), block_id: z.string().optional() });
export type Block = z.infer<typeof Block>;

export const View = z.looseObject({
  type: z.string(),
  title: z.looseObject({ text: z.string() }),
  blocks: z.array(Block),
  callback_id: z.string().optional(),
  private_metadata: z.string().optional(),
  external_id: z.string().optional(),
});
export type View = z.infer<typeof View>;

export const Attachment = z.looseObject({ color: z.string().optional(), blocks: z.array(Block).optional(), text: z.string().optional() });
export type Attachment = z.infer<typeof Attachment>;

/** A member of the demo workspace; `person` is the Slack user id. */
export type Person = { person: string; as: "owner" | "admin" | "auditor" | "employee"; name: string };

export type FileOnMessage = { id: string; name: string; size: number };

/** `by`: the bot, a person's id, or `slack` where the client itself speaks. `visibleTo`: null, or the one person an ephemeral message is for. */
export type Message = {
  channel: string;
  ts: string;
  by: string;
  text: string;
  blocks: Block[];
  attachments: Attachment[];
  files: FileOnMessage[];
  visibleTo: string | null;
  edited: boolean;
};

export type OpenView = { id: string; hash: string; rootId: string; previousId: string | null; view: View };

export type Change =
  | { kind: "message"; message: Message }
  | { kind: "removed"; channel: string; ts: string; visibleTo: string | null }
  | { kind: "views"; person: string; views: OpenView[] };

export const BOT = { user: "U0VERIFYBOT", id: "B0VERIFYBOT", app: "A0VERIFYBOT", name: "verify" };
export const SHARED_CHANNEL = { id: "C0PEOPLEOPS", name: "people-ops" };

const KEPT_MESSAGES = 300;
const KEPT_FILES = 50;
const TRIGGER_MS = 3_000;
const RESPONSE_MS = 30 * 60_000;
const RESPONSE_USES = 5;

type ResponseAddress = { channel: string; person: string; ts: string | null; uses: number; expiresAt: number };

export const directChannel = (person: string) => `D${person.slice(1)}`;

const withBlockIds = (blocks: Block[]): Block[] => blocks.map((block, index) => ({ ...block, block_id: block.block_id ?? `b${index}` }));

export type Conversations = ReturnType<typeof makeConversations>;

export function makeConversations({ people, now, randomId }: { people: Person[]; now(): Date; randomId(bytes: number): string }) {
  const messages = new Map<string, Message[]>();
  const views = new Map<string, OpenView[]>();
  const triggers = new Map<string, { person: string; expiresAt: number }>();
  const responses = new Map<string, ResponseAddress>();
  const files = new Map<string, { name: string; bytes: Buffer }>();
  const listeners = new Set<(change: Change) => void>();
  let lastTs = 0;

  const tell = (change: Change) => listeners.forEach((listener) => listener(change));
  const listIn = (channel: string) => messages.get(channel) ?? messages.set(channel, []).get(channel) ?? [];
  const maySee = (person: string, channel: string, visibleTo: string | null) =>
    (channel === SHARED_CHANNEL.id || channel === directChannel(person)) && (visibleTo === null || visibleTo === person);

  function nextTs(): string {
    lastTs = Math.max(lastTs + 1, now().getTime() * 1000);
    return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, "0")}`;
  }

  const findMessage = (channel: string, ts: string) => listIn(channel).find((message) => message.ts === ts);

  return {
    people,
    /** The channel an id stands for: a person's id means the bot's direct message with them. */
    channelOf(id: string): string | null {
      if (people.some(({ person }) => person === id)) return directChannel(id);
      return id === SHARED_CHANNEL.id || people.some(({ person }) => directChannel(person) === id) ? id : null;
    },
    post(said: Pick<Message, "channel" | "by" | "text"> & Partial<Message>): Message {
      const message: Message = {
        attachments: [],
        files: [],
        visibleTo: null,
        edited: false,
        ...said,
        blocks: withBlockIds(said.blocks ?? []),
        ts: nextTs(),
      };
      const list = listIn(message.channel);
      list.push(message);
      if (list.length > KEPT_MESSAGES) list.shift();
      tell({ kind: "message", message });
      return message;
    },
    edit(channel: string, ts: string, said: Partial<Pick<Message, "text" | "blocks" | "attachments">>): Message | null {
      const message = findMessage(channel, ts);
      if (!message) return null;
      Object.assign(message, said, { blocks: withBlockIds(said.blocks ?? []), attachments: said.attachments ?? [], edited: true });
      tell({ kind: "message", message });
      return message;
    },
    remove(channel: string, ts: string): boolean {
      const list = listIn(channel);
      const index = list.findIndex((message) => message.ts === ts);
      const [message] = index < 0 ? [] : list.splice(index, 1);
      if (message) tell({ kind: "removed", channel, ts, visibleTo: message.visibleTo });
      return message !== undefined;
    },
    findMessage,
    listFor: (person: string): Message[] =>
      [SHARED_CHANNEL.id, directChannel(person)].flatMap(listIn).filter((message) => maySee(person, message.channel, message.visibleTo)),
    maySee,

    viewsOf: (person: string): OpenView[] => views.get(person) ?? [],
    findView(id: string): { person: string; open: OpenView } | null {
      for (const [person, stack] of views)
        for (const open of stack) if (open.id === id || open.view.external_id === id) return { person, open };
      return null;
    },
    openView(person: string, view: View, how: "open" | "push"): OpenView {
      const stack = how === "push" ? (views.get(person) ?? []) : [];
      const id = `V${randomId(8)}`;
      const open: OpenView = {
        id,
        hash: randomId(8),
        rootId: stack[0]?.id ?? id,
        previousId: stack.at(-1)?.id ?? null,
        view: { ...view, blocks: withBlockIds(view.blocks) },
      };
      views.set(person, [...stack, open]);
      tell({ kind: "views", person, views: [...stack, open] });
      return open;
    },
    /** Null when the view was closed meanwhile; `hash_conflict` when somebody updated it since `hash`. */
    updateView(id: string, view: View, hash: string | undefined): OpenView | "hash_conflict" | null {
      const found = this.findView(id);
      if (!found) return null;
      if (hash !== undefined && hash !== found.open.hash) return "hash_conflict";
      Object.assign(found.open, { hash: randomId(8), view: { ...view, blocks: withBlockIds(view.blocks) } });
      tell({ kind: "views", person: found.person, views: views.get(found.person) ?? [] });
      return found.open;
    },
    closeViews(person: string, how: "top" | "all") {
      const stack = how === "all" ? [] : (views.get(person) ?? []).slice(0, -1);
      views.set(person, stack);
      tell({ kind: "views", person, views: stack });
    },

    newTrigger(person: string): string {
      const at = now().getTime();
      for (const [id, trigger] of triggers) if (trigger.expiresAt < at) triggers.delete(id);
      const id = `${at}.${randomId(6)}.${randomId(16)}`;
      triggers.set(id, { person, expiresAt: at + TRIGGER_MS });
      return id;
    },
    /** Whose trigger it was: each opens one modal, within three seconds. */
    useTrigger(id: string): string | null {
      const trigger = triggers.get(id);
      triggers.delete(id);
      return trigger && trigger.expiresAt >= now().getTime() ? trigger.person : null;
    },
    newResponse(channel: string, person: string, ts: string | null): string {
      const at = now().getTime();
      for (const [id, response] of responses) if (response.expiresAt < at) responses.delete(id);
      const id = randomId(18);
      responses.set(id, { channel, person, ts, uses: 0, expiresAt: at + RESPONSE_MS });
      return id;
    },
    /** Null once used five times or thirty minutes old. */
    useResponse(id: string): ResponseAddress | null {
      const response = responses.get(id);
      if (!response || response.uses >= RESPONSE_USES || response.expiresAt < now().getTime()) return null;
      response.uses += 1;
      return response;
    },

    reserveFile(name: string): string {
      const id = `F${randomId(9)}`;
      files.set(id, { name, bytes: Buffer.alloc(0) });
      for (const old of [...files.keys()].slice(0, -KEPT_FILES)) files.delete(old);
      return id;
    },
    fillFile(id: string, bytes: Buffer): boolean {
      const file = files.get(id);
      if (file) file.bytes = bytes;
      return file !== undefined;
    },
    findFile: (id: string) => files.get(id) ?? null,

    subscribe(listener: (change: Change) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
