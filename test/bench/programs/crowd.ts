/**
 * Ten thousand people who press the button of their link's page at the same moment, as a proxy in front of us passes them on: over a few hundred
 * connections that stand, each with one request at a time. Every press is timed from that moment, however long it waits for a connection.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export type CrowdAsk = { port: number; origin: string; connections: number; presses: { token: string; form: string }[] };
/** Milliseconds from the moment to the end of each answer, sorted; `slowestMs` without the wait for a connection; answers by status. */
export type CrowdEnd = { ms: number[]; slowestMs: number; statuses: Record<number, number> };

const HEAD_END = Buffer.from("\r\n\r\n");

function requestOf({ origin }: CrowdAsk, { token, form }: CrowdAsk["presses"][number]): string {
  const body = `form=${form}&do=confirm`;
  const head = [
    `POST /verify/${token} HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    `Origin: ${origin}`,
    "Sec-Fetch-Site: same-origin",
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** Sends a request and reads its answer to the end; the status. */
function exchange(socket: Socket, request: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let got: Buffer = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
      const head = got.indexOf(HEAD_END);
      if (head === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(got.toString("latin1", 0, head))?.[1] ?? 0);
      if (got.length < head + HEAD_END.length + length) return;
      socket.off("data", take);
      socket.off("close", lost);
      resolve(Number(got.toString("latin1", 9, 12)));
    };
    const lost = (): void => reject(new Error("the connection was closed"));
    socket.on("data", take);
    socket.once("close", lost);
    socket.write(request);
  });
}

async function run(ask: CrowdAsk): Promise<CrowdEnd> {
  const requests = ask.presses.map((press) => requestOf(ask, press));
  const sockets = Array.from({ length: ask.connections }, () => connect({ port: ask.port, host: "127.0.0.1", noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const ms: number[] = [];
  const statuses: Record<number, number> = {};
  let slowestMs = 0;
  const moment = performance.now();
  const lane = async (socket: Socket): Promise<void> => {
    for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
      const from = performance.now();
      const status = await exchange(socket, request);
      slowestMs = Math.max(slowestMs, performance.now() - from);
      ms.push(performance.now() - moment);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    socket.destroy();
  };
  await Promise.all(sockets.map(lane));
  return { ms: ms.toSorted((a, b) => a - b), slowestMs, statuses };
}

process.on("message", (ask: CrowdAsk) => void run(ask).then((end) => process.send?.(end)));
process.on("disconnect", () => process.exit());
process.send?.("ready");
