import type { Session } from '../connection.ts'
import type { LiveColumn, LiveTable } from './live-schema.ts'

/** Values of one sampled row as text, by column; they are looked at and forgotten. */
export type SampledRow = readonly (string | null)[]

const MOST_ROWS = 1_000
/** A table larger than this is read in scattered blocks, so that the oldest rows alone do not speak for all. */
const LARGE = 20_000
const LONGEST = 4_000
const TIMEOUT = '5s'

/** Columns whose values can say something that their names do not. */
export function sampledColumns(table: LiveTable): readonly LiveColumn[] {
  return table.columns.filter(
    ({ type, category }) =>
      ['S', 'I', 'D'].includes(category) ||
      ['json', 'jsonb', 'xml', 'uuid'].includes(type) ||
      /^_(text|varchar|bpchar|inet|json|jsonb)$/.test(type),
  )
}

/**
 * Some rows of a table, at most 1,000, read only and for five seconds at most; undefined when the server will not give them. The values stay in
 * the caller's hands: whoever calls this must keep none of them.
 */
export async function sampleRows(session: Session, schema: string, table: LiveTable): Promise<readonly SampledRow[] | undefined> {
  const columns = sampledColumns(table)
  if (columns.length === 0 || table.kind === 'view') return []
  const percent = table.rows > LARGE ? Math.max((MOST_ROWS * 300) / table.rows, 0.001) : undefined
  const from = `${quoted(schema)}.${quoted(table.name)}${percent === undefined || !['table', 'materialized view'].includes(table.kind) ? '' : ` tablesample system (${percent.toFixed(4)})`}`
  const list = columns.map(({ name, type }) =>
    /json/.test(type) || type.startsWith('_') ? `to_jsonb(t.${quoted(name)})::text` : `left(t.${quoted(name)}::text, ${LONGEST})`,
  )
  try {
    await session.query('begin transaction read only')
    await session.query(`set local statement_timeout = '${TIMEOUT}'`)
    const { rows } = await session.query<{ row: SampledRow }>(
      `select json_build_array(${list.join(', ')}) as row from ${from} t limit ${MOST_ROWS}`,
    )
    return rows.map(({ row }) => row)
  } catch {
    // Not granted, or too slow: names must do. Why is the server's to say, and its words may echo values.
    return undefined
  } finally {
    await session.query('rollback').catch(() => undefined)
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
