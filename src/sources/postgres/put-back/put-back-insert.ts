import type { CopiedPart } from '../../source.ts'
import { sqlName } from '../names.ts'
import type { Putting } from './put-back.ts'
import {
  attempt,
  batchesOf,
  explain,
  keyOf,
  NUMBER,
  relationSql,
  sameKeySql,
  sameTextSql,
  valuesOf,
  type Batch,
  type Failure,
} from './put-back-rows.ts'

/** Inserts the rows of a part, a few at a time; how many are there now. Conflicts are added for those that cannot be. */
export async function insertPart(putting: Putting, part: CopiedPart): Promise<number> {
  let done = 0
  for await (const batch of batchesOf(putting.db, part)) {
    if (putting.conflicts.full) break
    const missing = await withoutThere(putting, batch)
    done += batch.rows.length - missing.rows.length
    const failure = await attempt(putting, missing, () => insertAll(putting, [missing]))
    if (failure === undefined) done += missing.rows.length
    else await explain(putting, [missing], failure, (row) => insertAll(putting, [row]))
  }
  return done
}

/** Inserts rows that point at each other in one statement, at whose end alone the database checks where they point. */
export async function insertCircle(
  putting: Putting,
  parts: readonly CopiedPart[],
  count: (part: CopiedPart, rows: number) => void,
): Promise<void> {
  const batches: Batch[] = []
  for (const part of parts) {
    const whole = await wholeOf(putting, part)
    if (whole === undefined) continue
    batches.push(await withoutThere(putting, whole))
    count(part, whole.rows.length)
  }
  const [first] = batches
  if (first === undefined) return
  const failure = await attempt(putting, first, () => insertAll(putting, batches))
  if (failure === undefined) return
  // One by one they may not point at each other yet, which is no conflict.
  const inside = new Set(batches.map(({ place }) => place.table.name))
  const keys = putting.db.catalog.foreign_keys.filter(({ table, references }) => inside.has(table) && inside.has(references))
  const counts = ({ kind, constraint }: Failure): boolean => kind !== 'parent_gone' || !keys.some(({ name }) => name === constraint)
  await explain(putting, batches, failure, (row) => insertAll(putting, [row]), counts)
}

async function wholeOf({ db }: Putting, part: CopiedPart): Promise<Batch | undefined> {
  const batches: Batch[] = []
  for await (const batch of batchesOf(db, part)) batches.push(batch)
  const [first] = batches
  return first === undefined ? undefined : { ...first, rows: batches.flatMap(({ rows }) => rows) }
}

/** Those of the batch that are not there yet exactly as they were: whoever comes a second time finds nothing to do. */
async function withoutThere({ session }: Putting, batch: Batch): Promise<Batch> {
  const same = batch.columns.map(sameTextSql).join(' and ')
  const { rows } = await session.query<{ n: string }>(
    `select o.${NUMBER} as n from ${relationSql(batch)} join ${batch.place.from} t on ${sameKeySql(batch)} where ${same}`,
    valuesOf(batch),
  )
  const there = new Set(rows.map(({ n }) => Number(n)))
  return { ...batch, rows: batch.rows.filter((_, index) => !there.has(index + 1)) }
}

async function insertAll(putting: Putting, batches: readonly Batch[]): Promise<void> {
  const filled = batches.filter(({ rows }) => rows.length > 0)
  if (filled.length === 0) return
  let first = 1
  const statements = filled.map((batch) => {
    const names = batch.columns.map(sqlName).join(', ')
    const text = `insert into ${batch.place.from} (${names}) overriding system value select ${names} from ${relationSql(batch, first)} order by o.${NUMBER}`
    first += batch.columns.length
    return text
  })
  const earlier = statements.slice(0, -1).map((text, index) => `i${index} as (${text})`)
  const text = `${earlier.length === 0 ? '' : `with ${earlier.join(', ')} `}${statements.at(-1) ?? ''}`
  await putting.session.query(
    text,
    filled.flatMap((batch) => valuesOf(batch)),
  )
  for (const batch of filled) {
    putting.tally.add(batch.place.table, 'inserted', batch.rows.length)
    // A trigger may have made something else of them, or of none.
    const changed = await withoutThere(putting, batch)
    for (const row of changed.rows) putting.conflicts.add(batch.place.collection.id, 'refused', '', keyOf(batch, row))
  }
}
