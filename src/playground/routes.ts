/** What the page asks of the playground: its people, its stream, what a person does in Slack, and the captured mails. */
import express, { type Request, type Router } from "express";
import { z } from "zod";
import type { Inbox } from "./inbox.ts";
import { mailHeaders, pageHeaders } from "./page.ts";
import { type Conversations, directChannel, SHARED_CHANNEL } from "./slack-conversations.ts";
import type { SlackWire } from "./slack-wire.ts";
import type { Streams } from "./stream.ts";

const Ids = z.object({ block_id: z.string(), action_id: z.string() });
const Values = z.record(z.string(), z.record(z.string(), z.unknown()));
const Source = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("message"), channel: z.string(), ts: z.string() }),
  z.object({ kind: z.literal("view"), viewId: z.string(), values: Values }),
]);
const ByPerson = z.object({ person: z.string() });
const Line = ByPerson.extend({ channel: z.string(), line: z.string().trim().min(1).max(8000) });
const Press = ByPerson.extend({ source: Source, action: Ids.loose() });
const Submit = ByPerson.extend({ viewId: z.string(), values: Values });
const Close = ByPerson.extend({ viewId: z.string() });
const Typed = ByPerson.extend({ source: Source, ids: Ids, typed: z.string().max(200) });

/** Read from the address itself: the app's query parser may be off. */
const queryOf = (request: Request, name: string) => new URL(request.originalUrl, "http://localhost").searchParams.get(name) ?? "";
const idOf = (request: Request) => z.coerce.number().int().catch(0).parse(request.params["id"]);

/** People, their conversations and what they do in them. */
export function slackRoutes(slack: Conversations, wire: SlackWire, streams: Streams, commands: string[]): Router {
  const router = express.Router();
  router.use(pageHeaders, express.json({ limit: "256kb" }));

  const post = <T extends z.ZodType<{ person: string }>>(path: string, body: T, run: (body: z.infer<T>) => Promise<unknown>) =>
    router.post(path, async (request, response) => {
      const said = body.safeParse(request.body);
      if (!said.success || !slack.people.some(({ person }) => person === said.data.person)) return void response.status(400).json({});
      response.json({ result: (await run(said.data)) ?? null });
    });

  router.get("/people", (_request, response) => {
    const people = slack.people.map((one) => ({ ...one, direct: directChannel(one.person) }));
    response.json({ people, shared: SHARED_CHANNEL, commands });
  });
  router.get("/stream", (request, response) => {
    const found = slack.people.find(({ person }) => person === queryOf(request, "person"));
    if (!found) return void response.status(404).end();
    const { person } = found;
    streams.add(response, person, { event: "state", data: { messages: slack.listFor(person), views: slack.viewsOf(person) } });
  });
  router.get("/files/:id", (request, response) => {
    const file = slack.findFile(request.params.id);
    if (!file) return void response.status(404).end();
    response.attachment(file.name).type("application/octet-stream").send(file.bytes);
  });
  post("/line", Line, ({ person, channel, line }) => {
    if (slack.channelOf(channel) === null) return Promise.resolve();
    return line.startsWith("/") ? wire.sendCommand(person, channel, line) : wire.sendMessage(person, channel, line);
  });
  post("/press", Press, ({ person, source, action }) => wire.sendAction(person, source, action));
  post("/submit", Submit, ({ person, viewId, values }) => wire.sendSubmit(person, viewId, values));
  post("/close", Close, ({ person, viewId }) => wire.closeView(person, viewId));
  post("/choices", Typed, ({ person, source, ids, typed }) => wire.listChoices(person, source, ids, typed));
  return router;
}

/** The captured mails; a mail's own HTML is served for a sandboxed frame and nothing else. */
export function inboxRoutes(inbox: Inbox): Router {
  const router = express.Router();
  router.get("/:id/html", mailHeaders, async (request, response) => {
    const html = await inbox.findHtml(idOf(request));
    if (html === null) return void response.status(404).end();
    response.type("text/html").send(`<!doctype html><base target="_blank">${html.replace(/^\s*<!doctype[^>]*>/i, "")}`);
  });
  router.use(pageHeaders);
  router.get("/", async (request, response) => {
    response.json(await inbox.list(queryOf(request, "q")));
  });
  router.get("/:id", async (request, response) => {
    const mail = await inbox.find(idOf(request));
    response.status(mail ? 200 : 404).json(mail);
  });
  router.post("/clear", (_request, response) => {
    inbox.clear();
    response.json({});
  });
  return router;
}
