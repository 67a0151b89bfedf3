/** The captured mails: a list, and the chosen one as HTML, text and headers. */
import { get, post } from "./api.js";
import { clock, h } from "./dom.js";

const TABS = [
  ["html", "Mail"],
  ["text", "Text"],
  ["headers", "Headers"],
];
const TYPING_MS = 150;
const SETTLE_MS = 300;

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} tabCount
 */
export function inbox(root, tabCount) {
  const opened = new Set();
  let chosen = null;
  // Until an older mail is picked, the newest is the one shown.
  let following = true;
  let settling;
  let tab = "html";
  let running = false;
  let again = false;
  let typing;

  const count = h("span", { class: "count", hidden: true });
  const search = h("input", {
    type: "search",
    placeholder: "Find by name, address or subject",
    "aria-label": "Find mails",
    oninput: () => {
      clearTimeout(typing);
      typing = setTimeout(refresh, TYPING_MS);
    },
  });
  const clear = h("button", { type: "button", class: "quiet", onclick: () => post("/inbox/clear", {}).then(forget) }, "Clear");
  const list = h("ul", { class: "mails", "aria-label": "Mails" });
  const note = h("p", { class: "note" });
  const detail = h("article", { class: "mail", "aria-label": "Chosen mail" });
  root.replaceChildren(
    h("div", { class: "bar" }, h("h2", {}, "Inbox", count), search, clear),
    h("div", { class: "listing" }, list, note),
    detail,
  );

  function forget() {
    chosen = null;
    following = true;
    void refresh();
    drawNothing();
  }

  function drawNothing() {
    detail.replaceChildren(h("p", { class: "nothing" }, "Mails sent by the product arrive here instead of leaving this machine."));
  }

  function row(mail) {
    const button = h(
      "button",
      {
        type: "button",
        "aria-current": mail.id === chosen ? "true" : null,
        data: { id: mail.id },
        class: opened.has(mail.id) ? "" : "new",
        onclick: () => pick(mail.id),
      },
      h("span", { class: "to" }, mail.name || mail.to),
      h("time", {}, clock(mail.receivedAt)),
      h("span", { class: "subject" }, mail.subject),
      mail.language && h("span", { class: "language", title: "Language of the mail" }, mail.language),
    );
    return h("li", {}, button);
  }

  async function refresh() {
    again = running;
    if (running) return;
    running = true;
    const found = await get(`/inbox?q=${encodeURIComponent(search.value)}`).catch(() => null);
    running = false;
    if (again) return void refresh();
    if (!found) return;
    const { total, kept, matching, mails } = found;
    const held = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    list.replaceChildren(...mails.map(row));
    if (held) list.querySelector(`[data-id="${held}"]`)?.focus();
    for (const place of [count, tabCount]) {
      place.textContent = String(total);
      place.hidden = total === 0;
    }
    clear.disabled = kept === 0;
    note.textContent = noteFor({ total, kept, matching, shown: mails.length, searched: search.value !== "" });
    note.hidden = note.textContent === "";
    const [newest] = mails;
    if (!following || !newest || newest.id === chosen || search.value !== "") return;
    clearTimeout(settling);
    settling = setTimeout(() => void open(newest.id), chosen === null ? 0 : SETTLE_MS);
  }

  function pick(id) {
    clearTimeout(settling);
    following = search.value === "" && list.querySelector("button")?.dataset.id === String(id);
    void open(id);
  }

  function noteFor({ total, kept, matching, shown, searched }) {
    if (kept === 0) return total === 0 ? "No mail yet." : "Nothing kept.";
    if (matching === 0) return "No mail matches.";
    if (shown < matching) return `The latest ${shown} of ${matching}${searched ? " found" : ""}.`;
    return kept < total && !searched ? `The latest ${kept} of ${total} are kept.` : "";
  }

  async function open(id) {
    chosen = id;
    opened.add(id);
    for (const button of list.querySelectorAll("button")) {
      if (Number(button.dataset.id) === id) {
        button.setAttribute("aria-current", "true");
        button.classList.remove("new");
        button.scrollIntoView({ block: "nearest" });
      } else button.removeAttribute("aria-current");
    }
    const mail = await get(`/inbox/${id}`);
    if (mail && chosen === id) draw(mail);
  }

  function draw(mail) {
    const body = h("div", { class: "body", role: "tabpanel", id: "mail-body", tabindex: "0" });
    const tabs = TABS.filter(([name]) => name !== "html" || mail.hasHtml).map(([name, label]) =>
      h("button", { type: "button", role: "tab", "aria-controls": "mail-body", data: { tab: name }, onclick: () => show(name) }, label),
    );
    const show = (name) => {
      tab = name;
      for (const one of tabs) one.setAttribute("aria-selected", String(one.dataset.tab === name));
      body.replaceChildren(part(mail, name));
    };
    detail.replaceChildren(
      h(
        "div",
        { class: "head" },
        h("h3", {}, mail.subject),
        h(
          "dl",
          {},
          h("dt", {}, "From"),
          h("dd", {}, mail.from),
          h("dt", {}, "To"),
          h("dd", {}, mail.name ? `${mail.name} <${mail.to}>` : mail.to),
        ),
        h("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the mail" }, ...tabs),
      ),
      body,
    );
    show(mail.hasHtml || tab !== "html" ? tab : "text");
  }

  function part(mail, name) {
    if (name === "html")
      return h("iframe", {
        title: mail.subject,
        src: `/playground/inbox/${mail.id}/html`,
        sandbox: "allow-popups allow-popups-to-escape-sandbox",
        referrerpolicy: "no-referrer",
      });
    if (name === "text") return h("pre", {}, ...linked(mail.text));
    return h(
      "table",
      {},
      h("tbody", {}, ...mail.headers.map(({ name: key, value }) => h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, value)))),
    );
  }

  drawNothing();
  return { refresh: () => void refresh() };
}

function linked(text) {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((piece, index) => (index % 2 === 0 ? piece : h("a", { href: piece, target: "_blank", rel: "noopener" }, piece)));
}
