/** The page: who you are, the conversation on the left, the inbox on the right. */
import { get, listen } from "./api.js";
import { conversation } from "./conversation.js";
import { h, initials } from "./dom.js";
import { inbox } from "./inbox.js";
import { slackSurface } from "./slack/surface.js";

const ROLES = { owner: "Owner", admin: "Scoped admin", auditor: "Auditor", employee: "Employee" };

const slack = await get("/slack/people");
const { people, commands } = slack;
const mails = inbox(document.querySelector("#inbox"), document.querySelector("#inbox-count-tab"));
let leave = () => {};
let me = people[0];
let platform = "slack";

/** What a platform is made of here; Teams is loaded when it is first looked at. */
const platforms = {
  slack: async () => ({ ...slack, commands, surfaceOf: (one) => slackSurface(one, people) }),
  teams: async () => {
    const [teams, { loadTeams }] = await Promise.all([get("/teams/people"), import("./teams/surface.js")]);
    if (!teams) throw new Error("Teams did not start");
    const teamsSurface = await loadTeams();
    const spoken = commands.map((line) => line.replace(/^\//, ""));
    return { ...teams, commands: spoken, surfaceOf: (one) => teamsSurface(one, teams.people) };
  },
};

const loading = new Map();
const load = (name) => loading.get(name) ?? loading.set(name, platforms[name]()).get(name);

/** Where each person is on each platform, and what they have begun to write. */
const kept = new Map();
const keptOf = (wanted) => kept.get(wanted) ?? kept.set(wanted, {}).get(wanted);

async function show() {
  leave();
  leave = () => {};
  const wanted = `${platform}:${me.person}`;
  history.replaceState(null, "", `#${wanted}`);
  document.body.dataset.platform = platform;
  const place = document.querySelector("#chat");
  if (!loading.has(platform)) place.replaceChildren(h("p", { class: "waiting", role: "status" }, "Starting Teams …"));
  const side = await load(platform).catch(() => null);
  if (!side) loading.delete(wanted.split(":")[0]);
  if (wanted !== `${platform}:${me.person}`) return;
  if (!side) {
    const again = h("button", { type: "button", class: "quiet", onclick: () => void show() }, "Try again");
    return place.replaceChildren(h("p", { class: "waiting", role: "alert" }, "Teams did not start. ", again));
  }
  const here = side.people.find(({ person }) => person === me.person);
  const surface = side.surfaceOf(here);
  const { shared, commands: offered } = side;
  const chat = conversation(place, { me: here, shared, commands: offered, surface, kept: keptOf(wanted) });
  const none = platform === "teams" ? null : [];
  const end = listen(platform, here.person, {
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
    surface.showViews(none);
  };
}

const [, asked = "", who = ""] = /^#(?:(slack|teams):)?(.*)$/.exec(location.hash) ?? [];
platform = asked || "slack";
me = people.find(({ person }) => person === who) ?? people[0];
document
  .querySelector("#people")
  .append(
    ...people.map((one, index) =>
      h(
        "label",
        { class: "person", title: `${one.name}, ${ROLES[one.as]}` },
        h("input", { type: "radio", name: "person", value: one.person, checked: one === me, onchange: () => ((me = one), show()) }),
        h("span", { class: `avatar hue-${index}`, "aria-hidden": "true" }, initials(one.name)),
        h("span", { class: "who" }, h("b", {}, one.name), h("small", {}, ROLES[one.as])),
      ),
    ),
  );
for (const input of document.querySelectorAll("#platforms input")) {
  input.checked = input.value === platform;
  input.addEventListener("change", () => {
    platform = input.value;
    void show();
  });
}
void show();

for (const button of document.querySelectorAll(".panes button"))
  button.addEventListener("click", () => {
    document.body.dataset.pane = button.dataset.pane;
    for (const other of document.querySelectorAll(".panes button")) other.setAttribute("aria-pressed", String(other === button));
  });
