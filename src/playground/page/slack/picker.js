/** A box to type in and choose from: multi_static_select, external_select and multi_external_select. */
import { h, newId } from "../dom.js";

const TYPING_MS = 200;

/**
 * @param {any} element
 * @param {(typed: string) => Promise<{ text: { text: string }; value: string }[] | undefined>} ask for the options of an external select
 */
export function picker(element, ask) {
  const many = element.type.startsWith("multi_");
  const external = element.type.includes("external");
  const fixed = element.options ?? element.option_groups?.flatMap((group) => group.options) ?? [];
  const least = external ? (element.min_query_length ?? 3) : 0;
  const most = many ? (element.max_selected_items ?? Infinity) : 1;
  const tell = [];
  let chosen = many ? [...(element.initial_options ?? [])] : [element.initial_option].filter(Boolean);
  let offers = [];
  let marked = 0;
  let round = 0;
  let typing;

  const listId = newId("choices");
  const chips = h("span", { class: "chips" });
  const list = h("ul", { class: "choices", role: "listbox", id: listId, hidden: true });
  const field = h("input", {
    id: newId("field"),
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    onclick: () => open(),
    onblur: () => close(),
    onkeydown: onKey,
    oninput() {
      clearTimeout(typing);
      typing = setTimeout(open, external ? TYPING_MS : 0);
    },
  });
  const box = h(
    "div",
    { class: "picker", onmousedown: (event) => event.target === box && (event.preventDefault(), field.focus()) },
    chips,
    field,
    list,
  );

  async function open() {
    const mine = (round += 1);
    const typed = field.value.trim();
    if (typed.length < least) return note(`Type ${least === 1 ? "a letter" : `${least} letters`} to search.`);
    if (external && offers.length === 0) note("Looking …");
    const found = external ? ((await ask(typed)) ?? []) : fixed.filter(({ text }) => text.text.toLowerCase().includes(typed.toLowerCase()));
    if (mine !== round || document.activeElement !== field) return;
    offers = found.filter(({ value }) => !chosen.some((one) => one.value === value));
    marked = 0;
    if (offers.length === 0) return note(typed ? "Nothing matches." : "Nothing left to choose.");
    draw();
  }

  function reveal() {
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
  }

  function note(text) {
    offers = [];
    list.replaceChildren(h("li", { class: "note" }, text));
    reveal();
  }

  function close() {
    round += 1;
    clearTimeout(typing);
    list.hidden = true;
    offers = [];
    field.value = "";
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function draw() {
    list.replaceChildren(
      ...offers.map((option, index) =>
        h(
          "li",
          {
            role: "option",
            id: `${listId}-${index}`,
            "aria-selected": String(index === marked),
            onmousedown: (event) => {
              event.preventDefault();
              choose(option);
            },
          },
          option.text.text,
        ),
      ),
    );
    field.setAttribute("aria-activedescendant", `${listId}-${marked}`);
    reveal();
    list.children[marked]?.scrollIntoView({ block: "nearest" });
  }

  function drawChips() {
    chips.replaceChildren(
      ...chosen.map((option) =>
        h(
          "span",
          { class: "chip" },
          option.text.text,
          h(
            "button",
            {
              type: "button",
              "aria-label": `Remove ${option.text.text}`,
              onmousedown: (event) => event.preventDefault(),
              onclick: () => change(chosen.filter((one) => one !== option)),
            },
            "×",
          ),
        ),
      ),
    );
    field.placeholder = chosen.length > 0 ? "" : (element.placeholder?.text ?? (many ? "Choose options" : "Choose an option"));
  }

  function change(next) {
    chosen = next;
    drawChips();
    for (const told of tell) told();
  }

  function choose(option) {
    field.value = "";
    change(many ? [...chosen, option].slice(0, most) : [option]);
    if (many && chosen.length < most) void open();
    else close();
  }

  function onKey(event) {
    if (event.key === "Backspace" && field.value === "" && chosen.length > 0) return change(chosen.slice(0, -1));
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      return close();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden && offers[marked]) choose(offers[marked]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void open();
      if (offers.length === 0) return;
      marked = (marked + (event.key === "ArrowDown" ? 1 : -1) + offers.length) % offers.length;
      draw();
    }
  }

  drawChips();
  return {
    element: box,
    state: () => (many ? { type: element.type, selected_options: chosen } : { type: element.type, selected_option: chosen[0] ?? null }),
    empty: () => chosen.length === 0,
    restore(state) {
      chosen = many ? [...state.selected_options] : [state.selected_option].filter(Boolean);
      drawChips();
    },
    onChange: (told) => tell.push(told),
  };
}
