/** Interactive elements. Each tells its state in the shape Slack sends it. */
import { h, newId } from "../dom.js";
import { confirmed } from "./confirm.js";
import { picker } from "./picker.js";
import { renderText } from "./text.js";

const TYPING_MS = 400;
const TEXT_INPUTS = { plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "number" };
const DAY_INPUTS = { datepicker: ["date", "selected_date", "initial_date"], timepicker: ["time", "selected_time", "initial_time"] };

/**
 * @param {any} element
 * @param {any} block
 * @param {import("./blocks.js").Context} context
 * @returns {HTMLElement}
 */
export function renderElement(element, block, context) {
  if (element.type === "button") return button(element, block, context);
  const control = controlOf(element, block, context);
  if (!control) return h("span", { class: "unknown" }, `A “${element.type}” is not shown in the playground.`);
  context.hold?.(block.block_id, element.action_id, control);
  const dispatches = block.type !== "input" || block.dispatch_action;
  if (dispatches)
    control.onChange(async () => {
      if (element.confirm && !(await confirmed(element.confirm, context.names))) return;
      void context.press({ block_id: block.block_id, action_id: element.action_id, ...control.state() }, control.element);
    });
  return control.element;
}

function button(element, block, context) {
  const { url, style, confirm } = element;
  const action = {
    type: "button",
    block_id: block.block_id,
    action_id: element.action_id,
    value: element.value,
    text: element.text,
    ...(style ? { style } : {}),
  };
  const props = { class: `button ${style ?? ""}`, data: { action: element.action_id }, "aria-label": element.accessibility_label };
  const label = renderText(element.text, context.names);
  if (url && /^https?:/i.test(url))
    return h("a", { ...props, href: url, target: "_blank", rel: "noopener", onclick: () => void context.press(action, null) }, ...label);
  return h(
    "button",
    {
      ...props,
      type: "button",
      async onclick(event) {
        const pressed = event.currentTarget;
        if (pressed.getAttribute("aria-busy")) return;
        if (confirm && !(await confirmed(confirm, context.names))) return;
        void context.press(action, pressed);
      },
    },
    ...label,
  );
}

function controlOf(element, block, context) {
  if (TEXT_INPUTS[element.type]) return textInput(element, TEXT_INPUTS[element.type]);
  if (DAY_INPUTS[element.type]) return dayInput(element, ...DAY_INPUTS[element.type]);
  switch (element.type) {
    case "static_select":
      return select(element);
    case "multi_static_select":
    case "external_select":
    case "multi_external_select":
      return picker(element, (typed) => context.choices({ block_id: block.block_id, action_id: element.action_id }, typed));
    case "checkboxes":
    case "radio_buttons":
      return ticks(element, context);
    default:
      return null;
  }
}

function textInput(element, kind) {
  const common = {
    id: newId("field"),
    placeholder: element.placeholder?.text,
    maxlength: element.max_length,
    value: element.initial_value ?? "",
    "aria-label": element.accessibility_label,
  };
  const field = element.multiline
    ? h("textarea", { ...common, rows: 4 })
    : h("input", { ...common, type: kind, inputmode: kind === "number" ? "decimal" : null });
  const eager = element.dispatch_action_config?.trigger_actions_on?.includes("on_character_entered");
  return {
    element: field,
    state: () => ({ type: element.type, value: field.value === "" ? null : field.value }),
    empty: () => field.value.trim() === "",
    restore: ({ value }) => (field.value = value ?? ""),
    onChange(told) {
      let timer;
      const soon = () => {
        clearTimeout(timer);
        timer = setTimeout(() => told(), TYPING_MS);
      };
      if (eager) field.addEventListener("input", soon);
      else field.addEventListener("keydown", (event) => event.key === "Enter" && !element.multiline && (event.preventDefault(), told()));
    },
  };
}

function dayInput(element, kind, key, initial) {
  const field = h("input", { id: newId("field"), type: kind, value: element[initial] ?? "" });
  return {
    element: field,
    state: () => ({ type: element.type, [key]: field.value || null }),
    empty: () => field.value === "",
    restore: (state) => (field.value = state[key] ?? ""),
    onChange: (told) => field.addEventListener("change", told),
  };
}

function select(element) {
  const options = element.options ?? element.option_groups.flatMap((group) => group.options);
  const field = h(
    "select",
    { id: newId("field") },
    h("option", { value: "" }, element.placeholder?.text ?? "Choose an option"),
    ...options.map((option) => h("option", { value: option.value }, option.text.text)),
  );
  field.value = element.initial_option?.value ?? "";
  return {
    element: h("span", { class: "select" }, field),
    state: () => ({ type: element.type, selected_option: options.find(({ value }) => value === field.value) ?? null }),
    empty: () => field.value === "",
    restore: (state) => (field.value = state.selected_option?.value ?? ""),
    onChange: (told) => field.addEventListener("change", told),
  };
}

function ticks(element, context) {
  const many = element.type === "checkboxes";
  const initial = many ? (element.initial_options ?? []) : [element.initial_option].filter(Boolean);
  const name = newId("ticks");
  const boxes = element.options.map((option) =>
    h("input", {
      id: newId("field"),
      type: many ? "checkbox" : "radio",
      name,
      value: option.value,
      checked: initial.some(({ value }) => value === option.value),
    }),
  );
  const chosen = () => element.options.filter((_, index) => boxes[index].checked);
  return {
    element: h(
      "div",
      { class: "ticks", role: many ? "group" : "radiogroup" },
      ...element.options.map((option, index) =>
        h(
          "label",
          {},
          boxes[index],
          h(
            "span",
            {},
            ...renderText(option.text, context.names),
            option.description && h("small", {}, ...renderText(option.description, context.names)),
          ),
        ),
      ),
    ),
    state: () => (many ? { type: element.type, selected_options: chosen() } : { type: element.type, selected_option: chosen()[0] ?? null }),
    empty: () => chosen().length === 0,
    restore(state) {
      const held = many ? state.selected_options : [state.selected_option].filter(Boolean);
      for (const box of boxes) box.checked = held.some(({ value }) => value === box.value);
    },
    onChange: (told) => boxes.forEach((box) => box.addEventListener("change", told)),
  };
}
