ALTER TABLE "challenges" DROP CONSTRAINT "challenges_organisation_id_organisations_id_fk";
--> statement-breakpoint
ALTER TABLE "challenges" DROP CONSTRAINT "challenges_organisation_id_user_id_users_organisation_id_id_fk";
--> statement-breakpoint
ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_organisation_id_organisations_id_fk";
--> statement-breakpoint
ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_organisation_id_user_id_users_organisation_id_id_fk";
--> statement-breakpoint
ALTER TABLE "recipients" DROP CONSTRAINT "recipients_organisation_id_organisations_id_fk";
--> statement-breakpoint
ALTER TABLE "recipients" DROP CONSTRAINT "recipients_organisation_id_bulk_send_id_bulk_sends_organisation_id_id_fk";
--> statement-breakpoint
DROP INDEX "challenges_user";--> statement-breakpoint
ALTER TABLE "challenges" DROP CONSTRAINT "challenges_organisation_id_id_pk";--> statement-breakpoint
ALTER TABLE "challenges" ADD CONSTRAINT "challenges_organisation_id_user_id_id_pk" PRIMARY KEY("organisation_id","user_id","id");