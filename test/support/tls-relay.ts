/** A mail server on loopback that offers TLS and AUTH, and says what it heard and whether that was in clear. */
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

export type Heard = { logins: string[]; envelopes: string[]; mails: { secure: boolean }[] };

/** Takes every mail, and those passwords that `isRight` names. */
export async function tlsRelay(options: SMTPServerOptions, isRight = (password: string): boolean => password === "right") {
  const heard: Heard = { logins: [], envelopes: [], mails: [] };
  const marked = (text: string, secure: boolean): string => `${text}${secure ? "" : " in clear"}`;
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, session, done) => {
      heard.logins.push(marked(`${username ?? ""}/${password ?? ""}`, session.secure));
      if (isRight(password ?? "")) return done(null, { user: username ?? "" });
      done(Object.assign(new Error("wrong password"), { responseCode: 535 }));
    },
    onMailFrom: (_sender, session, done) => {
      heard.envelopes.push(marked("MAIL", session.secure));
      done();
    },
    onRcptTo: ({ address }, session, done) => {
      heard.envelopes.push(marked(`RCPT ${address}`, session.secure));
      done();
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
