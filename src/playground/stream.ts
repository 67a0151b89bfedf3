/** Server-sent events: what a page is told while it is open. */
import type { Response } from "express";

const PING_MS = 20_000;
const RETRY_MS = 1_000;

export type Streams = ReturnType<typeof makeStreams>;

/** `send` reaches every open page whose person `forPerson` accepts. */
export function makeStreams() {
  const open = new Map<Response, string>();
  const write = (response: Response, event: string, data: unknown) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const ping = setInterval(() => open.forEach((_person, response) => response.write(":\n\n")), PING_MS);
  ping.unref();

  return {
    add(response: Response, person: string, first: { event: string; data: unknown }) {
      response.set({ "Content-Type": "text/event-stream", Connection: "keep-alive" });
      response.flushHeaders();
      response.write(`retry: ${RETRY_MS}\n\n`);
      write(response, first.event, first.data);
      open.set(response, person);
      response.on("close", () => open.delete(response));
    },
    send(event: string, data: unknown, forPerson: (person: string) => boolean = () => true) {
      for (const [response, person] of open) if (forPerson(person)) write(response, event, data);
    },
    close() {
      clearInterval(ping);
      for (const response of open.keys()) response.end();
    },
  };
}
