/** The dialog Slack asks before a press counts. */
import { h } from "../dom.js";
import { renderText } from "./text.js";

/**
 * @param {{ title: any; text: any; confirm?: any; deny?: any; style?: string }} asked
 * @param {Map<string, string>} names
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, confirm, deny, style }, names) {
  return new Promise((resolve) => {
    const yes = h("button", { type: "button", class: `button ${style ?? "primary"}`, onclick: () => end(true) }, confirm?.text ?? "Yes");
    const no = h("button", { type: "button", class: "button", onclick: () => end(false) }, deny?.text ?? "Cancel");
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-label": title.text, oncancel: () => end(false) },
      h("div", { class: "head" }, h("h2", {}, ...renderText(title, names))),
      h("div", { class: "dialog-body" }, h("p", {}, ...renderText(text, names))),
      h("footer", {}, no, yes),
    );
    function end(answer) {
      dialog.remove();
      resolve(answer);
    }
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
