import { createHash } from 'node:crypto'
import { openSources } from '../src/sources/sources.ts'
import { compilePolicy } from '../src/policy/compile.ts'
import { openBenchDatabase } from './database.ts'
import { peakMemory, type Figure } from './measure.ts'

const FEW = 50_000
const MANY = 5_000_000
/** How much more memory a hundred times the rows may take, in MiB. */
const MORE = 64

/** A person with five million rows is read without keeping them: the memory for so many stays near that for fifty thousand. */
export async function benchStream(): Promise<Figure[]> {
  const database = await openBenchDatabase(`
    create table people (id bigint primary key, mail text not null);
    create index on people (lower(mail));
    insert into people values (1, 'few@example.com'), (2, 'many@example.com');
    create unlogged table events (id bigint primary key, person_id bigint not null, what text not null, at timestamptz not null);
    insert into events select n, case when n <= ${FEW} then 1 else 2 end, 'something happened ' || n, '2026-01-01'::timestamptz + n * interval '1 second'
      from generate_series(1, ${FEW + MANY}) n;
    create index on events (person_id)`)
  const sources = await openSources(compilePolicy([{ name: 'stream.yaml', text: POLICY }]), { company: database.url })
  const source = sources.get('company')
  if (source.kind === 'manual') throw new Error('no database')
  const read = async (mail: string, expected: number): Promise<void> => {
    const survey = await sources.walk({ email: [[mail]] })
    const events = survey.looked.find(({ collection }) => collection === 'events')
    if (events?.found.rows !== expected) throw new Error(`expected ${expected} rows, found ${events?.found.rows}`)
    const hash = createHash('sha256')
    const columns = ['id', 'person_id', 'what', 'at']
    const bytes = await source.disclose({
      selection: { collection: 'events', openings: events.openings, side: 'ours' },
      format: 'csv',
      columns,
    })
    for await (const piece of bytes) hash.update(piece)
    hash.digest()
  }
  try {
    await read('few@example.com', FEW)
    const baseline = await peakMemory(() => read('few@example.com', FEW))
    const ours = await peakMemory(() => read('many@example.com', MANY))
    const reached = ours - baseline <= MORE
    return [
      {
        name: 'read one person with 5,000,000 rows, memory beside 50,000',
        unit: 'MiB',
        ours,
        baseline,
        ratio: ours / baseline,
        goal: `≤ +${MORE} MiB`,
        reached,
      },
    ]
  } finally {
    await sources.close()
    await database.close()
  }
}

const POLICY = `habeas: 1
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
      provides: { person: id }, fields: { id: {}, mail: {} } }
  events:
    { source: company, table: events, label: Events, category: all, key: id,
      opened_by: [{ identifier: person, columns: person_id }], fields: { id: {}, person_id: {}, what: {}, at: {} } }
`
