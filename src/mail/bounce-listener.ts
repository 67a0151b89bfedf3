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
    async onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map((each) => each.address);
      done(await takeAll(stream, recipients, take));
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

/** Null when the message was taken, else what the server is told. */
async function takeAll(stream: AsyncIterable<Buffer>, recipients: string[], take: Listen["take"]): Promise<Error | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) chunks.push(chunk);
    }
    if (bytes > MOST_BYTES) return refusal(552, "too large");
    await take(recipients, Buffer.concat(chunks));
    return null;
  } catch {
    return refusal(451, "try again later");
  }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
