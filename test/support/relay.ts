/** A mail relay on loopback that answers as a test says. */
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type TakenMail = { from: string; to: string; source: string };

/** Answers a line of the client's; undefined: the ordinary answer. `null` cuts the connection. */
export type Script = (
  line: string,
  state: { connection: number; mails: number },
) => string | null | undefined | Promise<string | null | undefined>;

export type FakeRelay = { url: string; port: number; taken: TakenMail[]; lines: string[]; connections(): number; close(): Promise<void> };

const EXTENSIONS = ["PIPELINING", "8BITMIME"];

/**
 * Speaks plain SMTP, taking every mail unless `script` says otherwise. It is asked with `GREETING`, each command, and `.` for the end of a mail; what it
 * returns is written as it is, so an answer may hold several lines. An answer to `.` that begins with 2 takes the mail.
 */
export async function fakeRelay(
  script: Script = () => undefined,
  { extensions = EXTENSIONS, port = 0, onData = (_source: string): void => undefined } = {},
): Promise<FakeRelay> {
  const taken: TakenMail[] = [];
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const server = createServer((socket) => {
    connections += 1;
    const state = { connection: connections, mails: 0 };
    sockets.add(socket);
    // Its answers come in many small writes, of which each would wait for the one before to be acknowledged.
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    const mail = { from: "", to: "", data: undefined as string[] | undefined };

    const answer = async (line: string, ordinary: string): Promise<string | undefined> => {
      const said = await script(line, state);
      if (said === null) {
        socket.destroy();
        return undefined;
      }
      const text = said ?? ordinary;
      if (text !== "") socket.write(`${text}\r\n`);
      return text;
    };

    const hear = async (line: string): Promise<void> => {
      if (mail.data) {
        if (line !== ".") return void mail.data.push(line.replace(/^\./, ""));
        const source = mail.data.join("\r\n");
        mail.data = undefined;
        state.mails += 1;
        onData(source);
        if ((await answer(".", "250 2.0.0 taken"))?.startsWith("2")) taken.push({ from: mail.from, to: mail.to, source });
        return;
      }
      lines.push(line);
      const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? "";
      switch (verb) {
        case "EHLO":
          await answer(
            line,
            ["relay.example", ...extensions].map((each, index, all) => `250${index === all.length - 1 ? " " : "-"}${each}`).join("\r\n"),
          );
          return;
        case "MAIL":
          mail.from = /<(.*)>/.exec(line)?.[1] ?? "";
          mail.to = "";
          await answer(line, "250 2.1.0 ok");
          return;
        case "RCPT":
          if ((await answer(line, "250 2.1.5 ok"))?.startsWith("2")) mail.to = /<(.*)>/.exec(line)?.[1] ?? "";
          return;
        case "DATA":
          if ((await answer(line, mail.to === "" ? "554 5.5.1 no valid recipients" : "354 go ahead"))?.startsWith("354")) mail.data = [];
          return;
        case "QUIT":
          await answer(line, "221 bye");
          socket.end();
          return;
        default:
          await answer(line, verb === "RSET" || verb === "NOOP" ? "250 ok" : "502 5.5.2 not here");
      }
    };

    let rest = "";
    let hearing: Promise<unknown> = answer("GREETING", "220 relay.example ESMTP");
    socket.on("data", (chunk) => {
      const parts = (rest + chunk.toString("utf8")).split("\r\n");
      rest = parts.pop() ?? "";
      for (const line of parts) hearing = hearing.then(() => (socket.destroyed ? undefined : hear(line)));
    });
  });

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  const { port: open } = server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${open}`, port: open, taken, lines, connections: () => connections, close };
}
