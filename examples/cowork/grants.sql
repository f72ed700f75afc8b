-- What the service may do here, and nothing more: read and change the mapped tables, and keep a schema of its own for its markers.
-- The caller creates the role `habeas_service` with a password of its own choosing, and is the owner of the tables.
do $$
begin
  execute format('grant connect, create on database %I to habeas_service', current_database());
end $$;
grant usage on schema public to habeas_service;
grant select, update, delete on
  accounts, subscriptions, invoices, devices, telemetry_events, support_tickets, support_messages, crash_reports, connector_grants,
  conversations, memory_entries, marketing_preferences, newsletter_subscribers, feedback, security_events
  to habeas_service;
grant select on organisations to habeas_service;
grant select, insert, update on telemetry_daily to habeas_service;
