import type { Named, Policy, SourceDeclaration } from '../../policy/schema.ts'
import type { DataSource, Schedule } from '../source.ts'
import { applyEffect, settleEffect } from './apply.ts'
import { readCatalog, type Catalog } from './catalog.ts'
import { checkMapping } from './check.ts'
import { openPool, withSession, type Database } from './connection.ts'
import { discloseRows, shapeColumns } from './disclose.ts'
import { countSelected, findRows, readKeys } from './find.ts'
import { countDueRows, lastDueAt } from './due.ts'
import { inOrder } from './order.ts'
import { purgeBatch } from './purge.ts'

/** A company's PostgreSQL database behind the contract of a source. */
export interface PostgresSource extends DataSource {
  readonly kind: 'postgres'
  readonly schedule: Schedule
}

const NO_CATALOG = (schema: string): Catalog => ({ schema, tables: new Map(), foreign_keys: [], counts_rows: false, utf8: true })

/** Connects to a mapped database and reads its schema; a SourceError, with everything closed, when it cannot be reached. */
export async function openPostgresSource(declaration: Named<SourceDeclaration>, policy: Policy, url: string): Promise<PostgresSource> {
  const { zone } = policy.controllers.get(declaration.controller ?? '') ?? policy.main
  const db: Database = { pool: openPool(declaration.id, url), declaration, policy, zone, catalog: NO_CATALOG(declaration.schema) }
  const refresh = async (): Promise<void> => {
    db.catalog = await withSession(db, '', (session) => readCatalog(session, declaration.schema))
  }
  await refresh().catch(async (error: unknown) => {
    await db.pool.end()
    throw error
  })
  return {
    kind: 'postgres',
    declaration,
    async check() {
      await refresh()
      return checkMapping(db)
    },
    find: (collection, openings) => findRows(db, collection, openings),
    disclose: (request) => discloseRows(db, request),
    shape: async (collection, columns) => shapeColumns(db, collection, columns),
    keys: (selection, limit) => readKeys(db, selection, limit),
    apply: (effect) => applyEffect(db, effect),
    settle: (step, batch) => settleEffect(db, step, batch),
    count: (selection, matching) => countSelected(db, selection, matching),
    sequence: (changes) => [inOrder(db, changes)],
    schedule: {
      lastDue: (selection, request) => lastDueAt(db, selection, request),
      countDue: (request) => countDueRows(db, request),
      purge: (batch) => purgeBatch(db, batch),
    },
    close: () => db.pool.end(),
  }
}
