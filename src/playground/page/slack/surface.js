/** Slack as one surface of the playground: how its messages and modals look and what a press does. Another platform is another module with these functions. */
import { h, initials } from "../dom.js";
import { post } from "../api.js";
import { renderBlock } from "./blocks.js";
import { modals } from "./modal.js";
import { renderMrkdwn } from "./text.js";

/**
 * @param {{ person: string }} me
 * @param {{ person: string; name: string }[]} people
 */
export function slackSurface(me, people) {
  const names = new Map(people.map(({ person, name }) => [person, name]));
  const { show } = modals(me, names);

  /** Sends a press; the element rests until the app has answered. */
  async function press(source, action, element) {
    element?.setAttribute("aria-busy", "true");
    if (element?.nextSibling?.className === "failed") element.nextSibling.remove();
    const problem = await post("/slack/press", { person: me.person, source, action });
    element?.removeAttribute("aria-busy");
    if (problem) element?.after(h("span", { class: "failed", role: "alert" }, problem));
  }

  return {
    send: (channel, line) => post("/slack/line", { person: me.person, channel, line }),
    spelled: (line) => line,
    badges: ["App", null],
    invitation: () => "Message Verify, or type /verify …",
    author(by) {
      const index = people.findIndex(({ person }) => person === by);
      if (index >= 0) {
        const { name } = people[index];
        const avatar = h("span", { class: `avatar hue-${index}`, "aria-hidden": "true" }, initials(name));
        return { kind: "person", name, badge: null, avatar };
      }
      if (by === "slack")
        return {
          kind: "system",
          name: "Playground",
          badge: null,
          avatar: h("span", { class: "avatar hue-system", "aria-hidden": "true" }, "!"),
        };
      return { kind: "app", name: "Verify", badge: "App", avatar: h("img", { class: "avatar", src: "/playground/mark.svg", alt: "" }) };
    },

    renderMessage(message) {
      const source = { kind: "message", channel: message.channel, ts: message.ts };
      const context = {
        names,
        press: (action, element) => press(source, action, element),
        choices: (ids, typed) => post("/slack/choices", { person: me.person, source, ids, typed }),
      };
      const plain = names.has(message.by);
      const text =
        message.blocks.length === 0 &&
        message.text !== "" &&
        h(
          "div",
          { class: message.text.startsWith("/") ? "text command" : "text" },
          ...(plain ? [message.text] : renderMrkdwn(message.text, names)),
        );
      return h(
        "div",
        { class: "blocks" },
        text,
        ...message.blocks.map((block) => renderBlock(block, context)),
        ...message.attachments.map((attachment) => {
          const box = h(
            "div",
            { class: "attachment" },
            attachment.text && h("p", {}, ...renderMrkdwn(attachment.text, names)),
            ...(attachment.blocks ?? []).map((block) => renderBlock(block, context)),
          );
          if (/^#?[0-9a-f]{6}$/i.test(attachment.color ?? "")) box.style.borderColor = `#${attachment.color.replace("#", "")}`;
          return box;
        }),
        ...message.files.map((file) =>
          h(
            "a",
            { class: "file", href: `/playground/slack/files/${file.id}`, download: file.name },
            h("b", {}, file.name),
            h("small", {}, `${file.size.toLocaleString()} bytes`),
          ),
        ),
      );
    },

    showViews: show,
  };
}
