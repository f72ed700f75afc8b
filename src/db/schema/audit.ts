import { bigint, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

/** The append-only log. `body` is the canonical JSON (RFC 8785) of the entry, `hash` its RFC 6962 leaf hash, in hex. */
export const auditEntries = pgTable(
  'audit_entries',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant('at').notNull(),
    action: text('action').notNull(),
    actor: text('actor').notNull(),
    case_reference: text('case_reference'),
    body: text('body').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [index('audit_entries_case').on(table.case_reference, table.id), index('audit_entries_at').on(table.at)],
)

/** Gapless numbers of committed entries, given by the sequencer only. */
export const auditNumbers = pgTable('audit_numbers', {
  number: bigint('number', { mode: 'number' }).primaryKey(),
  entry_id: bigint('entry_id', { mode: 'number' }).notNull().unique(),
})

/**
 * Tree heads: size, root and the frontier from which the tree is extended. Every entry up to `settled_id` is numbered or never will be; the
 * same holds for `waiting_id` once the transactions in `waiting_for` have ended.
 */
export const auditRoots = pgTable('audit_roots', {
  tree_size: bigint('tree_size', { mode: 'number' }).primaryKey(),
  root: text('root').notNull(),
  frontier: text('frontier').array().notNull(),
  at: instant('at').notNull(),
  entries: integer('entries').notNull(),
  settled_id: bigint('settled_id', { mode: 'number' }).notNull().default(0),
  waiting_id: bigint('waiting_id', { mode: 'number' }).notNull().default(0),
  waiting_for: text('waiting_for').array().notNull().default([]),
})
