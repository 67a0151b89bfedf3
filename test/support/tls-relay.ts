/** A mail server on loopback that offers TLS and AUTH, and says what it heard and whether that was in clear. */
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

export type Heard = { logins: string[]; mails: { secure: boolean }[] };

/** Takes every mail, and the password `right`. */
export async function tlsRelay(options: SMTPServerOptions): Promise<{ heard: Heard; port: number }> {
  const heard: Heard = { logins: [], mails: [] };
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth: ({ username = "", password = "" }, session, done) => {
      heard.logins.push(`${username}/${password}${session.secure ? "" : " in clear"}`);
      if (password === "right") return done(null, { user: username });
      done(Object.assign(new Error("wrong password"), { responseCode: 535 }));
    },
    onData: (stream, session, done) => {
      heard.mails.push({ secure: session.secure });
      stream.resume();
      stream.on("end", () => done());
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { heard, port: (server.server.address() as AddressInfo).port };
}
