import { SourceError, type PurgeBatch, type PurgeOutcome } from '../source.ts'
import type { Database } from './connection.ts'

export async function purgeBatch(db: Database, batch: PurgeBatch): Promise<PurgeOutcome> {
  throw new SourceError(db.declaration.id, batch.rule.collection ?? '', 'other', 'not built yet')
}
