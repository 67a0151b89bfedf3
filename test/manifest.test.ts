import type { AppsManifestValidateArguments } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { VERBS } from "../src/commands/catalog.ts";
import { COMMAND } from "../src/slack/inbound.ts";
import slack from "../manifest/slack.json" with { type: "json" };

type Manifest = AppsManifestValidateArguments["manifest"];
type Event = NonNullable<NonNullable<NonNullable<Manifest["settings"]>["event_subscriptions"]>["bot_events"]>[number];
type Scope = NonNullable<NonNullable<NonNullable<Manifest["oauth_config"]>["scopes"]>["bot"]>[number];

const SCOPES: Scope[] = ["commands", "chat:write", "im:history", "users:read", "users:read.email", "files:read", "files:write"];
const EVENTS: Event[] = ["app_home_opened", "app_uninstalled", "message.im", "tokens_revoked"];

describe("manifest/slack.json", () => {
  const { oauth_config, settings, features } = slack;
  /** JSON gives plain strings where Slack's type lists the words; the words are compared below. */
  const typed = {
    ...slack,
    oauth_config: { ...oauth_config, scopes: { bot: SCOPES } },
    settings: { ...settings, event_subscriptions: { ...settings.event_subscriptions, bot_events: EVENTS } },
  } satisfies Manifest;

  it("The manifest asks for the scopes and events the app uses, and no more", () => {
    expect(oauth_config.scopes.bot).toEqual(typed.oauth_config.scopes.bot);
    expect(settings.event_subscriptions.bot_events).toEqual(typed.settings.event_subscriptions.bot_events);
  });

  it("The manifest has one command, whose hint names only what can be typed", () => {
    const [command, ...others] = features.slash_commands;
    expect(others).toEqual([]);
    expect(command?.command).toBe(COMMAND);
    expect(command?.should_escape).toBe(true);
    const hinted = command?.usage_hint.split(" | ").map((part) => part.split(" ")[0] ?? "") ?? [];
    expect(hinted[0]).toBe("help");
    expect(VERBS).toEqual(expect.arrayContaining(hinted));
  });

  it("The manifest sends everything to one address, without token rotation", () => {
    const urls = [
      settings.event_subscriptions.request_url,
      settings.interactivity.request_url,
      settings.interactivity.message_menu_options_url,
      ...features.slash_commands.map(({ url }) => url),
    ];
    expect(new Set(urls)).toEqual(new Set(["https://verify.example.com/slack/events"]));
    expect(settings.token_rotation_enabled).toBe(false);
  });

  it("The manifest keeps to the lengths Slack shows", () => {
    expect(slack.display_information.name.length).toBeLessThanOrEqual(35);
    expect(slack.display_information.description.length).toBeLessThanOrEqual(140);
    expect(slack.display_information.long_description.length).toBeGreaterThanOrEqual(175);
    expect(slack.display_information.long_description.length).toBeLessThanOrEqual(4000);
    expect(features.bot_user.display_name.length).toBeLessThanOrEqual(80);
  });
});
