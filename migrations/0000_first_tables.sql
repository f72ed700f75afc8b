CREATE TABLE "audit_entries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_entries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone NOT NULL,
	"action" text NOT NULL,
	"actor" text NOT NULL,
	"case_reference" text,
	"body" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_numbers" (
	"number" bigint PRIMARY KEY NOT NULL,
	"entry_id" bigint NOT NULL,
	CONSTRAINT "audit_numbers_entry_id_unique" UNIQUE("entry_id")
);
--> statement-breakpoint
CREATE TABLE "audit_roots" (
	"tree_size" bigint PRIMARY KEY NOT NULL,
	"root" text NOT NULL,
	"frontier" text[] NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"entries" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "codes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"sent_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"spent_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "letters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid,
	"kind" text NOT NULL,
	"key_id" uuid NOT NULL,
	"recipient" text NOT NULL,
	"recipient_lookup" text NOT NULL,
	"subject" text NOT NULL,
	"text" text NOT NULL,
	"html" text NOT NULL,
	"with_code" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"withheld_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"author" text NOT NULL,
	"body" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pauses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"answered_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "reminders" (
	"request_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "reminders_request_id_kind_pk" PRIMARY KEY("request_id","kind")
);
--> statement-breakpoint
CREATE TABLE "requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reference" text NOT NULL,
	"right" text NOT NULL,
	"scope" jsonb,
	"regime" text NOT NULL,
	"candidate_regimes" text[] NOT NULL,
	"controller" text NOT NULL,
	"state" text NOT NULL,
	"state_at" timestamp (3) with time zone NOT NULL,
	"channel" text NOT NULL,
	"locale" text NOT NULL,
	"residence" text,
	"key_id" uuid NOT NULL,
	"email" text,
	"email_lookup" text,
	"name" text,
	"postal_address" text,
	"identifiers" text,
	"details" text,
	"corrections" text,
	"requester_role" text NOT NULL,
	"requester" text,
	"opened_by" uuid,
	"amended_by" uuid[] DEFAULT '{}' NOT NULL,
	"group_id" uuid NOT NULL,
	"repeat_of" uuid,
	"proof_method" text,
	"proven_at" timestamp (3) with time zone,
	"proven" text,
	"received_at" timestamp (3) with time zone NOT NULL,
	"zone" text NOT NULL,
	"first_reply_by" date NOT NULL,
	"send_by" date NOT NULL,
	"enforce_by" date NOT NULL,
	"statutory_by" date NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"explanation" jsonb NOT NULL,
	"reminders_at" jsonb NOT NULL,
	"extended_at" timestamp (3) with time zone,
	"extension_reason" text,
	"paused" boolean DEFAULT false NOT NULL,
	"assignee" uuid,
	"plan_id" uuid,
	"approvals_needed" integer DEFAULT 0 NOT NULL,
	"approved_at" timestamp (3) with time zone,
	"cancel_until" timestamp (3) with time zone,
	"delivery" text DEFAULT 'link' NOT NULL,
	"outcome" text,
	"refusal_ground" text,
	"refusal_facts" text,
	"reply_letter_id" uuid,
	"delivered_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "requests_reference_unique" UNIQUE("reference")
);
--> statement-breakpoint
CREATE TABLE "subject_tokens" (
	"hash" text PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"code_typed_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "confirmed_rules" (
	"rule" text NOT NULL,
	"rule_hash" text NOT NULL,
	"confirmed_by" uuid,
	"by_demo" boolean DEFAULT false NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "confirmed_rules_rule_rule_hash_pk" PRIMARY KEY("rule","rule_hash")
);
--> statement-breakpoint
CREATE TABLE "erasure_ledger" (
	"digest" text NOT NULL,
	"source" text NOT NULL,
	"collection" text NOT NULL,
	"erased_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "erasure_ledger_source_collection_digest_pk" PRIMARY KEY("source","collection","digest")
);
--> statement-breakpoint
CREATE TABLE "retention_batches" (
	"run_id" uuid NOT NULL,
	"batch" integer NOT NULL,
	"made_at" timestamp (3) with time zone NOT NULL,
	"rows" integer,
	"along" jsonb,
	"range_from" text,
	"range_to" text,
	"confirmed_by" text,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "retention_batches_run_id_batch_pk" PRIMARY KEY("run_id","batch")
);
--> statement-breakpoint
CREATE TABLE "retention_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"batch_id" uuid NOT NULL,
	"rule" text NOT NULL,
	"local_date" date NOT NULL,
	"trigger" text NOT NULL,
	"mode" text NOT NULL,
	"state" text NOT NULL,
	"waits_for" text,
	"policy_hash" text NOT NULL,
	"cutoff" timestamp (3) with time zone NOT NULL,
	"due" bigint DEFAULT 0 NOT NULL,
	"done" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"batches" integer DEFAULT 0 NOT NULL,
	"oldest_left" text,
	"failure" text,
	"epoch" integer DEFAULT 0 NOT NULL,
	"started_by" uuid,
	"confirmed_by" uuid,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"caller" text NOT NULL,
	"key" text NOT NULL,
	"request_digest" text NOT NULL,
	"status" integer,
	"headers" jsonb,
	"answer" text,
	"started_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_caller_key_pk" PRIMARY KEY("caller","key")
);
--> statement-breakpoint
CREATE TABLE "operator_secrets" (
	"hash" text PRIMARY KEY NOT NULL,
	"operator_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"made_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "operators" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"grants" text[] DEFAULT '{}' NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	CONSTRAINT "operators_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"payload" jsonb NOT NULL,
	"not_before" timestamp (3) with time zone NOT NULL,
	"rings" integer DEFAULT 0 NOT NULL,
	"rung_at" timestamp (3) with time zone,
	"done_at" timestamp (3) with time zone,
	"failure" text
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"hash" text PRIMARY KEY NOT NULL,
	"document" jsonb NOT NULL,
	"stored_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rate_limits" (
	"key" text NOT NULL,
	"window_at" timestamp (3) with time zone NOT NULL,
	"hits" bigint NOT NULL,
	CONSTRAINT "rate_limits_key_window_at_pk" PRIMARY KEY("key","window_at")
);
--> statement-breakpoint
CREATE TABLE "holds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"matter" text NOT NULL,
	"reason" text NOT NULL,
	"key_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"scope_shown" jsonb NOT NULL,
	"review_at" timestamp (3) with time zone NOT NULL,
	"placed_by" uuid NOT NULL,
	"placed_at" timestamp (3) with time zone NOT NULL,
	"release_asked_by" uuid,
	"release_asked_at" timestamp (3) with time zone,
	"released_by" uuid,
	"released_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "standing_facts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"purpose" text NOT NULL,
	"identifier_kind" text NOT NULL,
	"identifier_lookup" text NOT NULL,
	"key_id" uuid NOT NULL,
	"identifier" text NOT NULL,
	"case_reference" text NOT NULL,
	"set_at" timestamp (3) with time zone NOT NULL,
	"lifted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "answers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"question" text NOT NULL,
	"choice" text NOT NULL,
	"operator_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"plan_hash" text NOT NULL,
	"operator_id" uuid NOT NULL,
	"note" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "archives" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"key_id" uuid NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"manifest" jsonb NOT NULL,
	"built_at" timestamp (3) with time zone NOT NULL,
	"released_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"downloads" integer DEFAULT 0 NOT NULL,
	"erased_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "intents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"step_id" uuid NOT NULL,
	"epoch" integer NOT NULL,
	"batch" integer NOT NULL,
	"predicate" jsonb NOT NULL,
	"key_digests" text[] NOT NULL,
	"expected" jsonb NOT NULL,
	"made_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone,
	"confirmed_by" text,
	"rows" jsonb
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"policy_hash" text NOT NULL,
	"body" jsonb NOT NULL,
	"findings" jsonb NOT NULL,
	"identities" text NOT NULL,
	"made_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid,
	"step_id" uuid,
	"run_id" uuid,
	"body" jsonb NOT NULL,
	"hash" text NOT NULL,
	"signature" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "steps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"source" text NOT NULL,
	"position" integer NOT NULL,
	"state" text NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"parked_reason" text,
	"done_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"step_id" uuid NOT NULL,
	"source" text NOT NULL,
	"instructions" text NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"state" text NOT NULL,
	"found" boolean,
	"answer" text,
	"file_name" text,
	"file" text,
	"answered_by" uuid,
	"answered_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "codes" ADD CONSTRAINT "codes_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "letters" ADD CONSTRAINT "letters_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pauses" ADD CONSTRAINT "pauses_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reminders" ADD CONSTRAINT "reminders_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subject_tokens" ADD CONSTRAINT "subject_tokens_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retention_batches" ADD CONSTRAINT "retention_batches_run_id_retention_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."retention_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_secrets" ADD CONSTRAINT "operator_secrets_operator_id_operators_id_fk" FOREIGN KEY ("operator_id") REFERENCES "public"."operators"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answers" ADD CONSTRAINT "answers_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "archives" ADD CONSTRAINT "archives_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plans" ADD CONSTRAINT "plans_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "steps" ADD CONSTRAINT "steps_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_request_id_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entries_case" ON "audit_entries" USING btree ("case_reference","id");--> statement-breakpoint
CREATE INDEX "audit_entries_at" ON "audit_entries" USING btree ("at");--> statement-breakpoint
CREATE INDEX "codes_request" ON "codes" USING btree ("request_id","expires_at");--> statement-breakpoint
CREATE INDEX "letters_request" ON "letters" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "letters_recipient" ON "letters" USING btree ("recipient_lookup","created_at");--> statement-breakpoint
CREATE INDEX "messages_request" ON "messages" USING btree ("request_id","at");--> statement-breakpoint
CREATE INDEX "pauses_request" ON "pauses" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "requests_due" ON "requests" USING btree ("due_at","id");--> statement-breakpoint
CREATE INDEX "requests_state" ON "requests" USING btree ("state","due_at");--> statement-breakpoint
CREATE INDEX "requests_email" ON "requests" USING btree ("email_lookup");--> statement-breakpoint
CREATE INDEX "requests_group" ON "requests" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "subject_tokens_request" ON "subject_tokens" USING btree ("request_id");--> statement-breakpoint
CREATE UNIQUE INDEX "retention_runs_once" ON "retention_runs" USING btree ("rule","local_date") WHERE trigger = 'schedule';--> statement-breakpoint
CREATE INDEX "retention_runs_batch" ON "retention_runs" USING btree ("batch_id");--> statement-breakpoint
CREATE INDEX "retention_runs_started" ON "retention_runs" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "operator_secrets_operator" ON "operator_secrets" USING btree ("operator_id");--> statement-breakpoint
CREATE INDEX "outbox_open" ON "outbox" USING btree ("not_before") WHERE done_at is null;--> statement-breakpoint
CREATE INDEX "outbox_done" ON "outbox" USING btree ("done_at");--> statement-breakpoint
CREATE INDEX "standing_facts_lookup" ON "standing_facts" USING btree ("identifier_lookup");--> statement-breakpoint
CREATE UNIQUE INDEX "answers_question" ON "answers" USING btree ("request_id","question");--> statement-breakpoint
CREATE UNIQUE INDEX "approvals_once" ON "approvals" USING btree ("request_id","plan_hash","operator_id");--> statement-breakpoint
CREATE INDEX "archives_request" ON "archives" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "archives_expiry" ON "archives" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "intents_batch" ON "intents" USING btree ("step_id","batch");--> statement-breakpoint
CREATE INDEX "plans_request" ON "plans" USING btree ("request_id","made_at");--> statement-breakpoint
CREATE INDEX "receipts_request" ON "receipts" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "receipts_run" ON "receipts" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "steps_request" ON "steps" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "tasks_state" ON "tasks" USING btree ("state","due_at");--> statement-breakpoint
CREATE INDEX "tasks_request" ON "tasks" USING btree ("request_id");