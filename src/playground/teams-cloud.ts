/** Microsoft's side on this machine: who signs activities, who gives the bot its token, and the connector that its messages go to. */
import { generateKeyPairSync } from "node:crypto";
import express, { type RequestHandler, type Router } from "express";
import { SignJWT } from "jose";
import { z } from "zod";
import { chatOf, type TeamsConversations, type TeamsFile } from "./teams-conversations.ts";

const ISSUER = "https://api.botframework.com";
const TOKEN_SECONDS = 3600;
/** Teams refuses larger messages. @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages */
const MESSAGE_BYTES = 28 * 1024;

type CloudOptions = {
  teams: TeamsConversations;
  tenant: string;
  appId: string;
  appPassword: string;
  accessToken: string;
  objectIdOf(person: string): string;
  now(): Date;
  origin(): string;
};

const CARD = "application/vnd.microsoft.card.adaptive";
const CONSENT = "application/vnd.microsoft.teams.card.file.consent";
const FILE_INFO = "application/vnd.microsoft.teams.card.file.info";

const Attachment = z.object({
  contentType: z.string(),
  name: z.string().optional(),
  contentUrl: z.string().optional(),
  content: z.record(z.string(), z.unknown()).default({}),
});
const Activity = z.object({ text: z.string().default(""), summary: z.string().default(""), attachments: z.array(Attachment).default([]) });

/** What a message of the bot's shows: a card, a file, or words; null for what is no message. */
function shownIn(body: unknown) {
  const read = Activity.safeParse(body);
  if (!read.success) return null;
  const { text, summary, attachments } = read.data;
  const [first] = attachments;
  const file = first ? fileIn(first) : null;
  return { text: text || summary, card: first?.contentType === CARD ? first.content : null, file };
}

function fileIn({ contentType, name = "file", contentUrl, content }: z.infer<typeof Attachment>): TeamsFile | null {
  if (contentType === CONSENT) return { name, size: Number(content["sizeInBytes"] ?? 0), context: content["acceptContext"], url: null };
  return contentType === FILE_INFO ? { name, size: 0, context: null, url: contentUrl ?? null } : null;
}

export function makeTeamsCloud({ teams, tenant, appId, appPassword, accessToken, objectIdOf, now, origin }: CloudOptions) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const kid = "playground";
  const serviceUrl = () => `${origin()}/connector/`;

  return {
    serviceUrl,
    router: cloudRouter(),
    /** A token as the connector signs it for the bot. */
    sign(): Promise<string> {
      const seconds = Math.floor(now().getTime() / 1000);
      return new SignJWT({ serviceurl: serviceUrl() })
        .setProtectedHeader({ alg: "RS256", typ: "JWT", kid })
        .setIssuer(ISSUER)
        .setAudience(appId)
        .setNotBefore(seconds - 5)
        .setExpirationTime(seconds + TOKEN_SECONDS)
        .sign(privateKey);
    },
  };

  function cloudRouter(): Router {
    const router = express.Router();
    router.get("/openid", (_request, response) => {
      response.json({ issuer: ISSUER, jwks_uri: `${origin()}/keys`, id_token_signing_alg_values_supported: ["RS256"] });
    });
    router.get("/keys", (_request, response) => {
      response.json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid, use: "sig", endorsements: ["msteams"] }] });
    });
    router.post(/^\/login\//, express.urlencoded({ extended: false }), (request, response) => {
      const { client_id: id, client_secret: secret } = (request.body ?? {}) as Record<string, unknown>;
      if (id !== appId || secret !== appPassword) return void response.status(401).json({ error: "invalid_client" });
      response.json({ token_type: "Bearer", access_token: accessToken, expires_in: TOKEN_SECONDS });
    });
    router.put("/files/:id", express.raw({ type: () => true, limit: "30mb" }), (request, response) => {
      const kept = Buffer.isBuffer(request.body) && teams.keepFile(request.params.id, request.body);
      response.status(kept ? 201 : 404).json({});
    });
    router.use("/connector/v3/conversations", connector());
    return router;
  }

  function connector(): Router {
    const router = express.Router();
    router.use(express.json({ limit: "1mb" }), (request, response, next) => {
      if (request.get("authorization") !== `Bearer ${accessToken}`) return void response.status(401).json({});
      next();
    });
    router.post("/", (request, response) => {
      const members = z.object({ members: z.array(z.object({ id: z.string() })).min(1) }).safeParse(request.body);
      const [member] = members.success ? members.data.members : [];
      response.status(member ? 201 : 400).json({ id: member && chatOf(member.id.replace(/^29:/, "")) });
    });
    router.get("/:conversation/members/:account", (request, response) => {
      const person = teams.people.find((one) => `29:${one.person}` === request.params.account);
      if (!person) return void response.status(404).json({});
      const objectId = objectIdOf(person.person);
      const userPrincipalName = `${person.person.toLowerCase()}@acme.example`;
      response.json({
        id: request.params.account,
        name: person.name,
        aadObjectId: objectId,
        objectId,
        userPrincipalName,
        tenantId: tenant,
        userRole: "user",
      });
    });
    const tooLarge: RequestHandler = (request, response, next) => {
      if (Buffer.byteLength(JSON.stringify(request.body ?? null)) <= MESSAGE_BYTES) return next();
      response.status(413).json({ error: { code: "MessageSizeTooBig" } });
    };
    router.post(["/:conversation/activities", "/:conversation/activities/:replyTo"], tooLarge, (request, response) => {
      const channel = teams.channelOf(String(request.params["conversation"]));
      const shown = shownIn(request.body);
      if (channel === null || !shown) return void response.status(shown ? 404 : 400).json({});
      const { ts } = teams.post({ channel, by: "bot", ...shown });
      response.status(201).json({ id: ts });
    });
    router.put("/:conversation/activities/:ts", tooLarge, (request, response) => {
      const channel = teams.channelOf(String(request.params["conversation"]));
      const ts = String(request.params["ts"]);
      const shown = shownIn(request.body);
      if (!shown) return void response.status(400).json({});
      const edited = channel !== null && teams.edit(channel, ts, shown);
      response.status(edited ? 200 : 404).json({ id: ts });
    });
    router.delete("/:conversation/activities/:ts", (request, response) => {
      const channel = teams.channelOf(request.params.conversation);
      const removed = channel !== null && teams.remove(channel, request.params.ts);
      response.status(removed ? 200 : 404).json({});
    });
    return router;
  }
}
