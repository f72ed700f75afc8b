DROP INDEX "amendments_collection";--> statement-breakpoint
CREATE UNIQUE INDEX "amendments_collection" ON "amendments" USING btree ("request_id","collection","kind");