/**
 * Organisations and their people, in the HR system and in chat. An organisation is one customer and the shard key: it stands first in every key and in every `where`.
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
  text,
  timestamp,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";

export const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
export const id = () => bigint("id", { mode: "number" }).generatedAlwaysAsIdentity();
export const ref = (name: string) => bigint(name, { mode: "number" });
export const organisation = () =>
  ref("organisation_id")
    .notNull()
    .references(() => organisations.id, { onDelete: "cascade" });

export const organisations = pgTable("organisations", {
  id: id().primaryKey(),
  name: text("name").notNull().unique(),
  language: text("language").notNull().default("en"),
  timeZone: text("time_zone").notNull().default("Europe/Stockholm"),
  lastSendNumber: integer("last_bulk_number").notNull().default(0),
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
  index("companies_folded").on(t.organisationId, sql`folded(${t.name})`),
]);

export const departments = pgTable("departments", part(), (t) => [
  primaryKey({ columns: [t.organisationId, t.id] }),
  uniqueIndex("departments_name").on(t.organisationId, sql`lower(${t.name})`),
  index("departments_folded").on(t.organisationId, sql`folded(${t.name})`),
]);

export const offices = pgTable("offices", part(), (t) => [
  primaryKey({ columns: [t.organisationId, t.id] }),
  uniqueIndex("offices_name").on(t.organisationId, sql`lower(${t.name})`),
  index("offices_folded").on(t.organisationId, sql`folded(${t.name})`),
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
    /** The name as it is compared: domain/fold. */
    nameFolded: text("name_folded").generatedAlwaysAs(sql`folded(name)`),
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
    index("users_name").on(t.organisationId, t.nameFolded),
    index("users_user_id_folded").on(t.organisationId, sql`folded(${t.userId})`),
    index("users_alias_folded")
      .on(t.organisationId, sql`folded(${t.aliasUserId})`)
      .where(sql`${t.aliasUserId} is not null`),
    index("users_signature_folded")
      .on(t.organisationId, sql`folded(${t.signature})`)
      .where(sql`${t.signature} is not null`),
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

export const userKey = (t: { organisationId: typeof users.organisationId; userId: typeof users.id }) =>
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
