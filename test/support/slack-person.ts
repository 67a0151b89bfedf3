/** A person in Slack who talks to a process over the signed wire: types, presses, and reads what comes back. */
import { setTimeout as wait } from "node:timers/promises";
import { buttonValue, command, press, signed, type FakeSlack } from "./fake-slack.ts";

/** A message of the bot's, as Slack was told it. */
export type Message = Record<string, unknown>;

const ANSWERS_WITHIN_MS = 90_000;

export type SlackPerson = {
  /** Types `/verify <text>` and returns the answer. */
  type(text: string): Promise<Message>;
  /** Presses a button of a message and returns the answer. */
  press(message: Message, label: string | RegExp): Promise<Message>;
  /** What is in this person's own conversation with the bot, edits included, oldest first. */
  conversation(): Message[];
};

/** Somebody of the workspace T1. */
export function slackPerson(slack: FakeSlack, address: () => string, person = "U1"): SlackPerson {
  const send = async (url: string, fields: Record<string, string>): Promise<Message> => {
    const [headers, body] = signed(new URLSearchParams(fields).toString());
    const { status } = await fetch(`${address()}/slack/events`, { method: "POST", headers, body: String(body) });
    if (status !== 200) throw new Error(`Slack was answered ${status}`);
    return answerAt(slack, url);
  };
  return {
    type: (text) => {
      const fields = command(slack, text);
      return send(fields["response_url"] ?? "", { ...fields, user_id: person });
    },
    press: (message, label) => {
      const url = slack.responseUrl();
      const user = { id: person, team_id: "T1" };
      return send(url, { payload: JSON.stringify(press(slack, buttonValue(message, label), { user, response_url: url })) });
    },
    conversation: () =>
      slack.told
        .filter(({ method }) => method === "chat.postMessage" || method === "chat.update")
        .map(({ args }) => args)
        .filter(({ channel }) => channel === person || channel === person.replace("U", "D")),
  };
}

async function answerAt(slack: FakeSlack, url: string): Promise<Message> {
  const { pathname } = new URL(url);
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    const answer = slack.told.find(({ path }) => path === pathname);
    if (answer) return answer.args;
    if (performance.now() > deadline) throw new Error(`nothing was said at ${pathname}`);
    await wait(20);
  }
}

export const textOf = ({ text }: Message = {}): string => (typeof text === "string" ? text : "");
