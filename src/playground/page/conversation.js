/** Channels, messages and the message box. What a message looks like is the surface's business. */
import { clock, h, icon } from "./dom.js";
import { composer } from "./composer.js";

const EYE = "M10 4.5c4 0 7 3.6 8 5.5-1 1.9-4 5.5-8 5.5S3 11.9 2 10c1-1.900 4-5.500 8-5.500Zm0 2.500a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z";

const TRIES = {
  owner: ["/verify help", "/verify resend anna.berg@acme.example", "/verify bulk department:Lager", "/verify bulk"],
  admin: ["/verify help", "/verify status anna.berg@acme.example", "/verify bulk connection:pending", "/verify jobs"],
  auditor: ["/verify help", "/verify status anna.berg@acme.example", "/verify jobs"],
  employee: ["/verify status me", "/verify resend me", "/verify help"],
};

/**
 * @param {HTMLElement} root
 * @param {{ me: any; shared: { id: string; name: string }; commands: string[]; surface: any; kept: { channel?: string; draft?: string } }} options
 *   `kept`: where the person was here last, and what they had begun to write; kept up to date
 */
export function conversation(root, { me, shared, commands, surface, kept }) {
  const messages = new Map();
  let channel = kept.channel ?? me.direct;

  const list = h("ol", { class: "messages", "aria-live": "polite", "aria-relevant": "additions text" });
  const box = composer({
    commands,
    draft: kept.draft ?? "",
    send: (line) => surface.send(channel, line),
    keep: (draft) => (kept.draft = draft),
  });
  const places = [
    { id: me.direct, label: "Verify", badge: surface.badges[0], mark: "dm" },
    { id: shared.id, label: shared.name, badge: surface.badges[1], mark: "#" },
  ];
  const tabs = places.map((place) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        "aria-selected": String(place.id === channel),
        data: { channel: place.id },
        onclick: () => go(place.id),
      },
      place.mark === "#"
        ? h("span", { class: "hash", "aria-hidden": "true" }, "#")
        : h("img", { src: "/playground/mark.svg", alt: "", width: 18, height: 18 }),
      place.label,
      place.badge && h("span", { class: "badge" }, place.badge),
    ),
  );
  const empty = h(
    "div",
    { class: "empty" },
    h("img", { src: "/playground/mark.svg", alt: "", width: 44, height: 44 }),
    h("h2", {}, `Hello ${me.name.split(" ")[0]}`),
    h("p", {}, "Type a command below, or start with one of these. Every mail that leaves lands in the inbox on this page."),
    h(
      "div",
      { class: "tries" },
      ...(TRIES[me.as] ?? []).map((line) =>
        h("button", { type: "button", onclick: () => box.fill(surface.spelled(line)) }, surface.spelled(line)),
      ),
    ),
  );
  const parts = [
    h("div", { class: "bar", role: "tablist", "aria-label": "Channels" }, ...tabs),
    h("div", { class: "scroll" }, empty, list),
    box.element,
    surface.tools?.(() => channel),
  ];
  root.replaceChildren(...parts.filter(Boolean));
  const scroll = list.parentElement;

  const nearEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  const toEnd = () => (scroll.scrollTop = scroll.scrollHeight);

  function frame(message) {
    const by = surface.author(message.by);
    return h(
      "li",
      { class: `message ${by.kind}${message.by === me.person ? " mine" : ""}`, data: { ts: message.ts } },
      by.avatar,
      h(
        "div",
        { class: "said" },
        message.visibleTo && by.kind !== "person" && h("p", { class: "only-you" }, icon(EYE), "Only visible to you"),
        h(
          "p",
          { class: "by" },
          h("b", {}, by.name),
          by.badge && h("span", { class: "badge" }, by.badge),
          h("time", {}, clock(Number(message.ts) * 1000)),
        ),
        surface.renderMessage(message),
      ),
    );
  }

  function draw() {
    const shown = [...messages.values()].filter((message) => message.channel === channel);
    list.replaceChildren(...shown.map(frame));
    empty.hidden = shown.length > 0;
    toEnd();
  }

  function go(id) {
    channel = kept.channel = id;
    box.invite(surface.invitation(id === shared.id ? shared.name : null));
    for (const tab of tabs) tab.setAttribute("aria-selected", String(tab.dataset.channel === id));
    for (const tab of tabs) if (tab.dataset.channel === id) delete tab.dataset.news;
    draw();
    box.focus();
  }

  box.invite(surface.invitation(channel === shared.id ? shared.name : null));
  // Whoever walks through people or platforms with the arrow keys stays there.
  if (!document.activeElement?.matches("input:focus-visible")) box.focus();
  return {
    reset(all) {
      messages.clear();
      for (const message of all) messages.set(message.ts, message);
      draw();
    },
    show(message) {
      const known = messages.has(message.ts);
      messages.set(message.ts, message);
      if (message.channel !== channel) {
        tabs.find((tab) => tab.dataset.channel === message.channel).dataset.news = "";
        return;
      }
      const follow = nearEnd() || message.by === me.person;
      const old = known ? list.querySelector(`[data-ts="${message.ts}"]`) : null;
      const isHeld = old?.contains(document.activeElement) ?? false;
      const held = isHeld ? document.activeElement.dataset.action : undefined;
      const fresh = frame(message);
      if (old) old.replaceWith(fresh);
      else list.append(fresh);
      fresh.classList.toggle("arrived", !old);
      if (isHeld) (fresh.querySelector(`[data-action="${CSS.escape(held ?? "")}"]`) ?? box).focus();
      empty.hidden = true;
      if (follow) toEnd();
    },
    remove(where, ts) {
      messages.delete(ts);
      if (where === channel) list.querySelector(`[data-ts="${ts}"]`)?.remove();
      empty.hidden = list.childElementCount > 0;
    },
  };
}
