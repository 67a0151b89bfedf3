/** How cards look: sizes as Teams has them, colours as the page's own variables, so that a card follows the light. */
export function hostConfig() {
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
    fontFamily: "inherit",
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 12 },
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    separator: { lineThickness: 1, lineColor: "var(--line)" },
    containerStyles: {
      default: style("transparent"),
      emphasis: style("var(--raised)"),
      good: style("var(--card-good)"),
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
