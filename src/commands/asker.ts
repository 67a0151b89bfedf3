/** Who speaks, as a platform's `inbound` read it from a verified request. */
import type { Role, Scope } from "../domain/permission.ts";
import type { Language } from "../domain/user.ts";
import type { Form } from "./form.ts";
import type { ReadyReply } from "./reply.ts";

export type Platform = "slack" | "teams";

/** What people write before a verb. */
export const SPOKEN_PREFIX: Record<Platform, string> = { slack: "/verify ", teams: "verify " };

/** Never an e-mail address: platform, workspace (Slack team or Teams tenant), person (Slack user id or Entra object id). */
export type PrincipalKey = { platform: Platform; workspace: string; person: string };

/** `stranger` covers guests, bots, deleted people, foreign workspaces: all are refused alike. */
export type Standing = "member" | "stranger";

export type Asker = {
  principal: PrincipalKey;
  standing: Standing;
  /** `private`: only the asker sees the answer (1:1 chat, ephemeral). `shared`: others may read it. */
  place: "private" | "shared";
  /** The client's language tag, used until the person has chosen one or is linked. */
  locale: string | undefined;
  /** What a later private message needs: a Slack channel id or a Teams conversation reference. Stored with the principal. */
  conversation: unknown;
};

/** A principal resolved: what they may do and on whom. Read anew for every call. */
export type Actor = {
  organisationId: number;
  organisationName: string;
  timeZone: string;
  /** The owner's switch: no mail of the organisation leaves. */
  mailStopped: boolean;
  principalId: number;
  principal: PrincipalKey;
  /** The linked user; null for an owner by configuration and for people not linked yet. */
  user: { id: number; name: string } | null;
  roles: Role[];
  scope: Scope;
  language: Language;
};

/** `replace`: the reply takes the place of the message whose button was pressed. */
export type Answer =
  | { kind: "reply"; reply: ReadyReply; replace: boolean }
  | { kind: "form"; form: Form }
  /** The form again, with errors at its fields and what was typed kept. */
  | { kind: "form-again"; form: Form };
