/** The signs that carry a reply's tone, drawn, so that they look alike on every machine. */
import { h, icon } from "./dom.js";

const CROSS = "M6.800 6.800l6.400 6.400M13.200 6.800l-6.400 6.400";

const SIGNS = {
  done: ["good", "M6 10.400l2.700 2.700L14.200 7.200"],
  info: ["calm", "M10 9.300v4.600M10 6.200v.100"],
  warning: ["warn", "M10 6v5.200M10 14v.100"],
  refused: ["stop", CROSS],
  closed: ["stop", "M6.200 10h7.600"],
  fault: ["stop", "M10 6v5.200M10 14v.100"],
};

/** @param {keyof typeof SIGNS} tone @param {string} label what a screen reader says */
export function drawTone(tone, label) {
  const [look, paths] = SIGNS[tone];
  return h("span", { class: `tone ${look}`, role: "img", "aria-label": label }, icon(paths));
}
