-- Data keys, wrapped: one per request, archive, standing fact and recovery copy. Deleting a row shreds everything that was sealed under it.
create table data_keys (
  id uuid primary key,
  purpose text not null,
  wrapped text not null,
  made_at timestamptz not null default now()
);
--> statement-breakpoint
-- A deleted key must leave the table's pages soon, not when a fifth of the table has gone.
alter table data_keys set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50);
--> statement-breakpoint
-- One known text per wrapping key: that it opens shows at start that the key is the right one.
create table canaries (
  wrapping_key text primary key,
  sealed text not null,
  made_at timestamptz not null default now()
);
--> statement-breakpoint
-- Secrets of digests and signatures, wrapped; made once, since lookups and receipts depend on them.
create table secrets (
  name text primary key,
  wrapped text not null,
  made_at timestamptz not null default now()
);
