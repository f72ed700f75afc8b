import type { Drift } from '../../source.ts'
import { annotationProblems } from './check-annotations.ts'
import { edgeProblems } from './check-edges.ts'
import { indexProblems } from './check-indexes.ts'
import { excessPrivileges, missingPrivileges } from './check-privileges.ts'
import { checkStrategies } from './check-strategies.ts'
import { checkMapping } from './check.ts'
import type { Database } from '../connection.ts'
import { readGround } from '../catalog/ground.ts'

/** Everything in which a database and the data map do not agree, errors first. */
export async function driftOf(db: Database, options: { readonly rows?: number } = {}): Promise<readonly Drift[]> {
  const ground = await readGround(db)
  const misfits = [...checkMapping(db), ...(await checkStrategies(db)), ...(await missingPrivileges(db))].map((problem): Drift => {
    return { ...problem, severity: 'error', code: 'does_not_fit', table: tableOf(db, problem.collection), column: '' }
  })
  const all = [
    ...misfits,
    ...annotationProblems(db, ground),
    ...edgeProblems(db, ground),
    ...indexProblems(db, ground, options),
    ...(await excessPrivileges(db)),
  ]
  return all.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
}

function tableOf(db: Database, collection: string): string {
  return db.policy.collections.get(collection)?.table ?? ''
}
