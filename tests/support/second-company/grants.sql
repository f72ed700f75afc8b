-- What the service may do here; the caller creates the role `habeas_service`.
do $$
begin
  execute format('grant connect, create on database %I to habeas_service', current_database());
end $$;
grant usage on schema bibliothek to habeas_service;
grant select, update, delete on all tables in schema bibliothek to habeas_service;
