/** Adaptive Cards in the page's own colours and sizes. What an action does is the caller's business. */
import { h } from "../dom.js";

const FONT = "inherit";

function hostConfig(dark) {
  const tone = (text, subtle = text) => ({ default: text, subtle });
  const foregroundColors = dark
    ? {
        default: tone("#e9efed", "#a9b8b3"),
        attention: tone("#ffb4ab"),
        good: tone("#7fd3bf"),
        warning: tone("#f3c969"),
        accent: tone("#9db7ff"),
        light: tone("#ffffff"),
        dark: tone("#e9efed"),
      }
    : {
        default: tone("#1d2624", "#52605c"),
        attention: tone("#a1260d"),
        good: tone("#0b5d4e"),
        warning: tone("#7a4f01"),
        accent: tone("#3b4aa0"),
        light: tone("#ffffff"),
        dark: tone("#1d2624"),
      };
  const style = (backgroundColor) => ({ backgroundColor, foregroundColors });
  return {
    fontFamily: FONT,
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 12 },
    fontSizes: { small: 13, default: 15, medium: 16, large: 18, extraLarge: 22 },
    containerStyles: {
      default: style("transparent"),
      emphasis: style(dark ? "#26302d" : "#f2f5f4"),
      good: style(dark ? "#17352e" : "#e3f3ee"),
      warning: style(dark ? "#3a2f14" : "#fdf3dc"),
      attention: style(dark ? "#3f1f1b" : "#fdeae7"),
      accent: style(dark ? "#22294a" : "#eceefb"),
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

/** @param {any} AdaptiveCards */
export function cardRenderer(AdaptiveCards) {
  const dark = matchMedia("(prefers-color-scheme: dark)");

  /** @param {object} json @param {(action: { kind: string; verb?: string; data: any }, element: HTMLElement) => void} act */
  return function render(json, act) {
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(hostConfig(dark.matches));
    card.parse(json);
    const frame = h("div", { class: "adaptive-card" });
    card.onExecuteAction = (action) => {
      if (action instanceof AdaptiveCards.OpenUrlAction) return void window.open(action.url, "_blank", "noopener");
      const kind = action instanceof AdaptiveCards.ExecuteAction ? "execute" : "submit";
      act({ kind, verb: action.verb, data: action.data ?? {} }, frame);
    };
    frame.append(card.render() ?? h("p", {}, json.fallbackText ?? ""));
    return frame;
  };
}
