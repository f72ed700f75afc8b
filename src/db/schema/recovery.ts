import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { instant, key, sealed } from './columns.ts'
import { requests } from './requests.ts'

/** Rows of one collection as they were before a batch: `id` names the sealed file that holds them. */
export interface RecoveryPart {
  readonly id: string
  readonly collection: string
  readonly action: 'delete' | 'set'
  readonly columns: readonly string[]
  /** set: the strategies of the policy by column. */
  readonly set: Readonly<Record<string, unknown>>
  /** set: by what the person was known, sealed; only where a strategy goes by that. */
  readonly openings?: string
  readonly rows: number
}

/** What kept rows from being put back, never with a value: the constraint by its name, the rows by keyed digests of their primary keys. */
export interface RecoveryConflict {
  readonly collection: string
  readonly constraint: string
  readonly kind: 'taken' | 'changed' | 'gone' | 'parent_gone' | 'table_changed' | 'refused'
  readonly rows: number
  readonly digests: readonly string[]
}

/**
 * Sealed copies of what one batch of an erasure took, kept to repair the erasure of a wrong person (design.md §2). `unfinished` until the outcome
 * says that the batch took place, `void` when it did not.
 */
export const recoveryCopies = pgTable(
  'recovery_copies',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    step_id: key('step_id').notNull(),
    batch: integer('batch').notNull(),
    /** Of the worker who wrote it: a later one replaces it. */
    epoch: integer('epoch').notNull(),
    source: text('source').notNull(),
    key_id: key('key_id').notNull(),
    pseudonym_key: sealed('pseudonym_key'),
    state: text('state').$type<'unfinished' | 'void' | 'kept' | 'put_back' | 'destroyed' | 'expired'>().notNull(),
    parts: jsonb('parts').$type<readonly RecoveryPart[]>().notNull().default([]),
    made_at: instant('made_at').notNull(),
    expires_at: instant('expires_at').notNull(),
    /** Why the last attempt to put it back did nothing. */
    conflicts: jsonb('conflicts').$type<readonly RecoveryConflict[]>(),
    failure: text('failure'),
    ended_at: instant('ended_at'),
    /** When key and bytes were destroyed. */
    shredded_at: instant('shredded_at'),
  },
  (table) => [
    uniqueIndex('recovery_copies_attempt').on(table.step_id, table.batch, table.epoch),
    index('recovery_copies_request').on(table.request_id),
    index('recovery_copies_alive')
      .on(table.expires_at)
      .where(sql`shredded_at is null`),
  ],
)

/** What operators found on which a copy may be opened; two different people must have found the same. */
export const recoveryFindings = pgTable(
  'recovery_findings',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    operator_id: key('operator_id').notNull(),
    kind: text('kind').$type<'wrong_person' | 'impostor'>().notNull(),
    facts: sealed('facts').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [uniqueIndex('recovery_findings_once').on(table.request_id, table.operator_id, table.kind)],
)
