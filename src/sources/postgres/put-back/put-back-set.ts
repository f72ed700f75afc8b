import type { CopiedPart } from '../../source.ts'
import type { Column } from '../catalog/catalog.ts'
import { isComparable } from '../catalog/column-types.ts'
import { sqlColumn, sqlName } from '../names.ts'
import { numbered } from '../parameters.ts'
import type { Putting } from './put-back.ts'
import { attempt, batchesOf, explain, keyOf, NUMBER, relationSql, sameKeySql, sameTextSql, valuesOf, type Batch } from './put-back-rows.ts'
import { assignmentsSql } from '../change/strategy.ts'

/** Gives rows that were set their old values back, where they still hold what was set; how many hold them now. */
export async function restorePart(putting: Putting, part: CopiedPart): Promise<number> {
  let done = 0
  for await (const batch of batchesOf(putting.db, part)) {
    if (putting.conflicts.full) break
    const changed = batch.columns.filter(({ name }) => !batch.place.collection.key.includes(name) || name in part.set)
    const restorable = await lockRestorable(putting, batch, changed, part)
    done += batch.rows.length
    // What these rows point at may not be there because of what is in the way already.
    if (!putting.conflicts.none) continue
    const failure = await attempt(putting, restorable, () => update(putting, restorable, changed))
    if (failure !== undefined) await explain(putting, [restorable], failure, (row) => update(putting, row, changed))
  }
  return done
}

/** Locks the rows of the batch and keeps those that must be given their values back; conflicts are added for those gone or changed. */
async function lockRestorable(putting: Putting, batch: Batch, changed: readonly Column[], part: CopiedPart): Promise<Batch> {
  const parameters = numbered()
  const values = valuesOf(batch)
  for (const list of values) parameters.bind(list as readonly string[])
  const old = changed.map(sameTextSql)
  const fine = changed.map((column, index) => `(${old[index]} or ${oursSql(putting, batch, column, part, parameters)})`)
  const { rows } = await putting.session.query<{ n: string; is_old: boolean; is_fine: boolean }>(
    `select o.${NUMBER} as n, ${conjunction(old)} as is_old, ${conjunction(fine)} as is_fine
     from ${relationSql(batch)} join ${batch.place.from} t on ${sameKeySql(batch)} for update of t`,
    parameters.values,
  )
  const found = new Map(rows.map(({ n, ...state }) => [Number(n), state]))
  const restorable = batch.rows.filter((row, index) => {
    const state = found.get(index + 1)
    if (state?.is_fine === true) return !state.is_old
    putting.conflicts.add(batch.place.collection.id, state === undefined ? 'gone' : 'changed', '', keyOf(batch, row))
    return false
  })
  return { ...batch, rows: restorable }
}

/** Whether the row still holds in this column what the effect made of the old value. */
function oursSql(
  { db, pseudonym_key }: Putting,
  { place }: Batch,
  column: Column,
  { set, openings = [] }: CopiedPart,
  parameters: ReturnType<typeof numbered>,
): string {
  const strategy = set[column.name]
  if (strategy === undefined) return 'false'
  const assignment = assignmentsSql(db, place, 'o', { [column.name]: strategy }, parameters, { openings, pseudonym_key })
  const target = assignment.slice(`${sqlName(column)} = `.length)
  const now = sqlColumn('t', column)
  if (strategy === null) return `${now} is null`
  return isComparable(column) ? `${now} is not distinct from ${target}` : `${now}::text is not distinct from (${target})::text`
}

async function update(putting: Putting, batch: Batch, changed: readonly Column[]): Promise<void> {
  if (batch.rows.length === 0) return
  const assignments = changed.map((column) => `${sqlName(column)} = ${sqlColumn('o', column)}`).join(', ')
  const { rowCount } = await putting.session.query(
    `update ${batch.place.from} t set ${assignments} from ${relationSql(batch)} where ${sameKeySql(batch)}`,
    valuesOf(batch),
  )
  putting.tally.add(batch.place.table, 'updated', rowCount)
}

function conjunction(parts: readonly string[]): string {
  return parts.length === 0 ? 'true' : parts.join(' and ')
}
