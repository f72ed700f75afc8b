CREATE TABLE "put_back_ledger" (
	"digest" text NOT NULL,
	"source" text NOT NULL,
	"collection" text NOT NULL,
	"put_back_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "put_back_ledger_source_collection_digest_put_back_at_pk" PRIMARY KEY("source","collection","digest","put_back_at")
);
--> statement-breakpoint
ALTER TABLE "erasure_ledger" DROP CONSTRAINT "erasure_ledger_source_collection_digest_pk";--> statement-breakpoint
ALTER TABLE "erasure_ledger" ADD CONSTRAINT "erasure_ledger_source_collection_digest_erased_at_pk" PRIMARY KEY("source","collection","digest","erased_at");--> statement-breakpoint
create trigger put_back_ledger_append_only before update or delete or truncate on put_back_ledger
  for each statement execute function habeas_refuse_rewrite();
