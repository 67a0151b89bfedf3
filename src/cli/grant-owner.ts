import { grantOwner, GrantOwnerInput } from "../commands/organisation/grant-owner.ts";
import { needOption, read, refused, type Command } from "./command.ts";

export const grantOwnerCommand: Command = {
  name: "grant-owner",
  usage: "grant-owner <principal> --user <User-ID> --organisation <name>",
  summary: "ties slack:T123/U456 or teams:<tenant>/<object id> to a user and makes them an owner",
  words: 1,
  options: { user: { type: "string" }, organisation: { type: "string" } },
  async run(given, reach) {
    const userId = needOption(given, "user");
    const input = read(GrantOwnerInput, { organisation: needOption(given, "organisation"), principal: given.words[0], userId });
    const outcome = await grantOwner({ db: (await reach.open()).db }, input);
    const { organisation, principal } = input;
    const no = (line: string) => refused(`${line} Nothing was changed.`, { reason: outcome.kind });
    switch (outcome.kind) {
      case "granted":
        return {
          ok: true,
          lines: [
            `${principal.person} is now linked to User-ID ${userId}, ${outcome.fresh ? "an owner" : "an owner already"} of ${organisation}.`,
          ],
          json: { organisation, userId, principal, fresh: outcome.fresh },
        };
      case "unknown-organisation":
        return no(`There is no organisation called ${organisation}.`);
      case "foreign-workspace":
        return no(
          `${principal.workspace} is not connected to ${organisation}. First: organisation create "${organisation}" ${
            principal.platform === "slack" ? "--slack-team" : "--teams-tenant"
          } ${principal.workspace}.`,
        );
      case "unknown-user":
        return no(`${organisation} has no user with the User-ID ${userId}. First: roster load.`);
      case "inactive-user":
        return no(`User-ID ${userId} is not active.`);
    }
  },
};
