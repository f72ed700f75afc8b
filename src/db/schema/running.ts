import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant, key } from './columns.ts'

/** Jobs to ring for, written in the transaction that wants them; `payload` holds ids only. */
export const outbox = pgTable(
  'outbox',
  {
    id: key('id').primaryKey(),
    name: text('name').notNull(),
    payload: jsonb('payload').$type<Record<string, string>>().notNull(),
    not_before: instant('not_before').notNull(),
    rings: integer('rings').notNull().default(0),
    rung_at: instant('rung_at'),
    done_at: instant('done_at'),
    failure: text('failure'),
  },
  (table) => [
    index('outbox_open')
      .on(table.not_before)
      .where(sql`done_at is null`),
    index('outbox_done').on(table.done_at),
  ],
)

/** Compiled policies by hash: what was approved stays readable after the files change. */
export const policies = pgTable('policies', {
  hash: text('hash').primaryKey(),
  document: jsonb('document').notNull(),
  stored_at: instant('stored_at').notNull(),
})

/** Answers to POSTs with an Idempotency-Key; the body only as a keyed digest. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    caller: text('caller').notNull(),
    key: text('key').notNull(),
    request_digest: text('request_digest').notNull(),
    status: integer('status'),
    headers: jsonb('headers').$type<Record<string, string>>(),
    answer: text('answer'),
    started_at: instant('started_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.caller, table.key] }), index('idempotency_keys_age').on(table.started_at)],
)

/** Counters of the rate limiter: a key is a keyed digest, a window starts at `window_at`. */
export const rateLimits = pgTable(
  'rate_limits',
  {
    key: text('key').notNull(),
    window_at: instant('window_at').notNull(),
    hits: bigint('hits', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.key, table.window_at] })],
)

/** Staff. */
export const operators = pgTable('operators', {
  id: key('id').primaryKey(),
  email: text('email').notNull().unique(),
  role: text('role').$type<'caseworker' | 'dpo' | 'auditor' | 'admin'>().notNull(),
  grants: text('grants').array().notNull().default([]),
  added_at: instant('added_at').notNull(),
  disabled_at: instant('disabled_at'),
})

/** Secrets of operators: API tokens, one-time sign-in links, sessions of the console; SHA-256 only. */
export const operatorSecrets = pgTable(
  'operator_secrets',
  {
    hash: text('hash').primaryKey(),
    operator_id: key('operator_id')
      .notNull()
      .references(() => operators.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<'token' | 'link' | 'session'>().notNull(),
    made_at: instant('made_at').notNull(),
    used_at: instant('used_at'),
    expires_at: instant('expires_at').notNull(),
    ended_at: instant('ended_at'),
  },
  (table) => [index('operator_secrets_operator').on(table.operator_id)],
)
