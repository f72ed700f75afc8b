import { index, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { instant, key, sealed } from './columns.ts'

/** Restrictions, objections, preferences, suppressions: they outlive the case that set them. One row an identifier. */
export const standingFacts = pgTable(
  'standing_facts',
  {
    id: key('id').primaryKey(),
    kind: text('kind').$type<'restriction' | 'objection' | 'opt_out' | 'limit' | 'consent_withdrawn' | 'suppression'>().notNull(),
    purpose: text('purpose').notNull(),
    identifier_kind: text('identifier_kind').notNull(),
    identifier_lookup: text('identifier_lookup').notNull(),
    key_id: key('key_id').notNull(),
    identifier: sealed('identifier').notNull(),
    case_reference: text('case_reference').notNull(),
    set_at: instant('set_at').notNull(),
    lifted_at: instant('lifted_at'),
  },
  (table) => [index('standing_facts_lookup').on(table.identifier_lookup)],
)

/** Legal holds: bind at once on one word, released by two people. */
export const holds = pgTable('holds', {
  id: key('id').primaryKey(),
  matter: text('matter').notNull(),
  reason: text('reason').notNull(),
  key_id: key('key_id').notNull(),
  scope: sealed('scope').notNull(),
  scope_shown: jsonb('scope_shown').$type<Record<string, string>>().notNull(),
  review_at: instant('review_at').notNull(),
  placed_by: key('placed_by').notNull(),
  placed_at: instant('placed_at').notNull(),
  release_asked_by: key('release_asked_by'),
  release_asked_at: instant('release_asked_at'),
  released_by: key('released_by'),
  released_at: instant('released_at'),
})
