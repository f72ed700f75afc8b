ALTER TABLE "intents" ADD COLUMN "left" jsonb;--> statement-breakpoint
ALTER TABLE "intents" ADD COLUMN "keys" text;