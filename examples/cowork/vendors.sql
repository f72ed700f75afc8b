-- The other side of the connected tools: what the made-up vendors of the demonstration hold. No company has this in its own database; here it lies in
-- a schema of its own, so that one can look at it. The vendors' small server is the only one that reads and writes it.
create schema vendors;
create table vendors.grants (
  id text primary key,
  customer text not null,
  tool text not null,
  workspace text not null,
  scopes text[] not null,
  since timestamptz not null,
  -- Revoked: it can be used no more.
  ended timestamptz
);
create index grants_customer on vendors.grants (customer, id);

insert into vendors.grants (id, customer, tool, workspace, scopes, since)
select vendor || '-' || id, account_id, vendor, vendor_account, scopes, granted_at from connector_grants where vendor_revoked_at is null;
