/**
 * Every table of the product. An organisation is one customer and the shard key: it stands first in every key and in every `where`.
 * Instants are `timestamptz` and end in `_at`; days end in `_on`; states are text with a check. A user's connection is derived, never stored.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const id = () => bigint("id", { mode: "number" }).generatedAlwaysAsIdentity();
const ref = (name: string) => bigint(name, { mode: "number" });
const organisation = () =>
  ref("organisation_id")
    .notNull()
    .references(() => organisations.id, { onDelete: "cascade" });

export const organisations = pgTable("organisations", {
  id: id().primaryKey(),
  name: text("name").notNull().unique(),
  language: text("language").notNull().default("en"),
  timeZone: text("time_zone").notNull().default("Europe/Stockholm"),
  lastBulkNumber: integer("last_bulk_number").notNull().default(0),
  lastReminderNumber: integer("last_reminder_number").notNull().default(0),
  /** A bulk send to more than so many users needs another admin's approval. */
  approvalOver: integer("approval_over").notNull().default(200),
  /** Set while the owner's switch "no mail leaves" is on. */
  mailStoppedAt: at("mail_stopped_at"),
  mailStoppedBy: ref("mail_stopped_by"),
  /** Days after a user's last day on which the connection goes. */
  leaverDays: integer("leaver_days").notNull().default(5),
  /** Reminders leave between these times of day in the organisation's time zone, as `HH:MM`. */
  remindFrom: text("remind_from").notNull().default("08:00"),
  remindUntil: text("remind_until").notNull().default("18:00"),
  createdAt: at("created_at").notNull().defaultNow(),
});

/** A Slack workspace (team id, or enterprise id for an org-wide install) or a Teams tenant, and the organisation it speaks for. */
export const workspaces = pgTable(
  "workspaces",
  {
    organisationId: organisation(),
    platform: text("platform").notNull(),
    workspace: text("workspace").notNull(),
    /** The sealed bot token of an OAuth install (AES-256-GCM); null where the token comes from the configuration. */
    sealedToken: text("sealed_token"),
    botUserId: text("bot_user_id"),
    removedAt: at("removed_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.platform, t.workspace] }), check("workspaces_platform", sql`${t.platform} in ('slack', 'teams')`)],
);

const part = () => ({
  organisationId: organisation(),
  id: id(),
  name: text("name").notNull(),
});

export const companies = pgTable("companies", part(), (t) => [
  primaryKey({ columns: [t.organisationId, t.id] }),
  uniqueIndex("companies_name").on(t.organisationId, sql`lower(${t.name})`),
]);

export const departments = pgTable("departments", part(), (t) => [
  primaryKey({ columns: [t.organisationId, t.id] }),
  uniqueIndex("departments_name").on(t.organisationId, sql`lower(${t.name})`),
]);

export const offices = pgTable("offices", part(), (t) => [
  primaryKey({ columns: [t.organisationId, t.id] }),
  uniqueIndex("offices_name").on(t.organisationId, sql`lower(${t.name})`),
]);

/** One row of the Users view: an employee's login account. */
export const users = pgTable(
  "users",
  {
    organisationId: organisation(),
    id: id(),
    userId: text("user_id").notNull(),
    aliasUserId: text("alias_user_id"),
    signature: text("signature"),
    name: text("name").notNull(),
    companyId: ref("company_id"),
    departmentId: ref("department_id"),
    officeId: ref("office_id"),
    cardTagId: text("card_tag_id"),
    externalReference: text("external_reference"),
    /** The HR e-mail. Never mailed, never a login. */
    email: text("email"),
    /** *Email Visma Connect*: the address the user logs in with, as it was entered. */
    loginAddress: text("login_address"),
    /** The compare key of the login address: ASCII-lower(local) + "@" + ASCII domain. */
    loginAddressKey: text("login_address_key"),
    addressVersion: integer("address_version").notNull().default(1),
    /** When this login address was entered: `pending>7d` counts from here. Set with every change of the address. */
    addressSetAt: at("address_set_at").notNull().defaultNow(),
    verifiedAt: at("verified_at"),
    activated: boolean("activated").notNull().default(true),
    lastDayOn: date("last_day_on", { mode: "string" }),
    language: text("language"),
    suppressedAt: at("suppressed_at"),
    suppressedReason: text("suppressed_reason"),
    /** When the mail server last took a verification mail for this user, or may have: the cooldown counts from here. */
    lastVerificationAt: at("last_verification_at"),
    leaverSince: at("leaver_since"),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.id] }),
    unique("users_user_id").on(t.organisationId, t.userId),
    uniqueIndex("users_login_address")
      .on(t.organisationId, t.loginAddressKey)
      .where(sql`${t.loginAddressKey} is not null`),
    index("users_name").on(t.organisationId, sql`lower(${t.name})`),
    index("users_email").on(t.organisationId, sql`lower(${t.email})`),
    index("users_parts").on(t.organisationId, t.departmentId, t.companyId, t.id),
    index("users_pending")
      .on(t.organisationId, t.departmentId, t.companyId, t.id)
      .where(sql`${t.loginAddress} is not null and ${t.verifiedAt} is null`),
    foreignKey({ columns: [t.organisationId, t.companyId], foreignColumns: [companies.organisationId, companies.id] }),
    foreignKey({ columns: [t.organisationId, t.departmentId], foreignColumns: [departments.organisationId, departments.id] }),
    foreignKey({ columns: [t.organisationId, t.officeId], foreignColumns: [offices.organisationId, offices.id] }),
    check("users_address_whole", sql`(${t.loginAddress} is null) = (${t.loginAddressKey} is null)`),
    check("users_verified_has_address", sql`${t.verifiedAt} is null or ${t.loginAddress} is not null`),
  ],
);

const userKey = (t: { organisationId: typeof users.organisationId; userId: typeof users.id }) =>
  foreignKey({ columns: [t.organisationId, t.userId], foreignColumns: [users.organisationId, users.id] }).onDelete("cascade");

/** The roles of a user. `owner`, `admin` and `auditor` carry rights here; any other is a word of the HR system's that filters may name. */
export const roleGrants = pgTable(
  "role_grants",
  { organisationId: organisation(), userId: ref("user_id").notNull(), role: text("role").notNull() },
  (t) => [primaryKey({ columns: [t.organisationId, t.userId, t.role] }), userKey(t as never)],
);

/** *Authorised to*: the companies a user may act on. An admin's scope. */
export const authorisations = pgTable(
  "authorisations",
  { organisationId: organisation(), userId: ref("user_id").notNull(), companyId: ref("company_id").notNull() },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.userId, t.companyId] }),
    userKey(t as never),
    foreignKey({ columns: [t.organisationId, t.companyId], foreignColumns: [companies.organisationId, companies.id] }).onDelete("cascade"),
  ],
);

/** Who speaks in chat: platform, workspace or tenant, person. Linked to a user by sign-in, code or command line, never by a profile e-mail. */
export const principals = pgTable(
  "principals",
  {
    organisationId: organisation(),
    id: id(),
    platform: text("platform").notNull(),
    workspace: text("workspace").notNull(),
    person: text("person").notNull(),
    userId: ref("user_id"),
    linkedAt: at("linked_at"),
    /** Named in OWNER_PRINCIPALS at the last start. */
    configuredOwner: boolean("configured_owner").notNull().default(false),
    language: text("language"),
    /** Where a private message reaches this person: a Slack channel id or a Teams conversation reference. */
    privateConversation: jsonb("private_conversation"),
    seenAt: at("seen_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.id] }),
    unique("principals_key").on(t.organisationId, t.platform, t.workspace, t.person),
    userKey(t as never),
  ],
);

/** One outstanding proof. The token is never stored: it is rebuilt from these columns and the link key. */
export const challenges = pgTable(
  "challenges",
  {
    organisationId: organisation(),
    id: id().unique("challenges_id"),
    userId: ref("user_id").notNull(),
    purpose: text("purpose").notNull(),
    addressVersion: integer("address_version").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
    supersededAt: at("superseded_at"),
    codeExpiresAt: at("code_expires_at"),
    codeTries: smallint("code_tries").notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.id] }),
    index("challenges_user").on(t.organisationId, t.userId, t.purpose),
    userKey(t as never),
    check("challenges_purpose", sql`${t.purpose} in ('verify', 'reset')`),
  ],
);

/** Many deliveries started at once, shown as `B-<number>`. Its recipients are frozen at preview. */
export const bulkSends = pgTable(
  "bulk_sends",
  {
    organisationId: organisation(),
    id: id(),
    number: integer("number").notNull(),
    state: text("state").notNull().default("previewed"),
    /** The parsed selection (domain/filter). */
    selection: jsonb("selection").notNull(),
    forced: boolean("forced").notNull().default(false),
    reason: text("reason"),
    /** The mail's language where the admin set one; else each recipient's own. */
    language: text("language"),
    createdBy: ref("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    /** When a preview, or the wait for an approval, is over. */
    lapsesAt: at("lapses_at").notNull(),
    /** The admin who confirmed it, and the other one who approved it where it is large. */
    confirmedBy: ref("confirmed_by"),
    approvedBy: ref("approved_by"),
    /** When a confirmed send is to start; null for at once. */
    scheduledAt: at("scheduled_at"),
    reminderId: ref("reminder_id"),
    startedBy: ref("started_by"),
    startedAt: at("started_at"),
    endedAt: at("ended_at"),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.id] }),
    unique("bulk_sends_number").on(t.organisationId, t.number),
    index("bulk_sends_live")
      .on(t.state)
      .where(sql`${t.state} in ('awaiting-approval', 'scheduled', 'running', 'paused')`),
    foreignKey({ columns: [t.organisationId, t.createdBy], foreignColumns: [principals.organisationId, principals.id] }),
    check(
      "bulk_sends_state",
      sql`${t.state} in ('previewed', 'awaiting-approval', 'rejected', 'lapsed', 'scheduled', 'running', 'paused', 'completed', 'cancelled')`,
    ),
  ],
);

/** The frozen audience: one row per matched user, with the reason where no mail will go. */
export const recipients = pgTable(
  "recipients",
  {
    organisationId: organisation(),
    bulkSendId: ref("bulk_send_id").notNull(),
    userId: ref("user_id").notNull(),
    addressVersion: integer("address_version").notNull(),
    skipReason: text("skip_reason"),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.bulkSendId, t.userId] }),
    foreignKey({ columns: [t.organisationId, t.bulkSendId], foreignColumns: [bulkSends.organisationId, bulkSends.id] }).onDelete("cascade"),
  ],
);

/**
 * One mail to one user. Open while `settled_at` is null: `queued`, `sending`, `deferred`, and `unknown` before its one more try. The body is not stored; text, address and link are
 * rebuilt from this row, the user and the challenge.
 */
export const deliveries = pgTable(
  "deliveries",
  {
    organisationId: organisation(),
    id: id(),
    userId: ref("user_id").notNull(),
    purpose: text("purpose").notNull().default("verify"),
    bulkSendId: ref("bulk_send_id"),
    /** The principal who asked; null when a page or a schedule did. Rights are read again at claim. */
    requestedBy: ref("requested_by"),
    /** Which cooldown holds for it (domain/eligibility). */
    sending: text("sending").notNull(),
    state: text("state").notNull().default("queued"),
    skipReason: text("skip_reason"),
    /** Where a notice goes that is not for the current login address: the former one after a change. Blanked when settled. */
    address: text("address"),
    /** The user's address version when this was queued: mail never goes to a later address than the one that was meant. */
    addressVersion: integer("address_version").notNull(),
    forced: boolean("forced").notNull().default(false),
    language: text("language"),
    challengeId: ref("challenge_id"),
    attempts: smallint("attempts").notNull().default(0),
    /** When a worker may next take this row: the next attempt, or the end of the lease while `sending`. */
    dueAt: at("due_at").notNull().defaultNow(),
    fence: integer("fence").notNull().default(0),
    /** The mail server's last answer, without addresses. */
    serverAnswer: text("server_answer"),
    createdAt: at("created_at").notNull().defaultNow(),
    settledAt: at("settled_at"),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.id] }),
    uniqueIndex("deliveries_open")
      .on(t.organisationId, t.userId, t.purpose)
      .where(sql`${t.settledAt} is null`),
    index("deliveries_due_single")
      .on(t.dueAt, t.id)
      .where(sql`${t.settledAt} is null and ${t.bulkSendId} is null`),
    index("deliveries_due_bulk")
      .on(t.organisationId, t.bulkSendId, t.dueAt, t.id)
      .where(sql`${t.settledAt} is null and ${t.bulkSendId} is not null`),
    index("deliveries_bulk")
      .on(t.organisationId, t.bulkSendId, t.state)
      .where(sql`${t.bulkSendId} is not null`),
    index("deliveries_user").on(t.organisationId, t.userId, t.createdAt),
    userKey(t as never),
    check("deliveries_sending", sql`${t.sending} in ('bulk', 'single', 'self')`),
    check("deliveries_purpose", sql`${t.purpose} in ('verify', 'reset', 'address-changed')`),
    check(
      "deliveries_state",
      sql`${t.state} in ('queued', 'sending', 'deferred', 'accepted', 'failed', 'unknown', 'bounced', 'skipped', 'cancelled')`,
    ),
  ],
);

/** The mail relay as all workers see it: paused for a while (421, 452, 454) or stopped until it takes us again (AUTH, sender refused). */
export const relays = pgTable("relays", {
  name: text("name").primaryKey(),
  pausedUntil: at("paused_until"),
  pauseMs: integer("pause_ms").notNull().default(0),
  stoppedAt: at("stopped_at"),
  serverAnswer: text("server_answer"),
  toldAt: at("told_at"),
  /** The rate limit shared by all workers: the moment up to which sending slots are taken. */
  slotsTakenUntil: at("slots_taken_until"),
});

/** Worker processes that are alive, so that they can share the relay's connections. */
export const workers = pgTable("workers", {
  id: text("id").primaryKey(),
  relay: text("relay").notNull(),
  seenAt: at("seen_at").notNull().defaultNow(),
});

/** A selection under a name, for `saved:name`. */
export const savedSelections = pgTable(
  "saved_selections",
  {
    organisationId: organisation(),
    name: text("name").notNull(),
    selection: jsonb("selection").notNull(),
    createdBy: ref("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.organisationId, t.name] })],
);

/** Mail again after N days, every M, at most K times, shown as `R-<number>`. Each run is a bulk send of its own. */
export const reminders = pgTable(
  "reminders",
  {
    organisationId: organisation(),
    id: id(),
    number: integer("number").notNull(),
    selection: jsonb("selection").notNull(),
    afterDays: integer("after_days").notNull(),
    everyDays: integer("every_days").notNull(),
    mostMails: integer("most_mails").notNull(),
    createdBy: ref("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    lastRunAt: at("last_run_at"),
    stoppedAt: at("stopped_at"),
    stoppedBy: ref("stopped_by"),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.id] }),
    unique("reminders_number").on(t.organisationId, t.number),
    index("reminders_live")
      .on(t.lastRunAt)
      .where(sql`${t.stoppedAt} is null`),
    foreignKey({ columns: [t.organisationId, t.createdBy], foreignColumns: [principals.organisationId, principals.id] }),
  ],
);

/** How many reminder mails a user's address had whose deliveries are no longer kept. */
export const reminded = pgTable(
  "reminded",
  {
    organisationId: organisation(),
    userId: ref("user_id").notNull(),
    addressVersion: integer("address_version").notNull(),
    mails: integer("mails").notNull(),
  },
  (t) => [primaryKey({ columns: [t.organisationId, t.userId, t.addressVersion] }), userKey(t as never)],
);

/** The state behind a button or a form: the call it makes, for the one principal it was shown to. */
export const actions = pgTable(
  "actions",
  {
    organisationId: organisation(),
    id: text("id").notNull().unique("actions_id"),
    principalId: ref("principal_id").notNull(),
    call: jsonb("call").notNull(),
    /** Set where one press is all there is: the first press sets `pressed_at`, later ones are told so. */
    once: boolean("once").notNull().default(false),
    pressedAt: at("pressed_at"),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.id] }),
    foreignKey({ columns: [t.organisationId, t.principalId], foreignColumns: [principals.organisationId, principals.id] }).onDelete(
      "cascade",
    ),
  ],
);

/** What is still to be said in chat: progress of a bulk send (one message, edited in place), the end of a single mail, and replies that could not be posted at once. */
export const posts = pgTable(
  "posts",
  {
    organisationId: organisation(),
    id: id(),
    principalId: ref("principal_id").notNull(),
    /** Progress of this bulk send, rendered from its rows. */
    bulkSendId: ref("bulk_send_id"),
    /** How this single mail ended, when it had not when the asker was answered. */
    deliveryId: ref("delivery_id"),
    /** A finished reply that could not be posted at once. */
    reply: jsonb("reply"),
    /** The platform's reference of the posted message, once there is one. */
    message: jsonb("message"),
    said: text("said"),
    attempts: smallint("attempts").notNull().default(0),
    nextAttemptAt: at("next_attempt_at").notNull().defaultNow(),
    doneAt: at("done_at"),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.id] }),
    index("posts_open")
      .on(t.nextAttemptAt)
      .where(sql`${t.doneAt} is null`),
    foreignKey({ columns: [t.organisationId, t.principalId], foreignColumns: [principals.organisationId, principals.id] }).onDelete(
      "cascade",
    ),
  ],
);

/** Every event, trigger and activity id, taken once and kept for 7 days. */
export const inboundIds = pgTable(
  "inbound_ids",
  {
    platform: text("platform").notNull(),
    workspace: text("workspace").notNull(),
    inboundId: text("inbound_id").notNull(),
    receivedAt: at("received_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.platform, t.workspace, t.inboundId] }), index("inbound_ids_age").on(t.receivedAt)],
);

/** Who did what, when, to whom: ids only, never names or addresses. */
export const auditEvents = pgTable(
  "audit_events",
  {
    organisationId: organisation(),
    id: id(),
    happenedAt: at("happened_at").notNull().defaultNow(),
    principalId: ref("principal_id"),
    action: text("action").notNull(),
    userId: ref("user_id"),
    bulkSendId: ref("bulk_send_id"),
    detail: jsonb("detail"),
  },
  (t) => [primaryKey({ columns: [t.organisationId, t.id] }), index("audit_events_user").on(t.organisationId, t.userId, t.happenedAt)],
);
