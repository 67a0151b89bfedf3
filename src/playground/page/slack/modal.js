/** The modal on top of a person's stack: kept as it is where an update changes nothing, so that typing goes on undisturbed. */
import { post } from "../api.js";
import { h } from "../dom.js";
import { renderBlock } from "./blocks.js";

const CLOSE = "×";

/**
 * @param {{ person: string }} me
 * @param {Map<string, string>} names
 */
export function modals(me, names) {
  /** @type {{ id: string; dialog: HTMLDialogElement; body: HTMLElement; drawn: Map<string, { json: string; node: HTMLElement; optional: boolean; controls: Map<string, any> }> } | null} */
  let top = null;

  const values = () =>
    Object.fromEntries(
      [...(top?.drawn ?? [])]
        .filter(([, { controls }]) => controls.size > 0)
        .map(([id, { controls }]) => [id, Object.fromEntries([...controls].map(([action, control]) => [action, control.state()]))]),
    );

  const source = () => ({ kind: "view", viewId: top.id, values: values() });

  function drawBlock(block, before) {
    const controls = new Map();
    const context = {
      names,
      hold: (_block, action, control) => controls.set(action, control),
      press: (action) =>
        post("/slack/press", { person: me.person, source: source(), action }).then((problem) => problem && problemIn("", problem)),
      choices: (ids, typed) => post("/slack/choices", { person: me.person, source: source(), ids, typed }),
    };
    const node = renderBlock(block, context);
    for (const [action, control] of controls) {
      const held = before?.controls.get(action)?.state();
      if (held && held.type === control.state().type) control.restore(held);
    }
    return { json: JSON.stringify(block), node, controls, optional: block.type !== "input" || block.optional === true };
  }

  function fill(blocks) {
    const next = new Map();
    for (const block of blocks) {
      const old = top.drawn.get(block.block_id);
      next.set(block.block_id, old?.json === JSON.stringify(block) ? old : drawBlock(block, old));
    }
    top.drawn = next;
    const nodes = [...next.values()].map(({ node }) => node);
    for (const child of top.body.querySelectorAll(":scope > *")) if (!nodes.includes(child)) child.remove();
    nodes.forEach((node, index) => top.body.children[index] !== node && top.body.insertBefore(node, top.body.children[index] ?? null));
  }

  function problemIn(blockId, text) {
    const error = blockId === "" ? top?.dialog.querySelector(".form-error") : top?.drawn.get(blockId)?.node.querySelector(".error");
    if (!error) return;
    error.textContent = text;
    error.hidden = text === "";
    const field = error.closest("[data-block]")?.querySelector("input, textarea, select");
    if (text === "") field?.removeAttribute("aria-invalid");
    else field?.setAttribute("aria-invalid", "true");
  }

  async function submit(event) {
    event.preventDefault();
    const button = top.dialog.querySelector("footer .primary");
    if (!button || button.getAttribute("aria-busy")) return;
    problemIn("", "");
    for (const id of top.drawn.keys()) problemIn(id, "");
    const missing = [...top.drawn]
      .filter(([, { controls, optional }]) => !optional && [...controls.values()].some((control) => control.empty()))
      .map(([id]) => [id, "Please complete this required field."]);
    const mine = top;
    button.setAttribute("aria-busy", "true");
    const problems =
      missing.length > 0
        ? Object.fromEntries(missing)
        : await post("/slack/submit", { person: me.person, viewId: top.id, values: values() });
    button.removeAttribute("aria-busy");
    if (top !== mine || problems === null) return;
    for (const [id, text] of Object.entries(problems ?? { "": "The playground did not answer." })) problemIn(id, text);
    top.dialog.querySelector("[aria-invalid]")?.focus();
  }

  function open({ id, view }) {
    const leave = () => post("/slack/close", { person: me.person, viewId: id });
    const body = h("div", { class: "dialog-body" });
    const form = h(
      "form",
      { novalidate: true, onsubmit: submit },
      h(
        "div",
        { class: "head" },
        h("img", { src: "/playground/mark.svg", alt: "", width: 24, height: 24 }),
        h("h2", {}),
        h("button", { type: "button", class: "quiet close", "aria-label": "Close", onclick: leave }, CLOSE),
      ),
      body,
      h("p", { class: "form-error", role: "alert", hidden: true }),
      h("footer", {}),
    );
    const dialog = h("dialog", { class: "modal", oncancel: (event) => (event.preventDefault(), leave()) }, form);
    top = { id, dialog, body, drawn: new Map() };
    document.body.append(dialog);
    title(view, leave);
    fill(view.blocks);
    dialog.showModal();
    body.querySelector("input, textarea, select")?.focus();
  }

  function title(view, leave) {
    const { dialog } = top;
    dialog.setAttribute("aria-label", view.title.text);
    dialog.querySelector(".head h2").textContent = view.title.text;
    const footer = dialog.querySelector("footer");
    const submitText = view.submit?.text ?? null;
    const closeText = view.close?.text ?? "Cancel";
    if (footer.dataset.words === `${closeText}|${submitText}`) return;
    footer.dataset.words = `${closeText}|${submitText}`;
    footer.replaceChildren(h("button", { type: "button", class: "button", onclick: leave }, closeText));
    if (submitText !== null) footer.append(h("button", { type: "submit", class: "button primary" }, submitText));
  }

  return {
    /** @param {{ id: string; view: any }[]} stack */
    show(stack) {
      const shown = stack.at(-1);
      if (top && top.id !== shown?.id) {
        top.dialog.close();
        top.dialog.remove();
        top = null;
      }
      if (!shown) return;
      if (!top) return open(shown);
      title(shown.view, () => post("/slack/close", { person: me.person, viewId: shown.id }));
      fill(shown.view.blocks);
    },
  };
}
