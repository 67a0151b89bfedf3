/** The Slack Web API on this machine: the methods the app calls, answered from memory as slack.com would. */
import express, { type Request, type Response, type Router } from "express";
import { z } from "zod";
import { problemsInMessage, problemsInView } from "./slack-check.ts";
import { Attachment, Block, BOT, type Conversations, type Message, type OpenView, SHARED_CHANNEL, View } from "./slack-conversations.ts";

const MAX_BODY = "12mb";

/** Arguments arrive as form fields; structures in them as JSON text. */
const json = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value, context) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue("not JSON");
      return z.NEVER;
    }
  }, schema);

const Said = z.object({
  text: z.string().default(""),
  blocks: json(z.array(Block)).optional(),
  attachments: json(z.array(Attachment)).optional(),
});
const Post = Said.extend({ channel: z.string() });
const Ephemeral = Post.extend({ user: z.string() });
const Update = Post.extend({ ts: z.string() });
const Delete = z.object({ channel: z.string(), ts: z.string() });
const ViewCall = z.object({
  view: json(View),
  trigger_id: z.string().optional(),
  view_id: z.string().optional(),
  external_id: z.string().optional(),
  hash: z.string().optional(),
});
const UserCall = z.object({ user: z.string() });
const OpenConversation = z.object({ users: z.string().optional(), channel: z.string().optional() });
const UploadUrl = z.object({ filename: z.string(), length: z.coerce.number().int().min(1) });
const UploadDone = z.object({
  files: json(z.array(z.object({ id: z.string(), title: z.string().optional() }))),
  channel_id: z.string().optional(),
  initial_comment: z.string().optional(),
});
const ResponseBody = Said.extend({
  blocks: z.array(Block).optional(),
  attachments: z.array(Attachment).optional(),
  response_type: z.enum(["ephemeral", "in_channel"]).default("ephemeral"),
  replace_original: z.boolean().default(false),
  delete_original: z.boolean().default(false),
});

type Answer = Record<string, unknown>;
const no = (error: string, messages: string[] = []): Answer => ({ ok: false, error, response_metadata: { messages } });
const yes = (fields: Answer = {}): Answer => ({ ok: true, ...fields });

const messageOut = (message: Message, team: string) => ({
  type: "message",
  user: BOT.user,
  bot_id: BOT.id,
  app_id: BOT.app,
  team,
  ts: message.ts,
  text: message.text,
  blocks: message.blocks,
});

export const viewOut = (open: OpenView, team: string) => ({
  id: open.id,
  team_id: team,
  app_id: BOT.app,
  app_installed_team_id: team,
  bot_id: BOT.id,
  hash: open.hash,
  root_view_id: open.rootId,
  previous_view_id: open.previousId,
  callback_id: "",
  private_metadata: "",
  external_id: "",
  clear_on_close: false,
  notify_on_close: false,
  state: { values: {} },
  ...open.view,
});

function methods(slack: Conversations, team: string, urlOf: (path: string) => string): Record<string, (args: unknown) => Answer> {
  const said = (blocks: Block[] | undefined, attachments: Attachment[] | undefined) =>
    problemsInMessage([...(blocks ?? []), ...(attachments ?? []).flatMap((attachment) => attachment.blocks ?? [])]);

  function post(args: unknown, visibleTo: string | null): Answer {
    const { channel, text, blocks = [], attachments = [] } = Post.parse(args);
    const id = slack.channelOf(channel);
    if (id === null) return no("channel_not_found");
    if (text === "" && blocks.length === 0 && attachments.length === 0) return no("no_text");
    const problems = said(blocks, attachments);
    if (problems.length > 0) return no("invalid_blocks", problems);
    const message = slack.post({ channel: id, by: BOT.user, text, blocks, attachments, visibleTo });
    if (visibleTo !== null) return yes({ message_ts: message.ts });
    return yes({ channel: id, ts: message.ts, message: messageOut(message, team) });
  }

  function openView(args: unknown, how: "open" | "push"): Answer {
    const { view, trigger_id: trigger = "" } = ViewCall.parse(args);
    const problems = problemsInView(view);
    if (problems.length > 0) return no("invalid_arguments", problems);
    const person = slack.useTrigger(trigger);
    return person === null ? no("expired_trigger_id") : yes({ view: viewOut(slack.openView(person, view, how), team) });
  }

  return {
    "api.test": () => yes(),
    "auth.test": () =>
      yes({
        url: urlOf("/"),
        team: "Playground",
        team_id: team,
        user: BOT.name,
        user_id: BOT.user,
        bot_id: BOT.id,
        app_id: BOT.app,
        is_enterprise_install: false,
      }),
    "team.info": () => yes({ team: { id: team, name: "Playground", domain: "playground" } }),
    "users.info": (args) => {
      const { user: id } = UserCall.parse(args);
      const found = slack.people.find(({ person }) => person === id);
      const name = found?.name ?? BOT.name;
      if (!found && id !== BOT.user) return no("user_not_found");
      return yes({
        user: {
          id,
          team_id: team,
          name: name.toLowerCase().replaceAll(" ", "."),
          real_name: name,
          deleted: false,
          locale: "en-GB",
          tz: "Europe/Stockholm",
          is_admin: false,
          is_owner: false,
          is_bot: !found,
          is_app_user: false,
          is_restricted: false,
          is_ultra_restricted: false,
          profile: { real_name: name, display_name: name, team },
        },
      });
    },
    "conversations.open": (args) => {
      const { users, channel } = OpenConversation.parse(args);
      const id = slack.channelOf(channel ?? users ?? "");
      return id === null ? no("user_not_found") : yes({ channel: { id, is_im: true } });
    },
    "conversations.info": (args) => {
      const { channel } = z.object({ channel: z.string() }).parse(args);
      const id = slack.channelOf(channel);
      const im = id !== SHARED_CHANNEL.id;
      return id === null ? no("channel_not_found") : yes({ channel: { id, is_im: im, is_channel: !im, is_member: true } });
    },
    "chat.postMessage": (args) => post(args, null),
    "chat.postEphemeral": (args) => post(args, Ephemeral.parse(args).user),
    "chat.update": (args) => {
      const { channel, ts, text, blocks = [], attachments = [] } = Update.parse(args);
      const problems = said(blocks, attachments);
      if (problems.length > 0) return no("invalid_blocks", problems);
      const message = slack.edit(channel, ts, { text, blocks, attachments });
      return message ? yes({ channel, ts, text, message: messageOut(message, team) }) : no("message_not_found");
    },
    "chat.delete": (args) => {
      const { channel, ts } = Delete.parse(args);
      return slack.remove(channel, ts) ? yes({ channel, ts }) : no("message_not_found");
    },
    "views.open": (args) => openView(args, "open"),
    "views.push": (args) => openView(args, "push"),
    "views.publish": () => yes({ view: {} }),
    "views.update": (args) => {
      const { view, view_id: id, external_id: external, hash } = ViewCall.parse(args);
      const problems = problemsInView(view);
      if (problems.length > 0) return no("invalid_arguments", problems);
      const open = slack.updateView(id ?? external ?? "", view, hash);
      if (open === null) return no("not_found");
      return open === "hash_conflict" ? no("hash_conflict") : yes({ view: viewOut(open, team) });
    },
    "files.getUploadURLExternal": (args) => {
      const id = slack.reserveFile(UploadUrl.parse(args).filename);
      return yes({ upload_url: urlOf(`/upload/${id}`), file_id: id });
    },
    "files.completeUploadExternal": (args) => {
      const { files, channel_id: channel, initial_comment: text = "" } = UploadDone.parse(args);
      const id = slack.channelOf(channel ?? "");
      const held = files.map((file) => ({ ...file, found: slack.findFile(file.id) }));
      if (held.some(({ found }) => !found)) return no("file_not_found");
      const shown = held.map(({ id: fileId, title, found }) => ({
        id: fileId,
        name: found?.name ?? title ?? fileId,
        size: found?.bytes.length ?? 0,
      }));
      if (id !== null) slack.post({ channel: id, by: BOT.user, text, files: shown });
      return yes({ files: files.map((file) => ({ id: file.id, title: file.title ?? "" })) });
    },
  };
}

function argsOf(request: Request): unknown {
  const type = request.headers["content-type"] ?? "";
  const body = Buffer.isBuffer(request.body) ? request.body.toString("utf8") : "";
  const query = Object.fromEntries(new URL(request.originalUrl, "http://localhost").searchParams);
  return type.startsWith("application/json")
    ? (JSON.parse(body || "{}") as unknown)
    : { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
}

async function uploadedBytes(request: Request): Promise<Buffer> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) return body;
  const form = await new globalThis.Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  for (const value of form.values()) if (typeof value !== "string") return Buffer.from(await value.arrayBuffer());
  return Buffer.alloc(0);
}

/** `botToken` opens the methods; response and upload addresses carry their own secret. `urlOf` gives this router's address for a path. */
export function slackApi(
  slack: Conversations,
  { team, botToken, urlOf }: { team: string; botToken: string; urlOf(path: string): string },
): Router {
  const router = express.Router();
  const table = methods(slack, team, urlOf);
  router.use(express.raw({ type: () => true, limit: MAX_BODY }));

  router.post("/response/:id", (request, response) => {
    const said = ResponseBody.safeParse(argsOf(request));
    if (!said.success) return void response.status(400).send("invalid_payload");
    const { text, blocks = [], attachments = [] } = said.data;
    if (problemsInMessage(blocks).length > 0) return void response.status(400).send("invalid_blocks");
    const address = slack.useResponse(request.params.id);
    if (!address) return void response.status(404).send("used_url");
    if (said.data.delete_original && address.ts !== null) slack.remove(address.channel, address.ts);
    else if (said.data.replace_original && address.ts !== null) slack.edit(address.channel, address.ts, { text, blocks, attachments });
    else {
      const visibleTo = said.data.response_type === "ephemeral" ? address.person : null;
      slack.post({ channel: address.channel, by: BOT.user, text, blocks, attachments, visibleTo });
    }
    response.send("ok");
  });

  router.post("/upload/:id", async (request, response) => {
    const bytes = await uploadedBytes(request);
    response.status(slack.fillFile(request.params.id, bytes) ? 200 : 404).send(`OK - ${bytes.length}`);
  });

  router.post("/api/:method", (request: Request<{ method: string }>, response: Response) => {
    if (request.headers.authorization !== `Bearer ${botToken}`) return void response.json(no("invalid_auth"));
    const method = table[request.params.method];
    if (!method) return void response.json(no("unknown_method"));
    try {
      response.json(method(argsOf(request)));
    } catch (error) {
      response.json(no("invalid_arguments", [error instanceof z.ZodError ? z.prettifyError(error) : "unreadable"]));
    }
  });
  return router;
}
