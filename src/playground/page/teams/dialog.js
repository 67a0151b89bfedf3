/** The dialog of the person at the page: one at a time, opened, redrawn and closed as the app says. */
import { h } from "../dom.js";

/**
 * @param {(view: any) => HTMLElement} draw the card of a view
 * @param {() => void} close the person wants it closed
 */
export function dialogs(draw, close) {
  let open = null;

  function make() {
    const title = h("h2", {});
    const body = h("div", { class: "teams-dialog-body" });
    const head = h(
      "div",
      { class: "dialog-head" },
      title,
      h("button", { type: "button", class: "close", "aria-label": "Close", onclick: close }, "×"),
    );
    const element = h("dialog", { class: "teams-dialog" }, head, body);
    element.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    document.body.append(element);
    element.showModal();
    return { element, title, body };
  }

  return function show(view) {
    if (!view) {
      open?.element.close();
      open?.element.remove();
      open = null;
      return;
    }
    const held = open?.body.contains(document.activeElement) ? document.activeElement.dataset.action : undefined;
    open ??= make();
    const { element, title, body } = open;
    element.setAttribute("aria-label", view.title);
    title.textContent = view.title;
    body.replaceChildren(draw(view));
    const wanted = held === undefined ? null : body.querySelector(`[data-action="${CSS.escape(held)}"]`);
    (wanted ?? body.querySelector("input, select, textarea, button"))?.focus();
  };
}
