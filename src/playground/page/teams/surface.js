/** Teams as a surface of the playground: Adaptive Cards drawn by their official renderer, dialogs, files, and the message extension. */
import { post } from "../api.js";
import { h, initials } from "../dom.js";
import { cardRenderer } from "./cards.js";
import { dialogs } from "./dialog.js";

const SILENT = "The playground did not answer.";

/** Loads the renderer once; it is a classic script that leaves one global behind. */
export async function loadTeams() {
  if (!window.AdaptiveCards)
    await new Promise((resolve, reject) => {
      const script = h("script", { src: "/playground/vendor/adaptivecards.js" });
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    });
  const render = cardRenderer(window.AdaptiveCards);
  return (me, people) => teamsSurface(me, people, render);
}

function teamsSurface(me, people, render) {
  const { person } = me;
  /** By message: which of its buttons are unfolded. */
  const unfolded = new Map();
  const unfoldedIn = (ts) => unfolded.get(ts) ?? unfolded.set(ts, new Set()).get(ts);

  /** Runs what a press asks for; its words, where it has any, stand under what was pressed. */
  async function press(at, run) {
    at.setAttribute("aria-busy", "true");
    at.parentElement?.querySelector(":scope > .card-answer")?.remove();
    const words = await run();
    at.removeAttribute("aria-busy");
    if (words !== null && at.isConnected) at.after(h("p", { class: "card-answer", role: "status" }, words ?? SILENT));
  }

  const search = (channel) => (dataset, typed) => post("/teams/search", { person, channel, dataset, typed });

  function acts(channel, ts) {
    return ({ kind, verb, data }, element) => {
      if (kind === "execute") return press(element, () => post("/teams/execute", { person, channel, ts, verb, data }));
      const path = data.msteams?.type === "task/fetch" ? "/teams/fetch" : "/teams/press";
      return press(element, () => post(path, { person, channel, ts, data }));
    };
  }

  const showViews = dialogs(
    (view) => render(view.card, ({ data }, element) => press(element, () => post("/teams/submit", { person, data })), search(view.channel)),
    () => void post("/teams/close", { person }),
  );

  const button = (label, path, body, look = {}) =>
    h("button", { type: "button", ...look, onclick: ({ currentTarget: at }) => press(at, () => post(path, { person, ...body() })) }, label);

  function renderFile({ channel, ts, file: { name, size, url } }) {
    // The bot knows the app by the address that it was reached at; the page may have another name for the same machine.
    if (url)
      return h(
        "a",
        { class: "file", href: new URL(url).pathname, download: name },
        h("b", {}, name),
        h("small", {}, "Saved to your files"),
      );
    const consent = (accepted) => () => ({ channel, ts, accepted });
    return h(
      "div",
      { class: "consent" },
      h("p", { class: "words" }, h("b", {}, name), ` · ${Math.max(1, Math.round(size / 1024))} KB`),
      h("p", { class: "words" }, "The app would like to save this file for you."),
      h(
        "div",
        { class: "choices" },
        button("Allow", "/teams/consent", consent(true), { class: "ac-pushButton style-positive" }),
        button("Decline", "/teams/consent", consent(false), { class: "ac-pushButton" }),
      ),
    );
  }

  return {
    send: (channel, line) => post("/teams/line", { person, channel, line }),
    spelled: (line) => line.replace(/^\//, ""),
    badges: ["Chat", "Channel"],
    invitation: (channel) => (channel ? `Post in ${channel}: @Verify is mentioned for you` : "Type a message"),
    showViews,
    /** Under the message box: the message extension's action. */
    tools: (channel) => {
      const look = { class: "quiet", title: "The app's action in the message box" };
      return h(
        "div",
        { class: "tools" },
        button("Send to many", "/teams/command", () => ({ channel: channel(), command: "bulk" }), look),
      );
    },
    author(by) {
      const index = people.findIndex((one) => one.person === by);
      if (index >= 0) {
        const { name } = people[index];
        return {
          kind: "person",
          name,
          badge: null,
          avatar: h("span", { class: `avatar hue-${index}`, "aria-hidden": "true" }, initials(name)),
        };
      }
      const avatar = h("img", { class: "avatar", src: "/playground/mark.svg", alt: "" });
      return by === "bot" ? { kind: "app", name: "Verify", badge: "App", avatar } : { kind: "system", name: "Teams", badge: null, avatar };
    },
    renderMessage(message) {
      const { channel, ts, card, file, text } = message;
      if (card) return h("div", { class: "adaptive" }, render(card, acts(channel, ts), search(channel), unfoldedIn(ts)));
      return file ? renderFile(message) : h("p", { class: "words text" }, text);
    },
  };
}
