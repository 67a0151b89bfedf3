/** Block Kit, block by block. What is not known is said, not hidden. */
import { h } from "../dom.js";
import { renderElement } from "./elements.js";
import { renderRich, renderText } from "./text.js";

/**
 * @typedef {object} Context
 * @property {Map<string, string>} names people by id
 * @property {(action: object, element: HTMLElement) => Promise<void>} press
 * @property {(ids: object, typed: string) => Promise<object[]>} choices
 * @property {(blockId: string, actionId: string, control: object) => void} [hold] takes what has a value, in a modal
 */

/** @param {any} block @param {Context} context @returns {HTMLElement} */
export function renderBlock(block, context) {
  const drawn = draw(block, context);
  drawn.dataset.block = block.block_id;
  return drawn;
}

function draw(block, context) {
  const { names } = context;
  switch (block.type) {
    case "section":
      return h(
        "div",
        { class: "block section" },
        block.text && h("div", { class: "text" }, ...renderText(block.text, names)),
        block.fields &&
          h("div", { class: "fields" }, ...block.fields.map((field) => h("div", { class: "text" }, ...renderText(field, names)))),
        block.accessory && h("div", { class: "accessory" }, renderElement(block.accessory, block, context)),
      );
    case "rich_text":
      return h("div", { class: "block rich" }, ...block.elements.map((part) => renderRich(part, names)));
    case "header":
      return h("h3", { class: "block header" }, ...renderText(block.text, names));
    case "divider":
      return h("hr", { class: "block" });
    case "context":
      return h(
        "div",
        { class: "block context" },
        ...block.elements.map((element) =>
          element.type === "image" ? picture(element) : h("span", { class: "text" }, ...renderText(element, names)),
        ),
      );
    case "actions":
      return h("div", { class: "block actions" }, ...block.elements.map((element) => renderElement(element, block, context)));
    case "input":
      return input(block, context);
    case "image":
      return h("figure", { class: "block" }, block.title && h("figcaption", {}, ...renderText(block.title, names)), picture(block));
    case "markdown":
      return h("div", { class: "block text" }, block.text);
    default:
      return h("div", { class: "block unknown" }, `A “${block.type}” block is not shown in the playground.`);
  }
}

const picture = ({ image_url: url, alt_text: text }) =>
  url?.startsWith("data:") ? h("img", { src: url, alt: text }) : h("span", { class: "unknown" }, `[${text}]`);

function input(block, context) {
  const element = renderElement(block.element, block, context);
  const named = element.matches("input, textarea, select") ? element : element.querySelector("input, textarea, select");
  const label = h(
    "label",
    { class: "label", for: named?.id },
    ...renderText(block.label, context.names),
    block.optional && h("small", {}, " (optional)"),
  );
  return h(
    "div",
    { class: "block input" },
    label,
    element,
    block.hint && h("p", { class: "hint" }, ...renderText(block.hint, context.names)),
    h("p", { class: "error", role: "alert", hidden: true }),
  );
}
