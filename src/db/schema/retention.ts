import { sql } from 'drizzle-orm'
import { bigint, boolean, date, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { instant, key } from './columns.ts'

/** One execution of one rule. Scheduled runs happen once for a rule and local date. */
export const retentionRuns = pgTable(
  'retention_runs',
  {
    id: key('id').primaryKey(),
    batch_id: key('batch_id').notNull(),
    rule: text('rule').notNull(),
    local_date: date('local_date', { mode: 'string' }).notNull(),
    trigger: text('trigger').$type<'schedule' | 'operator'>().notNull(),
    mode: text('mode').$type<'observe' | 'enforce'>().notNull(),
    state: text('state').$type<'running' | 'waiting' | 'stopped' | 'failed' | 'done'>().notNull(),
    waits_for: text('waits_for'),
    policy_hash: text('policy_hash').notNull(),
    cutoff: instant('cutoff').notNull(),
    due: bigint('due', { mode: 'number' }).notNull().default(0),
    done: bigint('done', { mode: 'number' }).notNull().default(0),
    held: bigint('held', { mode: 'number' }).notNull().default(0),
    batches: integer('batches').notNull().default(0),
    oldest_left: text('oldest_left'),
    failure: text('failure'),
    epoch: integer('epoch').notNull().default(0),
    started_by: key('started_by'),
    confirmed_by: key('confirmed_by'),
    started_at: instant('started_at').notNull(),
    finished_at: instant('finished_at'),
  },
  (table) => [
    uniqueIndex('retention_runs_once')
      .on(table.rule, table.local_date)
      .where(sql`trigger = 'schedule'`),
    index('retention_runs_batch').on(table.batch_id),
    index('retention_runs_started').on(table.started_at),
  ],
)

/** The ledger: an intent row a batch before it runs, settled by what happened. */
export const retentionBatches = pgTable(
  'retention_batches',
  {
    run_id: key('run_id')
      .notNull()
      .references(() => retentionRuns.id, { onDelete: 'cascade' }),
    batch: integer('batch').notNull(),
    made_at: instant('made_at').notNull(),
    rows: integer('rows'),
    along: jsonb('along').$type<Record<string, number>>(),
    range_from: text('range_from'),
    range_to: text('range_to'),
    confirmed_by: text('confirmed_by'),
    settled_at: instant('settled_at'),
  },
  (table) => [primaryKey({ columns: [table.run_id, table.batch] })],
)

/** Rules whose first enforced run a person has confirmed, for this policy's wording of the rule. */
export const confirmedRules = pgTable(
  'confirmed_rules',
  {
    rule: text('rule').notNull(),
    rule_hash: text('rule_hash').notNull(),
    confirmed_by: key('confirmed_by'),
    by_demo: boolean('by_demo').notNull().default(false),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.rule, table.rule_hash] })],
)

/**
 * Keyed digests of erased root rows: all that a replay after a restore uses. A row counts as erased when it stands here later than in
 * `put_back_ledger`.
 */
export const erasureLedger = pgTable(
  'erasure_ledger',
  {
    digest: text('digest').notNull(),
    source: text('source').notNull(),
    collection: text('collection').notNull(),
    erased_at: instant('erased_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.collection, table.digest, table.erased_at] })],
)

/** Root rows that were put back, because their erasure had hit the wrong person: a replay must not erase them again. */
export const putBackLedger = pgTable(
  'put_back_ledger',
  {
    digest: text('digest').notNull(),
    source: text('source').notNull(),
    collection: text('collection').notNull(),
    put_back_at: instant('put_back_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.collection, table.digest, table.put_back_at] })],
)
