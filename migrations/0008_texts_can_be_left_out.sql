CREATE TABLE "hidden_texts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"collection" text NOT NULL,
	"field" text NOT NULL,
	"row_digest" text NOT NULL,
	"row_key" text NOT NULL,
	"operator_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hidden_texts" ADD CONSTRAINT "hidden_texts_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "hidden_texts_cell" ON "hidden_texts" USING btree ("request_id","collection","field","row_digest");