import { createHash, timingSafeEqual } from "node:crypto";
import type { Request } from "express";

/** Whether the request shows this very token: `Authorization: Bearer <token>`. Compared in constant time. */
export function isBearer(request: Request, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(request.get("authorization") ?? ""), digest(`Bearer ${token}`));
}
