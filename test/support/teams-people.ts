/** People in Teams: what they type and press goes as signed activities, and what they see is what the fake connector was told. */
import type { Deps } from "../../src/deps.ts";
import {
  CHANNEL_ID,
  execute,
  fakeTeams,
  invoke,
  mention,
  message,
  nodesOf,
  objectIdOf,
  teamsWire,
  textOf,
  type Answered,
  type Told,
} from "./fake-teams.ts";
import { openConversation, type Person, type Platform } from "./person.ts";

type Node = { [property: string]: unknown };
type Press = { press: Node };
type Offer = { name: string; content: { acceptContext: object } };
type Client = ReturnType<typeof openConversation<Press>> & {
  form: { card: Node; message: string | undefined } | undefined;
  offer: Offer | undefined;
};

const FILE_CONSENT = "application/vnd.microsoft.teams.card.file.consent";

/** A card without its buttons, which hold questions of their own. */
function bodyOf(card: Node): Node[] {
  return (card["body"] as Node[]).filter(({ type }) => type !== "ActionSet");
}

/** A button that asks first unfolds the one that counts. */
function buttonsOf(card: Node): (Press & { label: string })[] {
  const sets = (card["body"] as Node[]).filter(({ type }) => type === "ActionSet");
  return sets
    .flatMap(({ actions }) => actions as Node[])
    .map((action) => {
      const inner = action["type"] === "Action.ShowCard" ? nodesOf(action["card"]).find(({ type }) => type === "Action.Execute") : action;
      return { label: String(action["title"]), press: inner ?? action };
    });
}

const wordsOf = (card: Node): string => textOf(bodyOf(card)).replace(/^(?:✅|ℹ️|⚠️|⛔|🚨) /u, "");
const inputsOf = (card: Node): Node[] => nodesOf(card).filter(({ type }) => String(type).startsWith("Input."));

export async function openTeams(deps: Deps): Promise<Platform> {
  const teams = await fakeTeams();
  const wire = await teamsWire(deps, teams);
  const clients = new Map<string, Client>();
  const everybody: string[] = [];
  let counter = 0;
  let uploaded = "";

  const clientOf = (account: string): Client => {
    const known = clients.get(account) ?? { ...openConversation<Press>(), form: undefined, offer: undefined };
    clients.set(account, known);
    return known;
  };
  const show = (client: Client, id: string, card: Node) => {
    client.show(id, wordsOf(card), buttonsOf(card));
    if (inputsOf(card).length > 0) client.form = { card, message: id };
    else if (client.form?.message === id) client.form = undefined;
  };
  const take = ({ path, body }: Told, id: string) => {
    const [, conversation = ""] = /conversations\/([^/]+)/.exec(decodeURIComponent(path)) ?? [];
    const [attachment] = (body["attachments"] ?? []) as { contentType: string; name: string; content: Node }[];
    if (!attachment) return;
    if (conversation.startsWith(CHANNEL_ID)) everybody.push(textOf(bodyOf(attachment.content)));
    else {
      const client = clientOf(conversation.replace(/^a:(?:chat|opened)-/, ""));
      if (attachment.contentType === FILE_CONSENT) client.offer = attachment as unknown as Offer;
      else if (attachment.content["body"]) show(client, id, attachment.content);
    }
  };
  teams.script("member", ({ path }) => {
    const account = decodeURIComponent(path.split("/").at(-1) ?? "");
    const person = objectIdOf(account);
    const tenantId = `tenant-${/\d+-/.exec(account)?.[0].slice(0, -1)}`;
    return { body: { id: account, aadObjectId: person, userPrincipalName: `${person}@acme.example`, tenantId, userRole: "user" } };
  });
  teams.script("send", (told) => {
    const id = `said-${(counter += 1)}`;
    take(told, id);
    return { status: 201, body: { id } };
  });
  teams.script("edit", (told) => {
    const id = told.path.split("/").at(-1) ?? "";
    if (id === "upload") uploaded = String(told.body["bytes"]);
    else take(told, id);
    return { body: { id } };
  });

  function enter(organisationId: number, name: string): Person {
    const account = accountOf(organisationId, name);
    const client = clientOf(account);
    const tenantId = `tenant-${organisationId}`;
    const tenant = { id: tenantId };
    const own = { conversation: { id: `a:chat-${account}`, tenantId, conversationType: "personal" }, channelData: { tenant } };
    const inChannel = {
      conversation: { id: `${CHANNEL_ID};messageid=1`, tenantId, conversationType: "channel", isGroup: true },
      channelData: { tenant, team: { id: "19:team@thread.tacv2" }, channel: { id: CHANNEL_ID } },
    };
    /** An invoke has its answer before all is said. */
    const send = async (body: unknown): Promise<Answered> => {
      const answer = await wire.post(body);
      await wire.app.stop();
      if (answer.status !== 200) throw new Error(`Teams was answered ${answer.status}`);
      return answer;
    };
    const asDialog = ({ body }: Answered) => {
      const task = body["task"] as { value: { card?: { content: Node } } } | undefined;
      const card = task?.value.card?.content;
      client.form = card && inputsOf(card).length > 0 ? { card, message: undefined } : undefined;
      return card ? wordsOf(card) : "";
    };
    return {
      messages: client.messages,
      say: (text) => client.during(() => send(message(teams, account, `verify ${text}`, own))),
      async sayInChannel(text) {
        const before = everybody.length;
        const said = await client.during(() => send(mention(teams, account, text, inChannel)));
        return { own: said, everybody: everybody.slice(before).join("\n") };
      },
      press(label) {
        const { id, button } = client.find(label);
        const { type, verb, data } = button.press;
        return client.during(async () => {
          if (type === "Action.Submit") asDialog(await send(invoke(teams, account, "task/fetch", { data }, own)));
          else await send(execute(teams, account, String(verb), data, { ...own, replyToId: id }));
        });
      },
      async fillIn(values) {
        const { form } = client;
        if (!form) throw new Error("no form is open");
        const filled = inputsOf(form.card).map(({ id, label }) => [id, values[String(label).replace(/ \*$/, "")] ?? ""]);
        const [submit] = form.card["actions"] as Node[];
        const data = { ...(submit?.["data"] as object), ...(Object.fromEntries(filled) as object) };
        let dialog = "";
        const said = await client.during(async () => {
          if (form.message === undefined) dialog = asDialog(await send(invoke(teams, account, "task/submit", { data }, own)));
          else await send(execute(teams, account, String(submit?.["verb"]), data, { ...own, replyToId: form.message }));
        });
        return [said, dialog].filter(Boolean).join("\n");
      },
      async file() {
        const { offer } = client;
        if (!offer) throw new Error("no file was offered");
        const uploadUrl = `${teams.serviceUrl}v3/conversations/a:drive/activities/upload`;
        const uploadInfo = {
          name: offer.name,
          contentUrl: `https://acme-my.sharepoint.com/${offer.name}`,
          uploadUrl,
          uniqueId: "u",
          fileType: "csv",
        };
        const { acceptContext: context } = offer.content;
        await send(invoke(teams, account, "fileConsent/invoke", { type: "fileUpload", action: "accept", context, uploadInfo }, own));
        return { name: offer.name, text: uploaded };
      },
    };
  }
  const accountOf = (organisationId: number, name: string) => `29:${organisationId}-${name.replaceAll(" ", "")}`;
  const idOf = (organisationId: number, name: string) => objectIdOf(accountOf(organisationId, name));
  return { workspaceOf: (organisationId) => `tenant-${organisationId}`, idOf, enter, postTo: wire.app.postTo };
}
