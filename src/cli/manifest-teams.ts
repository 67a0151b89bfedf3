/** `npm run manifest:teams`: the package that an admin of a tenant uploads, with this bot's app id and address filled in. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { processEnvironment, readConfig } from "../config.ts";

const EX_CONFIG = 78;
const FOLDER = join(import.meta.dirname, "../../manifest/teams");
const NO_APP_ID = "00000000-0000-0000-0000-000000000000";
const NO_ADDRESS = "https://verify.example.com";
/** A fixed date, so that the same files always make the same package. */
const MADE_AT = new Date(2020, 0, 1);

const read = readConfig(processEnvironment(), "cli");
const { teams, publicUrl } = read.ok ? read.config : { teams: undefined, publicUrl: undefined };
const problems = [
  ...(read.ok ? [] : read.problems),
  ...(read.ok && !teams ? ["MICROSOFT_APP_ID and MICROSOFT_APP_PASSWORD are missing: the package names the bot"] : []),
  ...(read.ok && !publicUrl?.startsWith("https://")
    ? ["PUBLIC_URL is missing or does not start with https://: the package names its host"]
    : []),
];
if (!teams || !publicUrl || problems.length > 0) {
  process.stderr.write(`No package was made:\n${problems.map((problem) => `  - ${problem}\n`).join("")}`);
  process.exit(EX_CONFIG);
}

const filled = (text: string) =>
  text.replaceAll(NO_APP_ID, teams.appId).replaceAll(NO_ADDRESS, publicUrl).replaceAll(new URL(NO_ADDRESS).host, new URL(publicUrl).host);
const files = readdirSync(FOLDER).map((name): [string, Uint8Array] => {
  const bytes = readFileSync(join(FOLDER, name));
  return [name, name.endsWith(".json") ? Buffer.from(filled(bytes.toString())) : bytes];
});
mkdirSync("dist", { recursive: true });
writeFileSync("dist/verify-teams.zip", zipSync(Object.fromEntries(files), { mtime: MADE_AT }));
process.stdout.write("dist/verify-teams.zip is made. Upload it in the Teams admin center, under Manage apps.\n");
