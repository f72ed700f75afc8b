import { SourceError, type DueCount, type PurgeRequest, type Selection } from '../source.ts'
import type { Database } from './connection.ts'

export async function countDueRows(db: Database, request: PurgeRequest): Promise<DueCount> {
  throw new SourceError(db.declaration.id, request.rule.collection ?? '', 'other', 'not built yet')
}
export async function lastDueAt(
  db: Database,
  selection: Selection,
  _request: Pick<PurgeRequest, 'rule' | 'zone' | 'fiscal_year_ends'>,
): Promise<string | null> {
  throw new SourceError(db.declaration.id, selection.collection, 'other', 'not built yet')
}
