ALTER TABLE "steps" ADD COLUMN "collections" text[];--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "waits_for" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "rows" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "ground" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "assignee" uuid;