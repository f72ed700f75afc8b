import type { Named, Policy, SourceDeclaration } from '../../policy/schema.ts'
import { SourceError, type DataSource, type Schedule } from '../source.ts'
import { applyEffect } from './change/apply.ts'
import { readCatalog, type Catalog } from './catalog/catalog.ts'
import { missingPrivileges } from './check/check-privileges.ts'
import { checkStrategies } from './check/check-strategies.ts'
import { checkMapping } from './check/check.ts'
import { openPool, query, withSession, type Database } from './connection.ts'
import { driftOf } from './check/drift.ts'
import { readContacts } from './find/contacts.ts'
import { discloseRows, shapeColumns } from './disclose/disclose.ts'
import { whyMisfits } from './check/fits.ts'
import { countSelected, findRows, readKeys } from './find/find.ts'
import { countDueRows, lastDueAt } from './purge/due.ts'
import { settleByMarker } from './change/marker.ts'
import { sequenceOf } from './change/order.ts'
import { putBackRows } from './put-back/put-back.ts'
import { purgeBatch } from './purge/purge.ts'
import { countRedactions } from './disclose/redactions.ts'

/** A company's PostgreSQL database behind the contract of a source. */
export interface PostgresSource extends DataSource {
  readonly kind: 'postgres'
  readonly schedule: Schedule
}

const NO_CATALOG = (schema: string): Catalog => ({
  schema,
  tables: new Map(),
  foreign_keys: [],
  reactions: [],
  digest: '',
  counts_rows: false,
  utf8: true,
})

/**
 * Connects to a mapped database, as the role that reads and as the one that erases (the same when no second address is given), and reads its
 * schema; a SourceError, with everything closed, when it cannot be reached.
 */
export async function openPostgresSource(
  declaration: Named<SourceDeclaration>,
  policy: Policy,
  url: string,
  eraseUrl?: string,
): Promise<PostgresSource> {
  const { zone } = policy.controllers.get(declaration.controller ?? '') ?? policy.main
  const pool = openPool(declaration.id, url, { reads: true })
  const eraser = openPool(declaration.id, eraseUrl ?? url, { reads: false })
  const db: Database = { pool, eraser, declaration, policy, zone, catalog: NO_CATALOG(declaration.schema) }
  const close = async (): Promise<void> => void (await Promise.all([pool.end(), eraser.end()]))
  const refresh = async (): Promise<void> => {
    db.catalog = await withSession(db, '', (session) => readCatalog(session, declaration.schema))
  }
  const open = eraseUrl === undefined ? refresh() : refresh().then(() => reachEraser(db))
  await open.catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    kind: 'postgres',
    declaration,
    async check() {
      await refresh()
      return [...checkMapping(db), ...(await checkStrategies(db)), ...(await missingPrivileges(db))]
    },
    async drift(options) {
      await refresh()
      return driftOf(db, options)
    },
    find: (collection, openings) => findRows(db, collection, openings),
    disclose: (request) => discloseRows(db, request),
    redactions: (request) => countRedactions(db, request),
    shape: async (collection, columns) => shapeColumns(db, collection, columns),
    keys: (selection, limit, after) => readKeys(db, selection, limit, after),
    apply: (effect) => applyEffect(db, effect),
    settle: (step, batch) => settleByMarker(db, step, batch),
    misfit: (collection, column, value) => whyMisfits(db, collection, column, value),
    contacts: (selection) => readContacts(db, selection),
    count: (selection, matching) => countSelected(db, selection, matching),
    putBack: (copy) => putBackRows(db, copy),
    sequence: (changes) => sequenceOf(db, changes),
    schedule: {
      lastDue: (selection, request) => lastDueAt(db, selection, request),
      countDue: (request) => countDueRows(db, request),
      purge: (batch) => purgeBatch(db, batch),
    },
    close,
  }
}

async function reachEraser(db: Database): Promise<void> {
  await query(db, '', 'select', [], db.eraser).catch((error: unknown) => {
    if (!(error instanceof SourceError)) throw error
    throw new SourceError(
      db.declaration.id,
      '',
      error.cause_kind,
      `as the role that erases: ${error.message.replace(`${db.declaration.id}: `, '')}`,
    )
  })
}
