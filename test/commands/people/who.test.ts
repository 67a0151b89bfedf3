import { beforeAll, expect, it } from "vitest";
import { LANGUAGES } from "../../../src/domain/user.ts";
import { wordsIn } from "../../../src/words/words.ts";
import { speaker } from "../../support/chat.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";

const { db } = await testDatabase();
const deps = testDeps(db);

let workspace = "";
const inEnglish = () => speaker(deps, workspace, "en");

beforeAll(async () => {
  const organisationId = (await insert.organisation(db)).id;
  ({ workspace } = await insert.workspace(db, organisationId));
  for (const language of LANGUAGES) {
    const user = await insert.user(db, organisationId, { name: `Owner ${language}`, verifiedAt: new Date(), language });
    await insert.role(db, organisationId, user.id, "owner");
    await insert.principal(db, organisationId, { person: language, userId: user.id });
  }
  await insert.user(db, organisationId, { name: "Siobhán O’Brien" });
  await insert.user(db, organisationId, { name: "Anna “Nisse”\u00a0Berg‑Å\u00adkesson" });
  await insert.user(db, organisationId, { name: "Jo 👩🏽‍💻 Lind", userId: "ÄB-1", aliasUserId: "Ö’2", signature: "ÅJL" });
  await insert.user(db, organisationId, { name: "Visat Namn", loginAddress: "n1@acme.test" });
  await insert.user(db, organisationId, { name: "Annat Namn", loginAddress: "n2@acme.test" });
});

it.each([
  [
    "Siobhán O’Brien",
    'status "Siobhán O’Brien"',
    "status Siobhán O'Brien",
    "status SIOBHÁN OʼBRIEN",
    "status siobha\u0301n o´brien",
    "status Siobhán\u00a0O`Brien",
    "status O‘Brien",
  ],
  [
    "Anna “Nisse”",
    'status Anna "Nisse" Berg-Åkesson',
    "status Anna Nisse Berg–Åkesson",
    'status "Anna “Nisse” Berg-Åkesson"',
    "status anna nisse berg‐a\u030akesson",
  ],
  ["Jo 👩🏽‍💻 Lind", "status Jo 👩‍💻 Lind", "status Jo 👩💻 Lind", "status äb–1", "status ö´2", "status åjl", "status Ｊｏ"],
])("%s is found in every spelling", async (name, ...lines) => {
  for (const line of lines) expect((await inEnglish().ask(line)).lines.join("\n")).toContain(name);
});

it.each(["status Visat Namn <n1@acme.test>;", "status (n1@acme.test)", "status &lt;<mailto:n1@acme.test|n1@acme.test>&gt;,"])(
  "%j finds the person whose address it is",
  async (line) => {
    expect((await inEnglish().ask(line)).lines[0]).toContain("Visat Namn");
  },
);

it.each(LANGUAGES)("Two addresses get a pick list or the word that it goes one at a time, in %s", async (language) => {
  const { oneAtATime, oneAtATimeNext, notFoundNext } = wordsIn(language).replies;
  const { ask, press } = speaker(deps, workspace, language);
  const known = await ask("status n1@acme.test; n2@acme.test");
  expect(known.lines).toEqual([oneAtATime]);
  expect((await press(known, /^Annat Namn/)).lines[0]).toContain("Annat Namn");
  const unknown = await ask("status n8@acme.test n9@acme.test");
  expect(unknown.lines).toEqual([oneAtATime, oneAtATimeNext]);
  expect(unknown.lines).not.toContain(notFoundNext);
});

it("A name of nothing that can be seen finds nobody", async () => {
  expect((await inEnglish().ask('status "\ufe0f\\"\\""')).tone).toBe("refused");
});
