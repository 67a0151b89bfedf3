/**
 * A mail server on loopback that takes everything and keeps nothing but the recipients. It answers what came in one packet in one packet, at once or
 * `argv[2]` milliseconds later, as a server that far away would.
 */
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** `mails` counts every mail taken; `doubles` those to an address that had one, by the stage in which the first one came. */
export type SinkCount = { mails: number; bytes: number; doubles: Record<number, number> };
/** `stage` begins another one; `forget` begins anew. */
export type SinkAsk = "count" | "stage" | "forget";

const delayMs = Number(process.argv[2] ?? 0);
const END = Buffer.from("\r\n.\r\n");
const EHLO = "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n";

let stage = 0;
let count: SinkCount = { mails: 0, bytes: 0, doubles: {} };
const firstIn = new Map<string, number>();

function take(to: string, bytes: number): void {
  count.mails += 1;
  count.bytes += bytes;
  const first = firstIn.get(to);
  if (first === undefined) firstIn.set(to, stage);
  else count.doubles[first] = (count.doubles[first] ?? 0) + 1;
}

function serve(socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0);
  let inData = false;
  let to = "";

  const hear = (line: string): string => {
    switch (line.slice(0, 4).toUpperCase()) {
      case "EHLO":
        return EHLO;
      case "RCPT":
        to = line.slice(line.indexOf("<") + 1, line.indexOf(">"));
        return "250 2.1.5 ok\r\n";
      case "DATA":
        inData = true;
        return "354 go on\r\n";
      case "QUIT":
        return "221 2.0.0 bye\r\n";
      default:
        return "250 2.0.0 ok\r\n";
    }
  };

  /** Reads one command or one mail off the front; undefined while it is not whole. */
  const next = (): string | undefined => {
    if (inData) {
      const end = pending.indexOf(END);
      if (end === -1) return undefined;
      take(to, end);
      pending = pending.subarray(end + END.length);
      inData = false;
      return "250 2.0.0 taken\r\n";
    }
    const end = pending.indexOf(10);
    if (end === -1) return undefined;
    const line = pending.toString("latin1", 0, end).trimEnd();
    pending = pending.subarray(end + 1);
    return hear(line);
  };

  const say = (text: string): void => {
    if (delayMs === 0) socket.write(text);
    else setTimeout(() => socket.write(text), delayMs);
  };

  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let said = "";
    for (let answer = next(); answer !== undefined; answer = next()) said += answer;
    if (said !== "") say(said);
  });
  say("220 sink.example ESMTP\r\n");
}

const server = createServer(serve).listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});

process.on("message", (ask: SinkAsk) => {
  if (ask === "stage") stage += 1;
  if (ask === "forget") {
    stage = 0;
    count = { mails: 0, bytes: 0, doubles: {} };
    firstIn.clear();
  }
  process.send?.(count);
});
process.on("disconnect", () => process.exit());
