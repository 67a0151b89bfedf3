/** Teams as a surface of the playground: Adaptive Cards drawn by their official renderer, dialogs, files, and the message extension. */
import { post } from "../api.js";
import { h } from "../dom.js";
import { cardRenderer } from "./cards.js";

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
  let dialog = null;

  /** Runs what a press asks for; its words, where it has any, stand under the pressed card. */
  async function press(at, run) {
    at?.setAttribute("aria-busy", "true");
    at?.parentElement?.querySelector(":scope > .card-answer")?.remove();
    const words = await run();
    at?.removeAttribute("aria-busy");
    if (words && at?.isConnected) at.after(h("p", { class: "card-answer", role: "status" }, words));
  }

  function acts(channel, ts) {
    return (action, element) => {
      if (action.kind === "execute")
        return press(element, () => post("/teams/execute", { person, channel, ts, verb: action.verb, data: action.data }));
      if (action.data.msteams?.type === "task/fetch")
        return press(element, () => post("/teams/fetch", { person, channel, data: action.data }));
      return press(element, () => post("/teams/execute", { person, channel, ts, verb: action.data.does ?? "press", data: action.data }));
    };
  }

  function showViews(view) {
    const old = dialog;
    dialog = null;
    old?.close();
    old?.remove();
    if (!view) return;
    const close = h(
      "button",
      { type: "button", class: "close", "aria-label": "Close", onclick: () => post("/teams/close", { person }) },
      "×",
    );
    const body = h("div", { class: "dialog-body" });
    const submit = (action, element) => press(element, () => post("/teams/submit", { person, data: action.data }));
    const search = (dataset, typed) => post("/teams/search", { person, channel: view.channel, dataset, typed });
    const card = render(view.card, submit, search);
    const shown = h(
      "dialog",
      { class: "teams-dialog", "aria-label": view.title },
      h("div", { class: "dialog-head" }, h("h2", {}, view.title), close),
      body,
    );
    body.append(card);
    shown.addEventListener("cancel", (event) => {
      event.preventDefault();
      void post("/teams/close", { person });
    });
    document.body.append(shown);
    shown.showModal();
    dialog = shown;
  }

  return {
    send: (channel, line) => post("/teams/line", { person, channel, line }),
    spelled: (line) => line.replace(/^\//, ""),
    showViews,
    /** Beside the message box: the message extension's action. */
    tools: (channel) =>
      h(
        "div",
        { class: "tools" },
        h(
          "button",
          {
            type: "button",
            onclick: (event) => press(event.currentTarget, () => post("/teams/command", { person, channel: channel(), command: "bulk" })),
          },
          "Send to many",
        ),
      ),
    author(by) {
      const index = people.findIndex((one) => one.person === by);
      if (index >= 0) {
        const { name } = people[index];
        const letters = name
          .split(" ")
          .map((part) => part[0])
          .slice(0, 2)
          .join("");
        return { kind: "person", name, badge: null, avatar: h("span", { class: `avatar hue-${index}`, "aria-hidden": "true" }, letters) };
      }
      const avatar = h("img", { class: "avatar", src: "/playground/mark.svg", alt: "" });
      return { kind: by === "bot" ? "app" : "client", name: by === "bot" ? "Verify" : "Teams", badge: by === "bot" ? "App" : null, avatar };
    },
    renderMessage(message) {
      const { channel, ts, card, file, text } = message;
      if (card) return h("div", { class: "adaptive" }, render(card, acts(channel, ts)));
      if (file?.url) return h("p", { class: "words" }, h("a", { href: file.url, download: file.name }, file.name));
      if (file)
        return h(
          "div",
          { class: "consent" },
          h("p", { class: "words" }, `${file.name} · ${Math.max(1, Math.round(file.size / 1024))} KB`),
          h(
            "button",
            { type: "button", onclick: (event) => press(event.currentTarget, () => post("/teams/accept", { person, channel, ts })) },
            "Allow and save",
          ),
        );
      return h("p", { class: "words" }, text);
    },
  };
}
