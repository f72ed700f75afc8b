ALTER TABLE "audit_roots" ADD COLUMN "settled_id" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_roots" ADD COLUMN "waiting_id" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_roots" ADD COLUMN "waiting_for" text[] DEFAULT '{}' NOT NULL;