/** People in Slack: what they type and press goes over signed requests, and what they see is what the fake Slack was told. */
import type { Deps } from "../../src/deps.ts";
import { fakeSlack, press, slackWire, submission, viewOf } from "./fake-slack.ts";
import { openConversation, type Person, type Platform } from "./person.ts";

type Node = { [property: string]: unknown };
type Sent = Record<string, unknown>;
type Client = ReturnType<typeof openConversation<{ value: string }>> & { form: Node | undefined; files: { name: string; text: string }[] };

const CHANNEL = "C1";

const children = (node: unknown): Node[] =>
  Array.isArray(node) ? node.flatMap(children) : typeof node === "object" && node !== null ? [node as Node] : [];

/** Whatever is to be read under a node, buttons left out. */
function textsIn(node: unknown): string[] {
  return children(node).flatMap((each) => {
    if (each["type"] === "actions") return [];
    return Object.values(each).flatMap((value) => (typeof value === "string" && value === each["text"] ? [value] : textsIn(value)));
  });
}

const wordsOf = (blocks: unknown): string => textsIn(blocks).join("\n").replace(/\n+/g, "\n").trim();

const buttonsOf = (blocks: unknown) =>
  children(blocks)
    .filter(({ type }) => type === "actions")
    .flatMap(({ elements }) => children(elements))
    .map(({ text, value }) => ({ label: String((text as Node)["text"]), value: String(value) }));

export async function openSlack(deps: Deps): Promise<Platform> {
  const slack = await fakeSlack();
  const wire = await slackWire(deps, slack);
  const clients = new Map<string, Client>();
  const places = new Map<string, { person: string; message: string | undefined }>();
  const everybody: string[] = [];
  let counter = 0;
  let uploading = { name: "", text: "" };

  /** A person is `U7OLGA` in the workspace `T7`, and their conversation with the bot `D7OLGA`. */
  const clientOf = (channel: unknown): Client => {
    const key = String(channel).slice(1);
    const known = clients.get(key) ?? { ...openConversation<{ value: string }>(), form: undefined, files: [] };
    clients.set(key, known);
    return known;
  };
  const post = (channel: unknown, ts: string, { blocks }: Sent) => {
    clientOf(channel).show(ts, wordsOf(blocks), buttonsOf(blocks));
    return { body: { channel: String(channel).replace(/^U/, "D"), ts } };
  };
  slack.script("users.info", ({ user }) => ({
    body: { user: { id: user, team_id: `T${/\d+/.exec(String(user))?.[0]}`, locale: "en-GB" } },
  }));
  slack.script("chat.postMessage", (sent) => post(sent["channel"], `1700.${(counter += 1)}`, sent));
  slack.script("chat.update", (sent) => post(sent["channel"], String(sent["ts"]), sent));
  slack.script("respond", (sent, path) => {
    const place = places.get(path);
    if (!place) throw new Error(`nobody asked at ${path}`);
    const replaces = sent["replace_original"] === true ? place.message : undefined;
    post(`D${place.person.slice(1)}`, replaces ?? `answer ${(counter += 1)}`, sent);
    if (sent["response_type"] === "in_channel" && place.message === undefined) everybody.push(wordsOf(sent["blocks"]));
    return {};
  });
  /** The usual answer stands. */
  const hear = (method: string, take: (sent: Sent) => void) =>
    slack.script(method, (sent) => {
      take(sent);
      return undefined;
    });
  hear("views.open", ({ trigger_id: trigger, view }) => (clientOf(String(trigger).split(" ")[1]).form = view as Node));
  hear("files.getUploadURLExternal", ({ filename }) => (uploading = { name: String(filename), text: "" }));
  hear("upload", ({ bytes }) => (uploading = { ...uploading, text: String(bytes) }));
  hear("files.completeUploadExternal", ({ channel_id: channel }) => clientOf(channel).files.push(uploading));

  function enter(organisationId: number, name: string): Person {
    const id = idOf(organisationId, name);
    const client = clientOf(id);
    const by = { user: { id, team_id: `T${organisationId}` }, team: { id: `T${organisationId}`, domain: "acme" } };
    const place = (message?: string): string => {
      const url = slack.responseUrl();
      places.set(new URL(url).pathname, { person: id, message });
      return url;
    };
    const asked = () => ({ trigger_id: `${(counter += 1)} ${id}`, response_url: place() });
    const type = (text: string, channel: string) =>
      wire.command(text, { user_id: id, team_id: `T${organisationId}`, channel_id: channel, ...asked() });
    /** Slack is acknowledged before it is answered. */
    const settled = async (work: Promise<unknown>) => {
      await work;
      await wire.app.stop();
    };
    return {
      messages: client.messages,
      say: (text) => client.during(() => settled(type(text, `D${id.slice(1)}`))),
      async sayInChannel(text) {
        const before = everybody.length;
        const own = await client.during(() => settled(type(text, CHANNEL)));
        return { own, everybody: everybody.slice(before).join("\n") };
      },
      press(label) {
        const { id: message, button } = client.find(label);
        const where = { container: { type: "message", is_ephemeral: message.startsWith("answer") }, channel: { id: `D${id.slice(1)}` } };
        const pressed = { ...by, ...where, ...asked(), response_url: place(message) };
        return client.during(() => settled(wire.interact(press(slack, button.value, pressed))));
      },
      async fillIn(values) {
        const { form } = client;
        if (!form) throw new Error("no form is open");
        const state = children(form["blocks"])
          .filter(({ type: kind }) => kind === "input")
          .map(({ block_id: block, label, element }) => {
            const { type: kind, action_id: action } = element as { type: string; action_id: string };
            return [block, { [action]: { type: kind, value: values[String((label as Node)["text"])] ?? null } }];
          });
        let errors: string[] = [];
        const said = await client.during(async () => {
          const sent = submission(viewOf(form, Object.fromEntries(state) as object), { ...by, trigger_id: `${(counter += 1)} ${id}` });
          const { text } = await wire.interact(sent);
          await wire.app.stop();
          if (text === "") client.form = undefined;
          else errors = Object.values((JSON.parse(text) as { errors: Record<string, string> }).errors);
        });
        return [said, ...errors].filter(Boolean).join("\n");
      },
      file() {
        const file = client.files.at(-1);
        return file ? Promise.resolve(file) : Promise.reject(new Error("no file was sent"));
      },
    };
  }
  const idOf = (organisationId: number, name: string) => `U${organisationId}${name.toUpperCase().replaceAll(" ", "")}`;
  return { workspaceOf: (organisationId) => `T${organisationId}`, idOf, enter, postTo: wire.app.postTo };
}
