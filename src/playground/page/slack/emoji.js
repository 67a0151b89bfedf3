/** Emoji by Slack's names. The few that carry a tone are drawn, so that they look alike everywhere; the rest are the system's. */
import { h, icon } from "../dom.js";

const DRAWN = {
  white_check_mark: ["good", "M6 10.400l2.700 2.700L14.200 7.200"],
  heavy_check_mark: ["good", "M6 10.400l2.700 2.700L14.200 7.200"],
  information_source: ["calm", "M10 9.300v4.600M10 6.200v.100"],
  warning: ["warn", "M10 6v5.200M10 14v.100"],
  no_entry_sign: ["stop", "M6.800 6.800l6.400 6.400M13.200 6.800l-6.400 6.400"],
  no_entry: ["stop", "M6.200 10h7.600"],
  x: ["stop", "M6.800 6.800l6.400 6.400M13.200 6.800l-6.400 6.400"],
  rotating_light: ["stop", "M10 6v5.200M10 14v.100"],
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
  if (drawn) return h("span", { class: `tone ${drawn[0]}`, role: "img", "aria-label": name.replaceAll("_", " ") }, icon(drawn[1]));
  return h("span", { class: "emoji", title: `:${name}:` }, SIGNS[name] ?? `:${name}:`);
}
