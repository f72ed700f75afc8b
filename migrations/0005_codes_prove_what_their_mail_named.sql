ALTER TABLE "codes" ADD COLUMN "proves" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "letters" ADD COLUMN "proves" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "letters" ADD COLUMN "claimed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "refusal_by" uuid;