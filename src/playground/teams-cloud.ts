/** Microsoft's side on this machine: who signs activities, who gives the bot its token, and the connector that its messages go to. */
import { generateKeyPairSync } from "node:crypto";
import express, { type Router } from "express";
import { SignJWT } from "jose";
import { z } from "zod";
import { chatOf, type TeamsConversations, type TeamsFile } from "./teams-conversations.ts";

const ISSUER = "https://api.botframework.com";
const TOKEN_SECONDS = 3600;

type CloudOptions = {
  teams: TeamsConversations;
  tenant: string;
  appId: string;
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

/** What a message of the bot's shows: a card, a file, or words. */
function shownIn(body: unknown) {
  const { text, summary, attachments } = Activity.parse(body);
  const [first] = attachments;
  const file = first ? fileIn(first) : null;
  return { text: text || summary, card: first?.contentType === CARD ? first.content : null, file };
}

function fileIn({ contentType, name = "file", contentUrl, content }: z.infer<typeof Attachment>): TeamsFile | null {
  if (contentType === CONSENT) return { name, size: Number(content["sizeInBytes"] ?? 0), context: content["acceptContext"], url: null };
  return contentType === FILE_INFO ? { name, size: 0, context: null, url: contentUrl ?? null } : null;
}

export function makeTeamsCloud({ teams, tenant, appId, accessToken, objectIdOf, now, origin }: CloudOptions) {
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
    router.post(/^\/login\//, (_request, response) => {
      response.json({ token_type: "Bearer", access_token: accessToken, expires_in: TOKEN_SECONDS });
    });
    router.put("/files/:id", express.raw({ type: () => true, limit: "30mb" }), (request, response) => {
      teams.keepFile(request.params.id, Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
      response.status(201).json({});
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
    router.post(["/:conversation/activities", "/:conversation/activities/:replyTo"], (request, response) => {
      const channel = teams.channelOf(String(request.params["conversation"]));
      if (channel === null) return void response.status(404).json({});
      const { ts } = teams.post({ channel, by: "bot", ...shownIn(request.body) });
      response.status(201).json({ id: ts });
    });
    router.put("/:conversation/activities/:ts", (request, response) => {
      const channel = teams.channelOf(request.params.conversation);
      const edited = channel !== null && teams.edit(channel, request.params.ts, shownIn(request.body));
      response.status(edited ? 200 : 404).json({ id: request.params.ts });
    });
    return router;
  }
}
