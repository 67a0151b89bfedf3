/** Takes bounces straight from a mail server, by LMTP or SMTP: the recipient of the envelope is the return path. */
import { SMTPServer } from "smtp-server";

const MOST_BYTES = 1_000_000;

export type BounceListener = { port: number; close(): Promise<void> };

type Listen = {
  host: string;
  port: number;
  lmtp: boolean;
  /** Refused while it is RCPT TO, so that nobody uses us as a drop. */
  isReturnPath(address: string): boolean;
  /** Rejects when the database is away: the server keeps the bounce and tries again. */
  take(recipients: string[], raw: Buffer): Promise<void>;
};

export function listenForBounces({ host, port, lmtp, isReturnPath, take }: Listen): Promise<BounceListener> {
  const server = new SMTPServer({
    lmtp,
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: MOST_BYTES,
    maxClients: 20,
    socketTimeout: 60_000,
    onRcptTo: ({ address }, _session, done) => done(isReturnPath(address) ? null : refusal(550, "no such return path")),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MOST_BYTES) chunks.push(chunk);
      });
      stream.on("end", () => {
        if (bytes > MOST_BYTES) return done(refusal(552, "too large"));
        const recipients = session.envelope.rcptTo.map((each) => each.address);
        take(recipients, Buffer.concat(chunks)).then(
          () => done(null),
          () => done(refusal(451, "try again later")),
        );
      });
    },
  });
  server.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(port, host, () => {
      server.server.off("error", reject);
      const address = server.server.address();
      resolve({
        port: typeof address === "object" && address ? address.port : port,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
