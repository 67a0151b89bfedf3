import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv-draft-04";
import { unzipSync } from "fflate";
import { describe, expect, it, onTestFinished } from "vitest";
import { CATALOG, VERBS } from "../../src/commands/catalog.ts";
import { LANGUAGES } from "../../src/domain/user.ts";
import { EXTENSION_COMMANDS } from "../../src/teams/inbound.ts";
import manifest from "../../manifest/teams/manifest.json" with { type: "json" };

const FOLDER = join(import.meta.dirname, "../../manifest/teams");
const SCRIPT = join(import.meta.dirname, "../../src/cli/manifest-teams.ts");
const require = createRequire(import.meta.url);
const schemaOf = (name: string): object =>
  require(join(require.resolve("@microsoft/app-manifest/package.json"), `../build/json-schemas/teams/v1.30/${name}.schema.json`)) as object;
const readJson = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Record<string, unknown>;

/** Width, height and colour type of a PNG, from its first chunk. */
function picture(name: string) {
  const bytes = readFileSync(join(FOLDER, name));
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), colourType: bytes[25] };
}

describe("manifest/teams", () => {
  const lists = manifest.bots[0]?.commandLists ?? [];

  it("is valid by the published schema, and so are its translations", () => {
    const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false, validateFormats: false });
    const whole = ajv.compile(schemaOf("MicrosoftTeams"));
    expect([whole(manifest), whole.errors]).toEqual([true, null]);
    const part = ajv.compile(schemaOf("MicrosoftTeams.Localization"));
    for (const { file } of manifest.localizationInfo.additionalLanguages)
      expect([file, part(readJson(file)), part.errors]).toEqual([file, true, null]);
  });

  it("speaks the product's five languages, each with every text", () => {
    const { defaultLanguageTag, additionalLanguages } = manifest.localizationInfo;
    expect([defaultLanguageTag, ...additionalLanguages.map(({ languageTag }) => languageTag)].toSorted()).toEqual(
      [...LANGUAGES].toSorted(),
    );
    const paths = lists.flatMap(({ commands }, list) =>
      commands.flatMap((_command, at) => ["title", "description"].map((text) => `bots[0].commandLists[${list}].commands[${at}].${text}`)),
    );
    for (const { file } of additionalLanguages) expect(Object.keys(readJson(file))).toEqual(expect.arrayContaining(paths));
  });

  it("lists only what can be typed, at most ten commands a list, the same in every language", () => {
    for (const [list, { commands }] of lists.entries()) {
      const titles = commands.map(({ title }) => title);
      expect(titles.length).toBeLessThanOrEqual(10);
      expect(titles[0]).toBe("help");
      expect(VERBS).toEqual(expect.arrayContaining(titles));
      for (const title of titles) expect(title.length).toBeLessThanOrEqual(32);
      for (const { file } of manifest.localizationInfo.additionalLanguages) {
        expect(titles.map((_title, at) => readJson(file)[`bots[0].commandLists[${list}].commands[${at}].title`])).toEqual(titles);
      }
    }
  });

  it("has a message extension for each form that one opens", () => {
    const [extension] = manifest.composeExtensions;
    expect(extension?.commands.map(({ id }) => id)).toEqual(EXTENSION_COMMANDS);
    for (const id of EXTENSION_COMMANDS) expect(CATALOG.find(({ verb }) => verb === id)?.form).toBeDefined();
  });

  it("comes with pictures of the sizes Teams asks for", () => {
    expect(picture("color.png")).toMatchObject({ width: 192, height: 192 });
    expect(picture("outline.png")).toEqual({ width: 32, height: 32, colourType: 6 });
  });
});

describe("npm run manifest:teams", () => {
  const env = {
    MICROSOFT_APP_ID: "12345678-1234-4234-8234-123456789012",
    MICROSOFT_APP_PASSWORD: "x",
    PUBLIC_URL: "https://bot.acme.example",
  };
  const emptyFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), "verify-manifest-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };

  it("makes the package to upload, with the app id and the address filled in", () => {
    const cwd = emptyFolder();
    execFileSync(process.execPath, [SCRIPT], { cwd, env });
    const files = unzipSync(readFileSync(join(cwd, "dist/verify-teams.zip")));
    expect(Object.keys(files).toSorted()).toEqual(readdirSync(FOLDER).toSorted());
    const text = Buffer.from(files["manifest.json"] ?? []).toString();
    expect(text).not.toMatch(/00000000-|verify\.example/);
    expect(JSON.parse(text)).toMatchObject({
      id: env.MICROSOFT_APP_ID,
      bots: [{ botId: env.MICROSOFT_APP_ID }],
      composeExtensions: [{ botId: env.MICROSOFT_APP_ID }],
      validDomains: ["bot.acme.example"],
    });
    expect(Buffer.from(files["color.png"] ?? [])).toEqual(readFileSync(join(FOLDER, "color.png")));
  });

  it("makes none without them, and names what is missing", () => {
    const ended = spawnSync(process.execPath, [SCRIPT], { cwd: emptyFolder(), env: {} });
    expect(ended.status).toBe(78);
    expect(ended.stderr.toString()).toMatch(/MICROSOFT_APP_ID[^]*PUBLIC_URL/);
  });
});
