/** The page: who you are, the conversation on the left, the inbox on the right. */
import { get, listen } from "./api.js";
import { conversation } from "./conversation.js";
import { h } from "./dom.js";
import { inbox } from "./inbox.js";
import { slackSurface } from "./slack/surface.js";

const ROLES = { owner: "Owner", admin: "Scoped admin", auditor: "Auditor", employee: "Employee" };

const { people, shared, commands } = await get("/slack/people");
const mails = inbox(document.querySelector("#inbox"), document.querySelector("#inbox-count-tab"));
let leave = () => {};

/** @param {{ person: string; as: string; name: string; direct: string }} me */
function become(me) {
  leave();
  history.replaceState(null, "", `#${me.person}`);
  const surface = slackSurface(me, people);
  const chat = conversation(document.querySelector("#chat"), { me, shared, commands, surface });
  const end = listen(me.person, {
    state({ messages, views }) {
      chat.reset(messages);
      surface.showViews(views);
      mails.refresh();
    },
    message: chat.show,
    removed: ({ channel, ts }) => chat.remove(channel, ts),
    views: surface.showViews,
    mail: mails.refresh,
  });
  leave = () => {
    end();
    surface.showViews([]);
  };
}

const initials = (name) =>
  name
    .split(" ")
    .map((part) => part[0])
    .slice(0, 2)
    .join("");

const chosen = people.find(({ person }) => `#${person}` === location.hash) ?? people[0];
document
  .querySelector("#people")
  .append(
    ...people.map((one, index) =>
      h(
        "label",
        { class: "person", title: `${one.name}, ${ROLES[one.as]}` },
        h("input", { type: "radio", name: "person", value: one.person, checked: one === chosen, onchange: () => become(one) }),
        h("span", { class: `avatar hue-${index}`, "aria-hidden": "true" }, initials(one.name)),
        h("span", { class: "who" }, h("b", {}, one.name), h("small", {}, ROLES[one.as])),
      ),
    ),
  );
become(chosen);

for (const button of document.querySelectorAll(".panes button"))
  button.addEventListener("click", () => {
    document.body.dataset.pane = button.dataset.pane;
    for (const other of document.querySelectorAll(".panes button")) other.setAttribute("aria-pressed", String(other === button));
  });
