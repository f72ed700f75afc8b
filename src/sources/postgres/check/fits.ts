import type { Misfit } from '../../source.ts'
import { perform, withSession, type Database } from '../connection.ts'
import { evaluate, fitsType } from './evaluate.ts'
import { columnOf, mapped, sqlColumn } from '../names.ts'
import { limitsOf } from '../change/replacement.ts'

/**
 * Why the database would not take a value in a column, before anything is tried: its type and length, a check that looks at this column
 * alone, or a unique value that a row has already. Undefined when nothing speaks against it; what looks at other columns too is not judged.
 */
export async function whyMisfits(db: Database, collection: string, name: string, value: string): Promise<Misfit | undefined> {
  const place = mapped(db, collection)
  const column = columnOf(db, place, name)
  const { limits } = place.table
  const { declared, labels, length } = limitsOf(limits, column)
  return withSession(db, collection, async (session): Promise<Misfit | undefined> => {
    if (length !== null && Array.from(value).length > length) return { kind: 'too_long', expected: `at most ${length} characters` }
    if ((await fitsType(session, { cast: column.cast, declared }, [value])) === 'fails') {
      return { kind: 'type', expected: labels === null ? `a value of the type ${declared}` : `one of ${labels.join(', ')}` }
    }
    for (const { name: check, columns, expression } of limits.checks) {
      if (columns.length !== 1 || columns[0] !== name) continue
      const verdict = await evaluate(session, place.table.name, [{ name, cast: column.cast, values: [value] }], expression)
      if (verdict === 'fails') return { kind: 'check', expected: `a value that the check ${check} allows` }
    }
    const alone = limits.unique.find(
      ({ columns, expressions, exclusion }) => columns.length === 1 && columns[0] === name && expressions.length === 0 && !exclusion,
    )
    if (alone === undefined) return undefined
    const text = `select exists (select from ${place.from} t where ${sqlColumn('t', column)} = ($1::text)::${column.cast}) as taken`
    const { rows } = await perform(db, session, collection, text, [value])
    return rows[0]?.['taken'] === true ? { kind: 'taken', expected: 'a value that no other row has' } : undefined
  })
}
