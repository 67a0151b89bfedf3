import fc from "fast-check";
import { expect, it } from "vitest";
import { dispatchText, listOptions } from "../../src/commands/dispatch.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { colleague, conversation } from "../support/chat.ts";

const { db } = await testDatabase();
const deps = testDeps(db);
const { ask } = conversation(deps);

/** What nobody of the company Alfa may read: part of every name of the company Beta. */
const CANARY = "Zqx";
const word = fc.constantFrom("Lager", "Butik", "Kök", "Kontor", "Åkeri", "Norr", "Syd", "Data");

/** Lines that an admin may type about what they cannot see; `near` is one letter off a name of Beta's. */
const linesAbout = (near: string, userId: string) => [
  "help",
  "status",
  `status ${near}`,
  `status ${userId}`,
  `resend ${near}`,
  `set-email ${userId}`,
  `bulk --dry-run`,
  `bulk department:"${near}" --dry-run`,
  `bulk office:"${near}" --dry-run`,
  `bulk company:"${near}" --dry-run`,
  `bulk authorised:"${near}" --dry-run`,
  `bulk role:"${near}" --dry-run`,
  `bulk employee:"${near}" --dry-run`,
  `bulk saved:zqx`,
  `save mine department:"${near}"`,
  `save zqxweekly pending>7d`,
  "saved",
  "jobs",
  "job B-1",
  "job B-1 report",
  "remind",
  `remind add after 7d every 3d max 3 department:"${near}"`,
  `history ${near}`,
  "audit",
  "audit export",
  "report",
  `unsuppress ${userId} --reason "x"`,
  `skicka mejlet till ${near} igen`,
];

it("No reply, option, suggestion or file shown to an admin of one company holds a name of another", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(word, { minLength: 2, maxLength: 4 }), fc.boolean(), async (parts, suppressed) => {
      const { id } = await insert.organisation(db);
      await insert.workspace(db, id);
      for (const part of parts) {
        await insert.user(db, id, { name: `Anna ${part}`, company: "Alfa", department: part, office: part });
        const hidden = { name: `${CANARY} ${part}`, company: `${CANARY} Beta`, department: `${CANARY}${part}`, office: `${CANARY}${part}` };
        const user = await insert.user(db, id, { ...hidden, suppressedAt: suppressed ? new Date() : null });
        await insert.role(db, id, user.id, `${CANARY}role`);
      }
      const [admin, other] = [
        await colleague(db, id, "Adam Admin", "admin", ["Alfa"]),
        await colleague(db, id, `${CANARY} Admin`, "admin", [`${CANARY} Beta`]),
      ];
      const [part = "Lager"] = parts;
      const theirs = await insert.user(db, id, { name: `${CANARY} Person`, company: `${CANARY} Beta` });
      for (const line of [
        `save ${CANARY}weekly department:${CANARY}${part}`,
        `resend ${theirs.userId}`,
        "bulk",
        `remind add after 7d every 3d max 3 department:${CANARY}${part}`,
      ])
        await dispatchText(deps, other.asker, line);
      for (const line of linesAbout(`${CANARY}${part.slice(0, -1)}`, theirs.userId)) {
        const answer = await dispatchText(deps, admin.asker, line);
        const shown = JSON.stringify(answer).replaceAll(`${CANARY}${part.slice(0, -1)}`, "<typed>");
        expect(`${line}: ${shown}`.replace(line, "")).not.toContain(CANARY);
      }
      expect(JSON.stringify(await listOptions(deps, admin.asker, "departments", ""))).not.toContain(CANARY);
      await ask(admin.asker, "status me");
    }),
    { numRuns: 6 },
  );
});
