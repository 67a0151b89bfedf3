/** Slack as the bench plays it: it signs what its owner types and presses, and times our acknowledgement and our answer. */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { signed, triggerId } from "../support/fake-slack.ts";

/** In milliseconds from the moment a request was sent. */
export type Said = { ackMs: number; answer: Promise<{ ms: number; message: Record<string, unknown> }> };

export type Slack = {
  apiUrl: string;
  /** Has the owner U1 type a command. */
  say(address: string, text: string): Promise<Said>;
  stop(): void;
};

const ANSWERS: Record<string, object> = {
  "auth.test": { team_id: "T1", user_id: "UBOT", bot_id: "B1" },
  "users.info": { user: { id: "U1", team_id: "T1", locale: "en-GB" } },
  "chat.postMessage": { channel: "D1", ts: "1700000000.0001" },
  "chat.update": { channel: "D1", ts: "1700000000.0001" },
};

async function bodyOf(stream: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk as string;
  return text;
}

export async function startSlack(): Promise<Slack> {
  const agent = new Agent({ keepAlive: true });
  const awaited = new Map<string, (message: Record<string, unknown>) => void>();
  let hooks = 0;
  const hear = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await bodyOf(asked);
    const [kind, name = ""] = (asked.url ?? "").split("/").slice(1);
    if (kind === "hooks") {
      awaited.get(name)?.(JSON.parse(text) as Record<string, unknown>);
      awaited.delete(name);
    }
    response.setHeader("content-type", "application/json").end(JSON.stringify({ ok: true, ...ANSWERS[name] }));
  };
  const server = createServer((asked, response) => void hear(asked, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const post = (url: string, body: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const [headers, signedBody] = signed(body);
      const sent = request(url, { method: "POST", headers, agent }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
      });
      sent.on("error", reject).end(signedBody);
    });

  return {
    apiUrl: `${base}/api/`,
    say: async (address, text) => {
      const hook = String((hooks += 1));
      const fields = {
        command: "/verify",
        text,
        team_id: "T1",
        user_id: "U1",
        channel_id: "C1",
        trigger_id: triggerId(),
        response_url: `${base}/hooks/${hook}`,
      };
      const from = performance.now();
      const answer = new Promise<{ ms: number; message: Record<string, unknown> }>((resolve) =>
        awaited.set(hook, (message) => resolve({ ms: performance.now() - from, message })),
      );
      const status = await post(`${address}/slack/events`, new URLSearchParams(fields).toString());
      if (status !== 200) throw new Error(`/verify ${text} was answered ${status}`);
      return { ackMs: performance.now() - from, answer };
    },
    stop: () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
