-- A lending library in the Rheingau: other names, another language, composite keys, a table between two tables, and paper.
create schema bibliothek;

create table bibliothek.zweigstellen (
  kuerzel text primary key,
  name text not null,
  ort text not null
);

-- Two branches give out the same card numbers: only both parts together are one reader.
create table bibliothek.leser (
  zweigstelle text not null references bibliothek.zweigstellen,
  ausweisnummer integer not null,
  nachname text not null,
  vorname text not null,
  mailadresse text not null,
  anschrift text not null,
  geburtsdatum date,
  pin_pruefwert text not null,
  gesperrt boolean not null default false,
  eintritt date not null,
  austritt date,
  primary key (zweigstelle, ausweisnummer)
);

create table bibliothek.ausleihen (
  zweigstelle text not null,
  ausweisnummer integer not null,
  medium text not null,
  titel text not null,
  ausgeliehen_am timestamp not null,
  zurueck_am timestamp,
  primary key (zweigstelle, ausweisnummer, medium, ausgeliehen_am),
  foreign key (zweigstelle, ausweisnummer) references bibliothek.leser on delete restrict
);

create table bibliothek.lesekreise (
  nummer uuid primary key,
  thema text not null
);

create table bibliothek.lesekreis_teilnahme (
  zweigstelle text not null,
  ausweisnummer integer not null,
  lesekreis uuid not null references bibliothek.lesekreise on delete cascade,
  primary key (zweigstelle, ausweisnummer, lesekreis),
  foreign key (zweigstelle, ausweisnummer) references bibliothek.leser
);

-- Minutes belong to everybody who sat there; circles sometimes meet together, so minutes and circles are many to many.
create table bibliothek.protokolle (
  nummer integer primary key,
  protokoll text not null,
  getagt_am date not null
);

create table bibliothek.protokoll_lesekreise (
  protokoll integer not null references bibliothek.protokolle on delete cascade,
  lesekreis uuid not null references bibliothek.lesekreise on delete cascade,
  primary key (protokoll, lesekreis)
);

create table bibliothek.gebuehrenbescheide (
  jahrgang integer not null,
  laufende_nummer integer not null,
  zweigstelle text,
  ausweisnummer integer,
  name text not null,
  anschrift text not null,
  mailadresse text,
  grund text not null,
  betrag numeric(8, 2) not null,
  ausgestellt_am date not null,
  bezahlt_am date,
  primary key (jahrgang, laufende_nummer),
  foreign key (zweigstelle, ausweisnummer) references bibliothek.leser on delete set null (zweigstelle, ausweisnummer)
);

-- The library keeps what should be bought, not who asked.
create table bibliothek.anschaffungswuensche (
  nummer integer primary key,
  mailadresse text,
  titel text not null,
  begruendung text,
  eingegangen_am timestamptz not null
);
