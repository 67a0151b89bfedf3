/** The message box: Enter sends, ↑ and ↓ walk through what was sent, Tab completes a command. */
import { h, icon, newId } from "./dom.js";

const SEND = "M3 3.500 17.500 10 3 16.500l1.700-5.300L12 10 4.700 8.800Z";
const OFFERED = 8;

/** @type {string[]} */
const sent = [];

/** @param {{ commands: string[]; draft: string; send(line: string): Promise<unknown>; keep(draft: string): void }} options */
export function composer({ commands, draft, send, keep }) {
  let place = sent.length;
  let chosen = -1;
  /** @type {string[]} */
  let offers = [];

  const listId = newId("offers");
  const list = h("ul", { class: "offers", role: "listbox", id: listId, "aria-label": "Commands", hidden: true });
  const box = h("textarea", {
    rows: 1,
    name: "line",
    "aria-label": "Message",
    "aria-controls": listId,
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => offer(),
    onkeydown: onKey,
    onblur: () => close(),
  });
  const button = h("button", { type: "submit", class: "send", "aria-label": "Send", disabled: true }, icon(SEND));
  const form = h("form", { class: "composer", onsubmit: onSubmit }, list, box, button);

  function size() {
    keep(box.value);
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
    button.disabled = box.value.trim() === "";
  }

  function close() {
    list.hidden = true;
    offers = [];
    chosen = -1;
    box.removeAttribute("aria-activedescendant");
  }

  function offer() {
    size();
    const typed = box.value.toLowerCase();
    offers = typed ? commands.filter((line) => line.toLowerCase().startsWith(typed) && line.toLowerCase() !== typed).slice(0, OFFERED) : [];
    chosen = -1;
    list.hidden = offers.length === 0;
    mark();
  }

  function mark() {
    list.replaceChildren(
      ...offers.map((line, index) =>
        h(
          "li",
          {
            role: "option",
            id: `${listId}-${index}`,
            "aria-selected": String(index === chosen),
            onmousedown: (event) => {
              event.preventDefault();
              fill(line);
            },
          },
          h("b", {}, line.slice(0, box.value.length)),
          line.slice(box.value.length),
        ),
      ),
    );
    if (chosen >= 0) box.setAttribute("aria-activedescendant", `${listId}-${chosen}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function fill(line) {
    box.value = line;
    close();
    size();
    box.focus();
    box.setSelectionRange(line.length, line.length);
  }

  function walk(step) {
    const next = Math.min(Math.max(place + step, 0), sent.length);
    if (next === place) return;
    place = next;
    fill(sent[place] ?? "");
  }

  function onKey(event) {
    if (event.isComposing) return;
    const oneLine = !box.value.includes("\n");
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (chosen >= 0) fill(offers[chosen]);
      else form.requestSubmit();
    } else if (event.key === "Tab" && !event.shiftKey && offers.length > 0) {
      event.preventDefault();
      fill(offers[Math.max(chosen, 0)]);
    } else if (event.key === "Escape") close();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && oneLine) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      event.preventDefault();
      if (offers.length === 0) return walk(step);
      chosen = (chosen + step + offers.length + 1 + (chosen === -1 && step === -1 ? -1 : 0)) % (offers.length + 1);
      if (chosen === offers.length) chosen = -1;
      mark();
    }
  }

  function onSubmit(event) {
    event.preventDefault();
    const line = box.value.trim();
    if (line === "") return;
    if (sent.at(-1) !== line) sent.push(line);
    place = sent.length;
    fill("");
    void send(line);
  }

  box.value = draft;
  button.disabled = draft.trim() === "";
  return {
    element: form,
    fill,
    invite: (words) => box.setAttribute("placeholder", words),
    focus: () => matchMedia("(pointer: fine)").matches && box.focus(),
  };
}
