-- The audit log is written once: not even its owner changes, removes or truncates it in passing.
create function habeas_refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'the table % is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
--> statement-breakpoint
create trigger audit_entries_append_only before update or delete or truncate on audit_entries
  for each statement execute function habeas_refuse_rewrite();
--> statement-breakpoint
create trigger audit_numbers_append_only before update or delete or truncate on audit_numbers
  for each statement execute function habeas_refuse_rewrite();
--> statement-breakpoint
create trigger audit_roots_append_only before update or delete or truncate on audit_roots
  for each statement execute function habeas_refuse_rewrite();
--> statement-breakpoint
create trigger erasure_ledger_append_only before update or delete or truncate on erasure_ledger
  for each statement execute function habeas_refuse_rewrite();
