/** Slack's three kinds of text: plain, mrkdwn and rich. All become nodes; nothing is ever parsed as HTML. */
import { h } from "../dom.js";
import { renderEmoji } from "./emoji.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const unescaped = (text) => text.replaceAll(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

/** What may stand in mrkdwn, first match wins: code block, code, <…>, bold, italic, strike, emoji. */
const SPAN = new RegExp(
  [
    "```\\n?([^]+?)```",
    "`([^`\\n]+)`",
    "<([^<>\\n]+)>",
    "(?<![\\w*])\\*(\\S(?:[^*\\n]*\\S)?)\\*(?![\\w*])",
    "(?<![\\w_])_(\\S(?:[^_\\n]*\\S)?)_(?![\\w_])",
    "(?<![\\w~])~(\\S(?:[^~\\n]*\\S)?)~(?![\\w~])",
    ":([a-z0-9_+-]+):",
  ].join("|"),
  "g",
);

function renderAngle(inside, names) {
  const [target, label] = inside.split("|");
  if (target.startsWith("@")) return h("span", { class: "mention" }, `@${names.get(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label ?? target.slice(1)}`);
  if (target.startsWith("!date^")) return document.createTextNode(unescaped(label ?? ""));
  if (target.startsWith("!")) return h("span", { class: "mention" }, `@${target.slice(1)}`);
  return link(unescaped(target), unescaped(label ?? target));
}

export function link(url, text) {
  return /^(?:https?:|mailto:)/i.test(url) ? h("a", { href: url, target: "_blank", rel: "noopener" }, text) : document.createTextNode(text);
}

function renderSpans(text, names) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(SPAN)) {
    const [all, pre, code, angle, bold, italic, strike, emoji] = match;
    if (match.index > end) nodes.push(unescaped(text.slice(end, match.index)));
    end = match.index + all.length;
    if (pre !== undefined) nodes.push(h("pre", {}, unescaped(pre)));
    else if (code !== undefined) nodes.push(h("code", {}, unescaped(code)));
    else if (angle !== undefined) nodes.push(renderAngle(angle, names));
    else if (bold !== undefined) nodes.push(h("b", {}, ...renderSpans(bold, names)));
    else if (italic !== undefined) nodes.push(h("i", {}, ...renderSpans(italic, names)));
    else if (strike !== undefined) nodes.push(h("s", {}, ...renderSpans(strike, names)));
    else nodes.push(renderEmoji(emoji));
  }
  if (end < text.length) nodes.push(unescaped(text.slice(end)));
  return nodes;
}

/** @param {string} text @param {Map<string, string>} names @returns {(Node | string)[]} */
export function renderMrkdwn(text, names) {
  return text.split(/(^(?:&gt;|>).*(?:\n(?:&gt;|>).*)*\n?)/m).flatMap((piece, index) => {
    if (index % 2 === 0) return renderSpans(piece, names);
    return [h("blockquote", {}, ...renderSpans(piece.trimEnd().replaceAll(/^(?:&gt;|>) ?/gm, ""), names))];
  });
}

/** A text object: `{ type: "plain_text" | "mrkdwn", text }`. */
export function renderText(object, names) {
  if (!object) return [];
  if (object.type === "mrkdwn") return renderMrkdwn(object.text, names);
  if (object.emoji === false) return [object.text];
  return object.text.split(/:([a-z0-9_+-]+):/).map((piece, index) => (index % 2 === 0 ? piece : renderEmoji(piece)));
}

function renderInline(element, names) {
  const styled = (node) =>
    ["bold", "italic", "strike", "code"].reduce(
      (inner, style) => (element.style?.[style] ? h({ bold: "b", italic: "i", strike: "s", code: "code" }[style], {}, inner) : inner),
      node,
    );
  switch (element.type) {
    case "text":
      return styled(element.text);
    case "link":
      return styled(link(element.url, element.text ?? element.url));
    case "emoji":
      return renderEmoji(element.name);
    case "user":
      return h("span", { class: "mention" }, `@${names.get(element.user_id) ?? element.user_id}`);
    case "channel":
      return h("span", { class: "mention" }, `#${element.channel_id}`);
    case "broadcast":
      return h("span", { class: "mention" }, `@${element.range}`);
    case "date":
      return element.fallback ?? new Date(element.timestamp * 1000).toLocaleString();
    default:
      return h("span", { class: "unknown" }, `[${element.type}]`);
  }
}

/** One part of a `rich_text` block. */
export function renderRich(part, names) {
  const inline = () => part.elements.map((element) => renderInline(element, names));
  switch (part.type) {
    case "rich_text_section":
      return h("div", { class: "text" }, ...inline());
    case "rich_text_preformatted":
      return h("pre", {}, ...inline());
    case "rich_text_quote":
      return h("blockquote", {}, ...inline());
    case "rich_text_list":
      return h(
        part.style === "ordered" ? "ol" : "ul",
        { class: `rich indent-${part.indent ?? 0}` },
        ...part.elements.map((item) => h("li", {}, ...item.elements.map((element) => renderInline(element, names)))),
      );
    default:
      return h("div", { class: "unknown" }, `A “${part.type}” is not shown in the playground.`);
  }
}
