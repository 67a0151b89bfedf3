/** What the page asks of the playground's Teams. The bot's Teams side is started by the first question: it takes a second to load. */
import express, { type Router } from "express";
import { z } from "zod";
import { pageHeaders } from "./page.ts";
import type { Streams } from "./stream.ts";
import { chatOf, TEAMS_CHANNEL, type TeamsConversations } from "./teams-conversations.ts";
import type { TeamsWire } from "./teams-wire.ts";

const Data = z.record(z.string(), z.unknown());
const Here = z.object({ person: z.string(), channel: z.string() });
const On = Here.extend({ ts: z.string() });
const Line = Here.extend({ line: z.string().trim().min(1).max(8000) });
const Execute = On.extend({ verb: z.string(), data: Data });
const Press = On.extend({ data: Data });
const Fetch = Here.extend({ data: Data });
const Command = Here.extend({ command: z.string() });
const Submit = z.object({ person: z.string(), data: Data });
const Search = Here.extend({ dataset: z.string(), typed: z.string().max(200) });
const Consent = On.extend({ accepted: z.boolean() });

export function teamsRoutes(teams: TeamsConversations, wire: TeamsWire, streams: Streams, start: () => Promise<void>): Router {
  const router = express.Router();
  router.use(pageHeaders, express.json({ limit: "256kb" }));

  type Body = { person: string; channel?: string };
  const isKnown = ({ person, channel }: Body) =>
    teams.people.some((one) => one.person === person) && (channel === undefined || teams.maySee(person, channel));
  const post = <T extends z.ZodType<Body>>(path: string, body: T, run: (body: z.infer<T>) => Promise<unknown>) =>
    router.post(path, async (request, response) => {
      const said = body.safeParse(request.body);
      if (!said.success || !isKnown(said.data)) return void response.status(400).json({});
      await start();
      response.json({ result: (await run(said.data)) ?? null });
    });

  router.get("/people", async (_request, response) => {
    await start();
    const people = teams.people.map((one) => ({ ...one, direct: chatOf(one.person) }));
    response.json({ people, shared: TEAMS_CHANNEL });
  });
  router.get("/stream", (request, response) => {
    const person = new URL(request.originalUrl, "http://localhost").searchParams.get("person") ?? "";
    if (!teams.people.some((one) => one.person === person)) return void response.status(404).end();
    streams.add(response, person, { event: "state", data: { messages: teams.listFor(person), views: teams.dialogOf(person) } });
  });
  router.get("/files/:id/:name", (request, response) => {
    const bytes = teams.findFile(request.params.id);
    if (!bytes) return void response.status(404).end();
    response.attachment(request.params.name).type("application/octet-stream").send(bytes);
  });
  post("/line", Line, ({ person, channel, line }) => wire.sendLine(person, channel, line));
  post("/execute", Execute, ({ person, channel, ts, verb, data }) => wire.execute(person, channel, ts, verb, data));
  post("/press", Press, ({ person, channel, ts, data }) => wire.press(person, channel, ts, data));
  post("/fetch", Fetch, ({ person, channel, data }) => wire.fetchDialog(person, channel, data));
  post("/command", Command, ({ person, channel, command }) => wire.openCommand(person, channel, command));
  post("/submit", Submit, ({ person, data }) => wire.submitDialog(person, data));
  post("/close", z.object({ person: z.string() }), ({ person }) => Promise.resolve(wire.closeDialog(person)));
  post("/search", Search, ({ person, channel, dataset, typed }) => wire.search(person, channel, dataset, typed));
  post("/consent", Consent, ({ person, channel, ts, accepted }) => wire.consent(person, channel, ts, accepted));
  return router;
}
