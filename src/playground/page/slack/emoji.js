/** Emoji by Slack's names. The few that carry a tone are drawn; the rest are the system's. */
import { h } from "../dom.js";
import { drawTone } from "../tones.js";

const DRAWN = {
  white_check_mark: "done",
  heavy_check_mark: "done",
  information_source: "info",
  warning: "warning",
  no_entry_sign: "refused",
  no_entry: "closed",
  x: "refused",
  rotating_light: "fault",
};

const SIGNS = {
  hourglass_flowing_sand: "⏳",
  envelope: "✉",
  email: "✉",
  tada: "🎉",
  wave: "👋",
  link: "🔗",
  calendar: "📅",
  double_vertical_bar: "⏸",
  arrow_forward: "▶",
  bulb: "💡",
  bell: "🔔",
};

/** @param {string} name */
export function renderEmoji(name) {
  const drawn = DRAWN[name];
  if (drawn) return drawTone(drawn, name.replaceAll("_", " "));
  return h("span", { class: "emoji", title: `:${name}:` }, SIGNS[name] ?? `:${name}:`);
}
