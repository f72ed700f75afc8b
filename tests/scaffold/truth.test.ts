import { describe, expect, it } from 'vitest'
import { HELD_OUT_SCHEMAS, openPublicSchema, PUBLIC_SCHEMAS, readTruth } from '../support/public-schemas.ts'

const COLUMNS = `select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped`
const ROWS = `select sum((xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %s', oid::regclass), false, true, '')))[1]::text::int) as n
  from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`

describe.each([...PUBLIC_SCHEMAS, ...HELD_OUT_SCHEMAS])('the truth about %s', (name) => {
  it('speaks of every column of every table, once, and of no other', async () => {
    const { client } = await openPublicSchema(name)
    const { rows } = await client.query<{ name: string }>(COLUMNS)
    const truth = (await readTruth(`tests/fixtures/${name}`)).map(({ table, column }) => `${table}.${column}`)
    expect(truth.toSorted()).toEqual(rows.map((row) => row.name).toSorted())
    const { rows: counted } = await client.query<{ n: string }>(ROWS)
    expect(Number(counted[0]?.n), 'there are people in it').toBeGreaterThan(200)
  })
})
