CREATE TABLE "recovery_copies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"step_id" uuid NOT NULL,
	"batch" integer NOT NULL,
	"epoch" integer NOT NULL,
	"source" text NOT NULL,
	"key_id" uuid NOT NULL,
	"pseudonym_key" text,
	"state" text NOT NULL,
	"parts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"made_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"conflicts" jsonb,
	"failure" text,
	"ended_at" timestamp (3) with time zone,
	"shredded_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "recovery_findings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"operator_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"facts" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "no_recovery" text;--> statement-breakpoint
ALTER TABLE "recovery_copies" ADD CONSTRAINT "recovery_copies_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recovery_findings" ADD CONSTRAINT "recovery_findings_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "recovery_copies_attempt" ON "recovery_copies" USING btree ("step_id","batch","epoch");--> statement-breakpoint
CREATE INDEX "recovery_copies_request" ON "recovery_copies" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "recovery_copies_alive" ON "recovery_copies" USING btree ("expires_at") WHERE shredded_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "recovery_findings_once" ON "recovery_findings" USING btree ("request_id","operator_id","kind");