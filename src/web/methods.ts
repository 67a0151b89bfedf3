import type { Express, Request, RequestHandler, Response } from "express";

/** What may be asked of a path, in answer to OPTIONS or to a method it does not take. */
export function answerMethods(request: Request, response: Response, allow: string): void {
  response
    .status(request.method === "OPTIONS" ? 200 : 405)
    .set("Allow", allow)
    .end();
}

/** A path that can only be read. */
export function onlyRead(app: Express, path: string, answer: RequestHandler): void {
  app.get(path, answer);
  app.all(path, (request, response) => answerMethods(request, response, "GET, HEAD"));
}
