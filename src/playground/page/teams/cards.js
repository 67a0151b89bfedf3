/** Adaptive Cards in the page's own colours and sizes. What an action does is the caller's business. */
import { h } from "../dom.js";

const FONT = "inherit";

/** Colours are the page's own variables, so that a card follows the light. */
function hostConfig() {
  const tone = (text, subtle = text) => ({ default: text, subtle });
  const foregroundColors = {
    default: tone("var(--ink)", "var(--soft)"),
    attention: tone("var(--danger)"),
    good: tone("var(--good)"),
    warning: tone("var(--warn)"),
    accent: tone("var(--link)"),
    light: tone("var(--ink)"),
    dark: tone("var(--ink)"),
  };
  const style = (backgroundColor) => ({ backgroundColor, foregroundColors });
  return {
    fontFamily: FONT,
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 12 },
    fontSizes: { small: 13, default: 15, medium: 16, large: 18, extraLarge: 22 },
    containerStyles: {
      default: style("transparent"),
      emphasis: style("var(--raised)"),
      good: style("var(--accent-soft)"),
      warning: style("var(--card-warning)"),
      attention: style("var(--card-attention)"),
      accent: style("var(--raised)"),
    },
    actions: {
      maxActions: 6,
      spacing: "default",
      buttonSpacing: 8,
      actionsOrientation: "horizontal",
      actionAlignment: "left",
      showCard: { actionMode: "inline", inlineTopMargin: 12, style: "emphasis" },
    },
    inputs: { label: { inputSpacing: 4, requiredInputs: { weight: "bolder" }, optionalInputs: { weight: "bolder" } } },
    adaptiveCard: { allowCustomStyle: true },
  };
}

const nodesOf = (node) =>
  Array.isArray(node) ? node.flatMap(nodesOf) : node && typeof node === "object" ? [node, ...Object.values(node).flatMap(nodesOf)] : [];

/** @param {any} AdaptiveCards */
export function cardRenderer(AdaptiveCards) {
  /**
   * @param {object} json
   * @param {(action: { kind: string; verb?: string; data: any }, element: HTMLElement) => void} act
   * @param {(dataset: string, typed: string) => Promise<{ title: string; value: string }[]>} [search] what a typeahead offers
   */
  return function render(json, act, search) {
    const frame = h("div", { class: "adaptive-card" });
    const shown = structuredClone(json);
    // The renderer has typeaheads for one choice only: those for several are drawn as boxes to tick, with a search of our own above.
    const typeaheads = nodesOf(shown).filter((node) => node["choices.data"]);
    for (const input of typeaheads) {
      input.dataset = input["choices.data"].dataset;
      delete input["choices.data"];
      delete input.style;
    }
    const typed = new Map();

    function draw(focus) {
      const card = new AdaptiveCards.AdaptiveCard();
      card.hostConfig = new AdaptiveCards.HostConfig(hostConfig());
      card.parse(shown);
      card.onExecuteAction = (action) => {
        if (action instanceof AdaptiveCards.OpenUrlAction) return void window.open(action.url, "_blank", "noopener");
        const kind = action instanceof AdaptiveCards.ExecuteAction ? "execute" : "submit";
        act({ kind, verb: action.verb, data: action.data ?? {} }, frame);
      };
      frame.replaceChildren(card.render() ?? h("p", {}, json.fallbackText ?? ""));
      for (const input of search ? typeaheads : []) {
        const look = async (text) => {
          typed.set(input.id, text);
          const found = await search(input.dataset, text);
          for (const each of nodesOf(shown).filter((node) => node.id && String(node.type).startsWith("Input."))) {
            const now = card.getAllInputs().find((one) => one.id === each.id);
            if (now?.value !== undefined) each.value = String(now.value);
          }
          const chosen = input.choices.filter(({ value }) => (input.value ?? "").split(",").includes(value));
          input.choices = [...chosen, ...found.filter(({ value }) => !chosen.some((one) => one.value === value))];
          draw(input.id);
        };
        const box = h("input", {
          type: "search",
          class: "ac-input",
          "aria-label": `${input.label}: search`,
          placeholder: "Type to search",
          value: typed.get(input.id) ?? "",
        });
        box.addEventListener("input", () => void look(box.value));
        card.getElementById(input.id)?.renderedInputControlElement?.before(box);
        if (focus === input.id) box.focus();
      }
    }
    draw();
    return frame;
  };
}
