CREATE TABLE "request_aliases" (
	"reference" text PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "request_aliases" ADD CONSTRAINT "request_aliases_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;