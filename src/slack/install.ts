/** `/slack/install` and `/slack/oauth_redirect`: one app in many workspaces, each belonging to an organisation that was made for it before. */
import type { ServerResponse } from "node:http";
import { createHmac } from "node:crypto";
import { ExpressReceiver, type Installation, type Logger } from "@slack/bolt";
import { Router } from "express";
import { installWorkspace } from "../commands/receive.ts";
import type { Deps } from "../deps.ts";
import manifest from "../../manifest/slack.json" with { type: "json" };

export type OAuthSettings = {
  clientId: string;
  clientSecret: string;
  clientOptions: { slackApiUrl?: string; retryConfig: { retries: number }; timeout: number };
};

const REDIRECT_PATH = "/slack/oauth_redirect";

/** Bolt's receiver with no endpoint for requests: only its install pages. */
export function installPages(deps: Deps, settings: OAuthSettings, logger: Logger): Router {
  const { clientId, clientSecret, clientOptions } = settings;
  const receiver = new ExpressReceiver({
    router: Router(),
    endpoints: {},
    signingSecret: createHmac("sha256", deps.keys.session).update("slack: no requests are taken here").digest("hex"),
    logger,
    clientId,
    clientSecret,
    stateSecret: createHmac("sha256", deps.keys.session).update("slack install state").digest("base64url"),
    scopes: manifest.oauth_config.scopes.bot,
    redirectUri: `${deps.publicUrl}${REDIRECT_PATH}`,
    installerOptions: {
      redirectUriPath: REDIRECT_PATH,
      directInstall: true,
      clientOptions,
      callbackOptions: {
        async afterInstallation(installation, _options, _request, response) {
          await keep(deps, installation, response);
          return false;
        },
        failure(error, _options, _request, response) {
          deps.log.warn({ why: error.code }, "a Slack install did not finish");
          page(response, 400, "Slack did not finish the installation. Please start again at /slack/install.");
        },
      },
    },
  });
  return receiver.router as Router;
}

async function keep(deps: Deps, { team, enterprise, isEnterpriseInstall, bot }: Installation, response: ServerResponse): Promise<void> {
  const workspace = isEnterpriseInstall ? enterprise?.id : team?.id;
  if (!workspace || !bot) return page(response, 400, "Slack gave no bot token. Please start again at /slack/install.");
  if (await installWorkspace(deps, "slack", workspace, bot.token, bot.userId)) {
    deps.log.info({ workspace }, "installed in a Slack workspace");
    return page(response, 200, "Installed. In Slack, type /verify help.");
  }
  deps.log.warn({ workspace }, "an install from a workspace of no organisation was refused");
  page(
    response,
    403,
    `The workspace ${workspace} belongs to no organisation here yet. Whoever runs this service adds it with: organisation create <name> --slack-team ${workspace}`,
  );
}

function page(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}
