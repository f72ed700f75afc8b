DROP INDEX "approvals_once";--> statement-breakpoint
ALTER TABLE "approvals" ADD COLUMN "voided_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "plan_id" uuid;--> statement-breakpoint
CREATE UNIQUE INDEX "approvals_once" ON "approvals" USING btree ("request_id","plan_hash","operator_id") WHERE "approvals"."voided_at" is null;