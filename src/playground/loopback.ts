/** Keeps the playground to this machine: other machines, also by way of a proxy on this one, rebound host names and other sites' pages get nothing. */
import type { RequestHandler } from "express";

const LOOPBACK_PEER = /^(?:::ffff:)?127\.|^::1$/;
/** What a proxy adds for whoever stands behind it. */
const PROXIED = ["x-forwarded-for", "x-real-ip", "forwarded"];
const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/** 403 unless the peer and the Host header are loopback and, where something changes, the request comes from our own page. */
export const loopbackOnly: RequestHandler = (request, response, next) => {
  const host = request.headers.host ?? "";
  const refuse = () => void response.status(403).type("text/plain").send("The playground answers on this machine only.");
  if (PROXIED.some((name) => request.headers[name] !== undefined)) return refuse();
  if (!LOOPBACK_PEER.test(request.socket.remoteAddress ?? "") || !LOOPBACK_HOST.test(host)) return refuse();
  if (request.method !== "GET" && request.method !== "HEAD") {
    const { origin } = request.headers;
    if (origin !== `http://${host}` || !request.is("application/json")) return refuse();
  } else if (request.headers["sec-fetch-site"] === "cross-site" && request.headers["sec-fetch-mode"] !== "navigate") return refuse();
  next();
};
