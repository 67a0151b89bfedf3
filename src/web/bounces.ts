/** `POST /bounces`: a mail server or a mail service hands over what came back, as message/rfc822, with the shared secret. */
import { raw, Router } from "express";
import { isBearer } from "./bearer.ts";

export type BounceIntake = {
  secret: string;
  /** Answers whether it was a bounce of a mail of ours. `recipients` are the envelope's, where the caller knows them. */
  take(recipients: string[], message: Buffer): Promise<boolean>;
};

const MOST_BYTES = "1mb";

/** The envelope's recipient may come as `?recipient=`; else the message's own headers are read. */
export function bouncesRoute({ secret, take }: BounceIntake): Router {
  const router = Router();
  router.all("/bounces", (request, response, next) => {
    if (request.method !== "POST") return void response.set("Allow", "POST").status(405).end();
    if (!isBearer(request, secret)) return void response.status(401).end();
    return next();
  });
  router.post("/bounces", raw({ type: () => true, limit: MOST_BYTES }), async (request, response) => {
    const recipient = new URL(request.originalUrl, "http://localhost").searchParams.get("recipient");
    const message: unknown = request.body;
    if (!Buffer.isBuffer(message) || message.length === 0)
      return void response.status(400).json({ error: "send the bounce as message/rfc822" });
    const counted = await take(recipient ? [recipient] : [], message);
    response.status(202).json({ counted });
  });
  return router;
}
