/** Sends and what is said about them: proofs, bulk sends, deliveries, reminders, buttons, posts, the audit trail. */
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { at, id, ref, organisation, userKey, principals } from "./people.ts";

/**
 * Of a table without foreign keys: its rows come by the hundred thousand, selected from the very users and bulk sends they point to, which
 * stay. Checking each of them again would cost a third of a bulk send, and lock every user of it.
 */
const unchecked = () => ref("organisation_id").notNull();

/** One outstanding proof. The token is never stored: it is rebuilt from these columns and the link key. */
export const challenges = pgTable(
  "challenges",
  {
    organisationId: unchecked(),
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
    primaryKey({ columns: [t.organisationId, t.userId, t.id] }),
    check("challenges_purpose", sql`${t.purpose} in ('verify', 'reset')`),
  ],
);

/** Many deliveries started at once, shown as `B-<number>`. Its recipients are frozen at preview. */
export const sends = pgTable(
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
    organisationId: unchecked(),
    sendId: ref("bulk_send_id").notNull(),
    userId: ref("user_id").notNull(),
    addressVersion: integer("address_version").notNull(),
    skipReason: text("skip_reason"),
  },
  (t) => [primaryKey({ columns: [t.organisationId, t.sendId, t.userId] })],
);

/**
 * One mail to one user. Open while `settled_at` is null: `queued`, `sending`, `deferred`, and `unknown` before its one more try. The body is not stored; text, address and link are
 * rebuilt from this row, the user and the challenge.
 */
export const deliveries = pgTable(
  "deliveries",
  {
    organisationId: unchecked(),
    id: id(),
    userId: ref("user_id").notNull(),
    purpose: text("purpose").notNull().default("verify"),
    sendId: ref("bulk_send_id"),
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
    /** When a worker may take this row, once nobody holds it. */
    dueAt: at("due_at").notNull().defaultNow(),
    /** While `sending`: how long it is held. In no index, like all that a claim changes, so that a claim is written in place. */
    leasedUntil: at("leased_until"),
    fence: integer("fence").notNull().default(0),
    /** An earlier try may have reached the user: its worker was lost, or the server never answered. */
    again: boolean("again").notNull().default(false),
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
      .where(sql`${t.settledAt} is null and ${t.sendId} is null`),
    index("deliveries_due_bulk")
      .on(t.organisationId, t.sendId, t.dueAt, t.id)
      .where(sql`${t.settledAt} is null and ${t.sendId} is not null`),
    index("deliveries_bulk")
      .on(t.organisationId, t.sendId)
      .where(sql`${t.sendId} is not null`),
    index("deliveries_user").on(t.organisationId, t.userId, t.createdAt),
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
  (t) => [primaryKey({ columns: [t.organisationId, t.name, t.createdBy] })],
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
    sendId: ref("bulk_send_id"),
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
    sendId: ref("bulk_send_id"),
    detail: jsonb("detail"),
  },
  (t) => [primaryKey({ columns: [t.organisationId, t.id] }), index("audit_events_user").on(t.organisationId, t.userId, t.happenedAt)],
);
