CREATE TABLE "actions" (
	"organisation_id" bigint NOT NULL,
	"id" text NOT NULL,
	"principal_id" bigint NOT NULL,
	"call" jsonb NOT NULL,
	"once" boolean DEFAULT false NOT NULL,
	"pressed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "actions_organisation_id_id_pk" PRIMARY KEY("organisation_id","id"),
	CONSTRAINT "actions_id" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "audit_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"happened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"principal_id" bigint,
	"action" text NOT NULL,
	"user_id" bigint,
	"bulk_send_id" bigint,
	"detail" jsonb,
	CONSTRAINT "audit_events_organisation_id_id_pk" PRIMARY KEY("organisation_id","id")
);
--> statement-breakpoint
CREATE TABLE "authorisations" (
	"organisation_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"company_id" bigint NOT NULL,
	CONSTRAINT "authorisations_organisation_id_user_id_company_id_pk" PRIMARY KEY("organisation_id","user_id","company_id")
);
--> statement-breakpoint
CREATE TABLE "bulk_sends" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "bulk_sends_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"number" integer NOT NULL,
	"state" text DEFAULT 'previewed' NOT NULL,
	"selection" jsonb NOT NULL,
	"forced" boolean DEFAULT false NOT NULL,
	"reason" text,
	"language" text,
	"created_by" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lapses_at" timestamp with time zone NOT NULL,
	"confirmed_by" bigint,
	"approved_by" bigint,
	"scheduled_at" timestamp with time zone,
	"reminder_id" bigint,
	"started_by" bigint,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "bulk_sends_organisation_id_id_pk" PRIMARY KEY("organisation_id","id"),
	CONSTRAINT "bulk_sends_number" UNIQUE("organisation_id","number"),
	CONSTRAINT "bulk_sends_state" CHECK ("bulk_sends"."state" in ('previewed', 'awaiting-approval', 'rejected', 'lapsed', 'scheduled', 'running', 'paused', 'completed', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "challenges" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "challenges_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" bigint NOT NULL,
	"purpose" text NOT NULL,
	"address_version" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"superseded_at" timestamp with time zone,
	"code_expires_at" timestamp with time zone,
	"code_tries" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "challenges_organisation_id_id_pk" PRIMARY KEY("organisation_id","id"),
	CONSTRAINT "challenges_id" UNIQUE("id"),
	CONSTRAINT "challenges_purpose" CHECK ("challenges"."purpose" in ('verify', 'reset'))
);
--> statement-breakpoint
CREATE TABLE "companies" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "companies_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	CONSTRAINT "companies_organisation_id_id_pk" PRIMARY KEY("organisation_id","id")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" bigint NOT NULL,
	"purpose" text DEFAULT 'verify' NOT NULL,
	"bulk_send_id" bigint,
	"requested_by" bigint,
	"sending" text NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"skip_reason" text,
	"address" text,
	"address_version" integer NOT NULL,
	"forced" boolean DEFAULT false NOT NULL,
	"language" text,
	"challenge_id" bigint,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"fence" integer DEFAULT 0 NOT NULL,
	"server_answer" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "deliveries_organisation_id_id_pk" PRIMARY KEY("organisation_id","id"),
	CONSTRAINT "deliveries_sending" CHECK ("deliveries"."sending" in ('bulk', 'single', 'self')),
	CONSTRAINT "deliveries_purpose" CHECK ("deliveries"."purpose" in ('verify', 'reset', 'address-changed')),
	CONSTRAINT "deliveries_state" CHECK ("deliveries"."state" in ('queued', 'sending', 'deferred', 'accepted', 'failed', 'unknown', 'bounced', 'skipped', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "departments" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "departments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	CONSTRAINT "departments_organisation_id_id_pk" PRIMARY KEY("organisation_id","id")
);
--> statement-breakpoint
CREATE TABLE "inbound_ids" (
	"platform" text NOT NULL,
	"workspace" text NOT NULL,
	"inbound_id" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbound_ids_platform_workspace_inbound_id_pk" PRIMARY KEY("platform","workspace","inbound_id")
);
--> statement-breakpoint
CREATE TABLE "offices" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "offices_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	CONSTRAINT "offices_organisation_id_id_pk" PRIMARY KEY("organisation_id","id")
);
--> statement-breakpoint
CREATE TABLE "organisations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "organisations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"language" text DEFAULT 'en' NOT NULL,
	"time_zone" text DEFAULT 'Europe/Stockholm' NOT NULL,
	"last_bulk_number" integer DEFAULT 0 NOT NULL,
	"last_reminder_number" integer DEFAULT 0 NOT NULL,
	"approval_over" integer DEFAULT 200 NOT NULL,
	"mail_stopped_at" timestamp with time zone,
	"mail_stopped_by" bigint,
	"leaver_days" integer DEFAULT 5 NOT NULL,
	"remind_from" text DEFAULT '08:00' NOT NULL,
	"remind_until" text DEFAULT '18:00' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organisations_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "posts" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "posts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"principal_id" bigint NOT NULL,
	"bulk_send_id" bigint,
	"delivery_id" bigint,
	"reply" jsonb,
	"message" jsonb,
	"said" text,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "posts_organisation_id_id_pk" PRIMARY KEY("organisation_id","id")
);
--> statement-breakpoint
CREATE TABLE "principals" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "principals_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"platform" text NOT NULL,
	"workspace" text NOT NULL,
	"person" text NOT NULL,
	"user_id" bigint,
	"linked_at" timestamp with time zone,
	"configured_owner" boolean DEFAULT false NOT NULL,
	"language" text,
	"private_conversation" jsonb,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "principals_organisation_id_id_pk" PRIMARY KEY("organisation_id","id"),
	CONSTRAINT "principals_key" UNIQUE("organisation_id","platform","workspace","person")
);
--> statement-breakpoint
CREATE TABLE "recipients" (
	"organisation_id" bigint NOT NULL,
	"bulk_send_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"address_version" integer NOT NULL,
	"skip_reason" text,
	CONSTRAINT "recipients_organisation_id_bulk_send_id_user_id_pk" PRIMARY KEY("organisation_id","bulk_send_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "relays" (
	"name" text PRIMARY KEY NOT NULL,
	"paused_until" timestamp with time zone,
	"pause_ms" integer DEFAULT 0 NOT NULL,
	"stopped_at" timestamp with time zone,
	"server_answer" text,
	"told_at" timestamp with time zone,
	"slots_taken_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "reminded" (
	"organisation_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"address_version" integer NOT NULL,
	"mails" integer NOT NULL,
	CONSTRAINT "reminded_organisation_id_user_id_address_version_pk" PRIMARY KEY("organisation_id","user_id","address_version")
);
--> statement-breakpoint
CREATE TABLE "reminders" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "reminders_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"number" integer NOT NULL,
	"selection" jsonb NOT NULL,
	"after_days" integer NOT NULL,
	"every_days" integer NOT NULL,
	"most_mails" integer NOT NULL,
	"created_by" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_run_at" timestamp with time zone,
	"stopped_at" timestamp with time zone,
	"stopped_by" bigint,
	CONSTRAINT "reminders_organisation_id_id_pk" PRIMARY KEY("organisation_id","id"),
	CONSTRAINT "reminders_number" UNIQUE("organisation_id","number")
);
--> statement-breakpoint
CREATE TABLE "role_grants" (
	"organisation_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"role" text NOT NULL,
	CONSTRAINT "role_grants_organisation_id_user_id_role_pk" PRIMARY KEY("organisation_id","user_id","role")
);
--> statement-breakpoint
CREATE TABLE "saved_selections" (
	"organisation_id" bigint NOT NULL,
	"name" text NOT NULL,
	"selection" jsonb NOT NULL,
	"created_by" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "saved_selections_organisation_id_name_pk" PRIMARY KEY("organisation_id","name")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"organisation_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "users_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" text NOT NULL,
	"alias_user_id" text,
	"signature" text,
	"name" text NOT NULL,
	"company_id" bigint,
	"department_id" bigint,
	"office_id" bigint,
	"card_tag_id" text,
	"external_reference" text,
	"email" text,
	"login_address" text,
	"login_address_key" text,
	"address_version" integer DEFAULT 1 NOT NULL,
	"address_set_at" timestamp with time zone DEFAULT now() NOT NULL,
	"verified_at" timestamp with time zone,
	"activated" boolean DEFAULT true NOT NULL,
	"last_day_on" date,
	"language" text,
	"suppressed_at" timestamp with time zone,
	"suppressed_reason" text,
	"last_verification_at" timestamp with time zone,
	"leaver_since" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_organisation_id_id_pk" PRIMARY KEY("organisation_id","id"),
	CONSTRAINT "users_user_id" UNIQUE("organisation_id","user_id"),
	CONSTRAINT "users_address_whole" CHECK (("users"."login_address" is null) = ("users"."login_address_key" is null)),
	CONSTRAINT "users_verified_has_address" CHECK ("users"."verified_at" is null or "users"."login_address" is not null)
);
--> statement-breakpoint
CREATE TABLE "workers" (
	"id" text PRIMARY KEY NOT NULL,
	"relay" text NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"organisation_id" bigint NOT NULL,
	"platform" text NOT NULL,
	"workspace" text NOT NULL,
	"sealed_token" text,
	"bot_user_id" text,
	"removed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "workspaces_platform_workspace_pk" PRIMARY KEY("platform","workspace"),
	CONSTRAINT "workspaces_platform" CHECK ("workspaces"."platform" in ('slack', 'teams'))
);
--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_organisation_id_principal_id_principals_organisation_id_id_fk" FOREIGN KEY ("organisation_id","principal_id") REFERENCES "public"."principals"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "authorisations" ADD CONSTRAINT "authorisations_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "authorisations" ADD CONSTRAINT "authorisations_organisation_id_user_id_users_organisation_id_id_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."users"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "authorisations" ADD CONSTRAINT "authorisations_organisation_id_company_id_companies_organisation_id_id_fk" FOREIGN KEY ("organisation_id","company_id") REFERENCES "public"."companies"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_sends" ADD CONSTRAINT "bulk_sends_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_sends" ADD CONSTRAINT "bulk_sends_organisation_id_created_by_principals_organisation_id_id_fk" FOREIGN KEY ("organisation_id","created_by") REFERENCES "public"."principals"("organisation_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "challenges" ADD CONSTRAINT "challenges_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "challenges" ADD CONSTRAINT "challenges_organisation_id_user_id_users_organisation_id_id_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."users"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "companies" ADD CONSTRAINT "companies_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_organisation_id_user_id_users_organisation_id_id_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."users"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "departments" ADD CONSTRAINT "departments_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "offices" ADD CONSTRAINT "offices_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_organisation_id_principal_id_principals_organisation_id_id_fk" FOREIGN KEY ("organisation_id","principal_id") REFERENCES "public"."principals"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "principals" ADD CONSTRAINT "principals_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "principals" ADD CONSTRAINT "principals_organisation_id_user_id_users_organisation_id_id_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."users"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recipients" ADD CONSTRAINT "recipients_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recipients" ADD CONSTRAINT "recipients_organisation_id_bulk_send_id_bulk_sends_organisation_id_id_fk" FOREIGN KEY ("organisation_id","bulk_send_id") REFERENCES "public"."bulk_sends"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reminded" ADD CONSTRAINT "reminded_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reminded" ADD CONSTRAINT "reminded_organisation_id_user_id_users_organisation_id_id_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."users"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reminders" ADD CONSTRAINT "reminders_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reminders" ADD CONSTRAINT "reminders_organisation_id_created_by_principals_organisation_id_id_fk" FOREIGN KEY ("organisation_id","created_by") REFERENCES "public"."principals"("organisation_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_grants" ADD CONSTRAINT "role_grants_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_grants" ADD CONSTRAINT "role_grants_organisation_id_user_id_users_organisation_id_id_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."users"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saved_selections" ADD CONSTRAINT "saved_selections_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_organisation_id_company_id_companies_organisation_id_id_fk" FOREIGN KEY ("organisation_id","company_id") REFERENCES "public"."companies"("organisation_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_organisation_id_department_id_departments_organisation_id_id_fk" FOREIGN KEY ("organisation_id","department_id") REFERENCES "public"."departments"("organisation_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_organisation_id_office_id_offices_organisation_id_id_fk" FOREIGN KEY ("organisation_id","office_id") REFERENCES "public"."offices"("organisation_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_events_user" ON "audit_events" USING btree ("organisation_id","user_id","happened_at");--> statement-breakpoint
CREATE INDEX "bulk_sends_live" ON "bulk_sends" USING btree ("state") WHERE "bulk_sends"."state" in ('awaiting-approval', 'scheduled', 'running', 'paused');--> statement-breakpoint
CREATE INDEX "challenges_user" ON "challenges" USING btree ("organisation_id","user_id","purpose");--> statement-breakpoint
CREATE UNIQUE INDEX "companies_name" ON "companies" USING btree ("organisation_id",lower("name"));--> statement-breakpoint
CREATE UNIQUE INDEX "deliveries_open" ON "deliveries" USING btree ("organisation_id","user_id","purpose") WHERE "deliveries"."settled_at" is null;--> statement-breakpoint
CREATE INDEX "deliveries_due_single" ON "deliveries" USING btree ("due_at","id") WHERE "deliveries"."settled_at" is null and "deliveries"."bulk_send_id" is null;--> statement-breakpoint
CREATE INDEX "deliveries_due_bulk" ON "deliveries" USING btree ("organisation_id","bulk_send_id","due_at","id") WHERE "deliveries"."settled_at" is null and "deliveries"."bulk_send_id" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_bulk" ON "deliveries" USING btree ("organisation_id","bulk_send_id","state") WHERE "deliveries"."bulk_send_id" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_user" ON "deliveries" USING btree ("organisation_id","user_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "departments_name" ON "departments" USING btree ("organisation_id",lower("name"));--> statement-breakpoint
CREATE INDEX "inbound_ids_age" ON "inbound_ids" USING btree ("received_at");--> statement-breakpoint
CREATE UNIQUE INDEX "offices_name" ON "offices" USING btree ("organisation_id",lower("name"));--> statement-breakpoint
CREATE INDEX "posts_open" ON "posts" USING btree ("next_attempt_at") WHERE "posts"."done_at" is null;--> statement-breakpoint
CREATE INDEX "reminders_live" ON "reminders" USING btree ("last_run_at") WHERE "reminders"."stopped_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "users_login_address" ON "users" USING btree ("organisation_id","login_address_key") WHERE "users"."login_address_key" is not null;--> statement-breakpoint
CREATE INDEX "users_name" ON "users" USING btree ("organisation_id",lower("name"));--> statement-breakpoint
CREATE INDEX "users_email" ON "users" USING btree ("organisation_id",lower("email"));--> statement-breakpoint
CREATE INDEX "users_parts" ON "users" USING btree ("organisation_id","department_id","company_id","id");--> statement-breakpoint
CREATE INDEX "users_pending" ON "users" USING btree ("organisation_id","department_id","company_id","id") WHERE "users"."login_address" is not null and "users"."verified_at" is null;