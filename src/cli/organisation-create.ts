import { createOrganisation, OrganisationInput } from "../commands/organisation/organisation-create.ts";
import { read, refused, textOption, type Command } from "./command.ts";

export const organisationCreate: Command = {
  name: "organisation create",
  usage: "organisation create <name> [--slack-team T123] [--teams-tenant <id>] [--language sv]",
  summary: "a new organisation, or a further workspace for one that exists",
  words: 1,
  options: { "slack-team": { type: "string" }, "teams-tenant": { type: "string" }, language: { type: "string" } },
  async run(given, reach) {
    const slackTeam = textOption(given, "slack-team");
    const tenant = textOption(given, "teams-tenant");
    const input = read(OrganisationInput, {
      name: given.words[0],
      language: textOption(given, "language") ?? "en",
      workspaces: [
        ...(slackTeam === undefined ? [] : [{ platform: "slack", workspace: slackTeam }]),
        ...(tenant === undefined ? [] : [{ platform: "teams", workspace: tenant.toLowerCase() }]),
      ],
    });
    const outcome = await createOrganisation({ db: (await reach.open()).db }, input);
    const connected = input.workspaces.map(({ platform, workspace }) => `${platform} ${workspace}`).join(" and ");
    switch (outcome.kind) {
      case "created":
        return {
          ok: true,
          lines: [
            `Created ${input.name}${connected ? `, with ${connected}` : ""}.`,
            `Next: roster load <file> --organisation "${input.name}", then grant-owner.`,
          ],
          json: { organisation: input.name, created: true, workspaces: input.workspaces },
        };
      case "connected":
        return {
          ok: true,
          lines: [`${input.name} was there already; it now has ${connected}.`],
          json: { organisation: input.name, created: false, workspaces: input.workspaces },
        };
      case "exists":
        return refused(`There is an organisation called ${input.name} already. Nothing was changed.`, { reason: outcome.kind });
      case "workspace-taken":
        return refused(`${outcome.workspace.workspace} belongs to another organisation. Nothing was changed.`, { reason: outcome.kind });
    }
  },
};
