-- Jürgen of NORD and Ayşe of SUED both have card 17; both sat in the circle on Celan, together with Kazimierz.
insert into bibliothek.zweigstellen values ('NORD', 'Bücherei am Markt', 'Eltville'), ('SUED', 'Bücherei am Rhein', 'Rüdesheim');

insert into bibliothek.leser values
  ('NORD', 17, 'Groß', 'Jürgen', 'juergen.gross@example.com', 'Am Markt 3, 65343 Eltville', '1958-02-28', 'sha256:1f0c', false, '2011-05-02', null),
  ('SUED', 17, 'Demir', 'Ayşe', 'ayse.demir@example.com', 'Rheinstraße 8, 65385 Rüdesheim', '1990-09-14', 'sha256:77ab', false, '2019-01-10', null),
  ('NORD', 18, 'Wójcik', 'Kazimierz', 'kazimierz@example.org', 'Taunusstraße 1, 65343 Eltville', null, 'sha256:c3d4', false, '2020-03-01', null),
  ('SUED', 4, 'Ausgetreten', 'Anna', 'anna@example.com', 'Kirchgasse 2, 65385 Rüdesheim', '1970-12-31', 'sha256:9e10', false, '2001-04-01', '2025-11-19'),
  ('SUED', 5, 'Gegangen', 'Gustav', 'gustav@example.com', 'Kirchgasse 4, 65385 Rüdesheim', '1971-01-01', 'sha256:9e11', false, '2002-04-01', '2025-11-21');

insert into bibliothek.ausleihen values
  ('NORD', 17, 'M-100', 'Der Zauberberg', '2026-11-01 10:00', null),
  ('NORD', 17, 'M-101', 'Atemschaukel', '2026-09-01 10:00', '2026-09-20 17:00'),
  ('NORD', 17, 'M-101', 'Atemschaukel', '2026-10-05 10:00', '2026-11-15 17:00'),
  ('SUED', 17, 'M-100', 'Der Zauberberg', '2026-06-01 11:00', '2026-06-20 12:00'),
  ('NORD', 18, 'M-207', 'Solaris', '2026-11-10 09:30', null);

insert into bibliothek.lesekreise values
  ('6f1c2a9e-0000-4000-8000-000000000001', 'Paul Celan'),
  ('6f1c2a9e-0000-4000-8000-000000000002', 'Stanisław Lem');

insert into bibliothek.protokolle values
  (1, 'Jürgen las die Todesfuge; Ayşe widersprach.', '2026-03-12'),
  (2, 'Kazimierz führte ein.', '2026-04-16'),
  (3, 'Gemeinsame Sitzung beider Kreise.', '2026-05-21');

insert into bibliothek.protokoll_lesekreise values
  (1, '6f1c2a9e-0000-4000-8000-000000000001'),
  (2, '6f1c2a9e-0000-4000-8000-000000000002'),
  (3, '6f1c2a9e-0000-4000-8000-000000000001'),
  (3, '6f1c2a9e-0000-4000-8000-000000000002');

insert into bibliothek.lesekreis_teilnahme values
  ('NORD', 17, '6f1c2a9e-0000-4000-8000-000000000001'),
  ('SUED', 17, '6f1c2a9e-0000-4000-8000-000000000001'),
  ('NORD', 18, '6f1c2a9e-0000-4000-8000-000000000001'),
  ('NORD', 18, '6f1c2a9e-0000-4000-8000-000000000002');

-- The association's year ends on 30 June: with nine years, the first two are due from 1 July 2026 on, the third only a year later.
insert into bibliothek.gebuehrenbescheide values
  (2016, 1, 'NORD', 17, 'Jürgen Groß', 'Am Markt 3, 65343 Eltville', 'juergen.gross@example.com', 'Säumnis', 4.50, '2016-08-01', '2016-08-20'),
  (2017, 1, 'NORD', 17, 'Jürgen Groß', 'Am Markt 3, 65343 Eltville', 'juergen.gross@example.com', 'Säumnis', 6.00, '2017-06-30', '2017-07-02'),
  (2017, 2, 'NORD', 17, 'Jürgen Groß', 'Am Markt 3, 65343 Eltville', 'juergen.gross@example.com', 'Verlust', 29.90, '2017-07-01', '2017-08-01'),
  (2026, 1, 'NORD', 17, 'Jürgen Groß', 'Am Markt 3, 65343 Eltville', 'juergen.gross@example.com', 'Säumnis', 2.00, '2026-10-01', null),
  (2026, 2, 'SUED', 17, 'Ayşe Demir', 'Rheinstraße 8, 65385 Rüdesheim', 'ayse.demir@example.com', 'Jahresbeitrag', 18.00, '2026-01-05', '2026-01-05');

insert into bibliothek.anschaffungswuensche values
  (1, 'juergen.gross@example.com', 'Herta Müller: Mein Vaterland war ein Apfelkern', 'Für den Lesekreis', '2026-08-01T09:00:00Z'),
  (2, 'kazimierz@example.org', 'Stanisław Lem: Fiasko', null, '2026-08-02T09:00:00Z');
