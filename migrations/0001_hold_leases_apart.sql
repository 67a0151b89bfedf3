DROP INDEX "deliveries_bulk";--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "leased_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "again" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "deliveries_bulk" ON "deliveries" USING btree ("organisation_id","bulk_send_id") WHERE "deliveries"."bulk_send_id" is not null;--> statement-breakpoint
UPDATE "deliveries" SET "leased_until" = "due_at" WHERE "state" = 'sending' AND "settled_at" IS NULL;--> statement-breakpoint
-- Room in every page, so that a claim and the end of a mail are written beside the row and no index hears of it.
ALTER TABLE "deliveries" SET (fillfactor = 50);--> statement-breakpoint
ALTER TABLE "users" SET (fillfactor = 50);
