import { compilePolicy } from '../src/policy/compile.ts'
import type { Policy } from '../src/policy/schema.ts'

export const TABLES = 40
const PEOPLE = 400
const ROWS_EACH = 25

const tables = Array.from({ length: TABLES - 1 }, (_, index) => `records_${String(index + 1).padStart(2, '0')}`)

/** A person table and 39 more with 25 rows of each person, every fourth reached through another table: 1,000 rows over 40 tables each. */
export const COMPANY = `
  create table people (id bigint primary key, mail text not null, name text not null);
  create index on people (lower(mail));
  insert into people select n, 'person' || n || '@example.com', 'Person ' || n from generate_series(1, ${PEOPLE}) n;
  ${tables
    .map((name, index) => {
      const parent = parentOf(index)
      const link = parent === undefined ? 'person_id bigint not null references people' : `parent_id bigint not null references ${parent}`
      return `
  create table ${name} (id bigint primary key, ${link}, note text not null, amount numeric not null, at timestamptz not null);
  insert into ${name} select n, ${parent === undefined ? `1 + (n - 1) % ${PEOPLE}` : 'n'}, 'note ' || n, n / 7.0, '2026-01-01'::timestamptz + n * interval '1 minute'
    from generate_series(1, ${PEOPLE * ROWS_EACH}) n;
  create index on ${name} (${parent === undefined ? 'person_id' : 'parent_id'});`
    })
    .join('')}`

/** What somebody would write by hand for one person. */
export const SCRIPT = [
  `select * from people where lower(mail) = 'person7@example.com'`,
  ...tables.map((name, index) => {
    const parent = parentOf(index)
    return parent === undefined
      ? `select t.* from ${name} t join people p on p.id = t.person_id where lower(p.mail) = 'person7@example.com' order by t.id`
      : `select t.* from ${name} t join ${parent} q on q.id = t.parent_id join people p on p.id = q.person_id where lower(p.mail) = 'person7@example.com' order by t.id`
  }),
]

function parentOf(index: number): string | undefined {
  return index % 4 === 3 ? tables[index - 1] : undefined
}

/** The data map of that company. */
export function companyPolicy(): Policy {
  const collections = tables.map((name, index) => {
    const parent = parentOf(index)
    const child = tables[index + 1] !== undefined && parentOf(index + 1) === name
    return `  ${name}:
    { source: company, table: ${name}, label: ${name}, category: all, key: id,
      opened_by: [${parent === undefined ? '{ identifier: person, columns: person_id }' : `{ identifier: ${parent}, columns: parent_id }`}],
      provides: {${child ? ` ${name}: id ` : ''}},
      fields: { id: {}, ${parent === undefined ? 'person_id' : 'parent_id'}: {}, note: {}, amount: {}, at: {} } }`
  })
  const text = `habeas: 1
controllers:
  main:
    name: Bench
    address: Dam 1, Amsterdam
    country: NL
    zone: Europe/Amsterdam
    calendar: NL
    authority: { name: AP, address: Den Haag, url: https://autoriteitpersoonsgegevens.nl }
    dpo: { name: Dirk, email: dpo@example.com }
    sender: { name: Bench, email: privacy@example.com }
identifiers:
  email: { label: e-mail, compare: email }
  person: { label: number }
${tables.map((name) => `  ${name}: { label: ${name} }`).join('\n')}
sources:
  company: { kind: postgres, label: Company, mode: enforce }
categories:
  all: { label: All, purpose: bench, basis: contract, kept: always }
retention:
  all: { category: all, promise: kept, starts_label: the end, period: P1Y, action: attest }
collections:
  people:
    { source: company, table: people, label: People, category: all, key: id, is_person: true,
      opened_by: [{ identifier: email, columns: mail }, { identifier: person, columns: id }],
      provides: { person: id }, fields: { id: {}, mail: {}, name: {} } }
${collections.join('\n')}
`
  return compilePolicy([{ name: 'bench.yaml', text }])
}
