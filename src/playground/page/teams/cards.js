/** Adaptive Cards, drawn by their official renderer. What an action does is the caller's business. */
import { h } from "../dom.js";
import { drawTone } from "../tones.js";
import { hostConfig } from "./host-config.js";

const SIGNS = { "✅": "done", ℹ: "info", "⚠": "warning", "⛔": "closed", "🚨": "fault" };
const SIGN = /^(✅|ℹ|⚠|⛔|🚨)\uFE0F?\s*/u;
const SEARCH_MS = 150;

const nodesOf = (node) =>
  Array.isArray(node) ? node.flatMap(nodesOf) : node && typeof node === "object" ? [node, ...Object.values(node).flatMap(nodesOf)] : [];

/** The sign that a text begins with, drawn: not every machine has the characters. */
function drawSigns(element) {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) if (SIGN.test(texts.currentNode.data)) found.push(texts.currentNode);
  for (const text of found) {
    const [all, sign] = SIGN.exec(text.data);
    text.data = text.data.slice(all.length);
    text.before(drawTone(SIGNS[sign], SIGNS[sign]), " ");
  }
}

/** Focus finds its way back to whatever has the same name after a card was drawn anew. */
function nameControls(element) {
  for (const control of element.querySelectorAll("button, input, select, textarea"))
    control.dataset.action =
      control.getAttribute("aria-label") ?? (control.textContent || control.closest("div")?.textContent || control.id);
}

/** @param {any} AdaptiveCards */
export function cardRenderer(AdaptiveCards) {
  /**
   * @param {object} json
   * @param {(action: { kind: string; verb?: string; data: any }, element: HTMLElement) => void} act
   * @param {(dataset: string, typed: string) => Promise<{ title: string; value: string }[] | undefined>} search what a typeahead offers
   * @param {Set<string>} unfolded titles of the buttons whose cards are unfolded; kept up to date
   */
  return function render(json, act, search, unfolded = new Set()) {
    const frame = h("div", { class: "adaptive-card" });
    const shown = structuredClone(json);
    // The renderer has typeaheads for one choice only: those for several are drawn as boxes to tick, with a search of our own above.
    const typeaheads = nodesOf(shown).filter((node) => node["choices.data"]);
    for (const input of typeaheads) {
      input.dataset = input["choices.data"].dataset;
      delete input["choices.data"];
      delete input.style;
    }
    const inputs = nodesOf(shown).filter((node) => node.id && String(node.type).startsWith("Input."));

    function draw() {
      const card = new AdaptiveCards.AdaptiveCard();
      card.hostConfig = new AdaptiveCards.HostConfig(hostConfig());
      card.parse(shown);
      card.onExecuteAction = (action) => {
        if (action instanceof AdaptiveCards.OpenUrlAction) return void window.open(action.url, "_blank", "noopener");
        const kind = action instanceof AdaptiveCards.ExecuteAction ? "execute" : "submit";
        act({ kind, verb: action.verb, data: action.data ?? {} }, frame);
      };
      const drawn = card.render() ?? h("p", { class: "words" }, json.fallbackText ?? "");
      drawSigns(drawn);
      nameControls(drawn);
      frame.replaceChildren(drawn);
      for (const input of typeaheads) card.getElementById(input.id)?.renderedInputControlElement?.before(searchFor(input, card));
    }

    /** What was filled in so far stays when the choices are others. */
    function offer(input, card, found) {
      for (const each of inputs) {
        const control = card.getAllInputs().find((one) => one.id === each.id);
        if (control?.value !== undefined) each.value = String(control.value);
      }
      const ticked = (input.value ?? "").split(",");
      const chosen = input.choices.filter(({ value }) => ticked.includes(value));
      input.choices = [...chosen, ...found.filter(({ value }) => !ticked.includes(value))];
      draw();
    }

    function searchFor(input, card) {
      const label = `${input.label}: search`;
      const props = { type: "search", class: "ac-input", "aria-label": label, placeholder: "Type to search", data: { action: label } };
      const box = h("input", { ...props, value: input.typed ?? "" });
      let timer;
      box.addEventListener("input", () => {
        input.typed = box.value;
        clearTimeout(timer);
        timer = setTimeout(async () => {
          const typed = box.value;
          const found = await search(input.dataset, typed);
          if (!found || !box.isConnected || box.value !== typed) return;
          const caret = document.activeElement === box ? box.selectionStart : null;
          offer(input, card, found);
          const next = frame.querySelector(`[data-action="${CSS.escape(label)}"]`);
          if (caret === null || !next) return;
          next.focus();
          next.setSelectionRange(caret, caret);
        }, SEARCH_MS);
      });
      return box;
    }

    draw();
    for (const button of frame.querySelectorAll(".ac-pushButton.expandable")) if (unfolded.has(button.textContent)) button.click();
    frame.addEventListener("click", () => {
      unfolded.clear();
      for (const button of frame.querySelectorAll(".ac-pushButton.expanded")) unfolded.add(button.textContent);
    });
    return frame;
  };
}
