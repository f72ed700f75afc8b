import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { instant, key, sealed } from './columns.ts'
import { requests } from './requests.ts'

/** Frozen plans; `body` is what was hashed (no values), `findings` stands beside it, `identities` is sealed. */
export const plans = pgTable(
  'plans',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    hash: text('hash').notNull(),
    policy_hash: text('policy_hash').notNull(),
    body: jsonb('body').notNull(),
    findings: jsonb('findings').notNull(),
    identities: sealed('identities').notNull(),
    made_at: instant('made_at').notNull(),
  },
  (table) => [index('plans_request').on(table.request_id, table.made_at)],
)

/** Answers to the questions of a plan; they go into the next plan's hash. */
export const answers = pgTable(
  'answers',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    question: text('question').notNull(),
    choice: text('choice').notNull(),
    operator_id: key('operator_id').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [uniqueIndex('answers_question').on(table.request_id, table.question)],
)

/** What people have changed about a plan; `body` goes into the next plan's hash, why in their words stays sealed. */
export const amendments = pgTable(
  'amendments',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<'leave_out' | 'keep' | 'add'>().notNull(),
    collection: text('collection').notNull(),
    body: jsonb('body').notNull(),
    reason: sealed('reason').notNull(),
    operator_id: key('operator_id').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [uniqueIndex('amendments_collection').on(table.request_id, table.collection, table.kind)],
)

/** Single texts that are left out of a copy because they are about other people; the key of the row is sealed. */
export const hiddenTexts = pgTable(
  'hidden_texts',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    collection: text('collection').notNull(),
    field: text('field').notNull(),
    row_digest: text('row_digest').notNull(),
    row_key: sealed('row_key').notNull(),
    operator_id: key('operator_id').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [uniqueIndex('hidden_texts_cell').on(table.request_id, table.collection, table.field, table.row_digest)],
)

/** Who agreed to which plan; the same person cannot agree twice. What was found to have outgrown the plan voids them, and they may agree anew. */
export const approvals = pgTable(
  'approvals',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    plan_hash: text('plan_hash').notNull(),
    operator_id: key('operator_id').notNull(),
    note: sealed('note'),
    at: instant('at').notNull(),
    voided_at: instant('voided_at'),
  },
  (table) => [
    uniqueIndex('approvals_once')
      .on(table.request_id, table.plan_hash, table.operator_id)
      .where(sql`${table.voided_at} is null`),
  ],
)

/** Units of a plan at one source; `epoch` fences workers that come back from the dead. */
export const steps = pgTable(
  'steps',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    plan_id: key('plan_id').notNull(),
    kind: text('kind').$type<'apply' | 'record' | 'task' | 'archive'>().notNull(),
    source: text('source').notNull(),
    position: integer('position').notNull(),
    /** Collections of the source that the step is about; null: all that the plan has there. */
    collections: text('collections').array(),
    /** Steps that must be done before it begins. */
    waits_for: key('waits_for').array().notNull().default([]),
    state: text('state').$type<'ready' | 'running' | 'parked' | 'done'>().notNull(),
    epoch: integer('epoch').notNull().default(0),
    attempts: integer('attempts').notNull().default(0),
    parked_reason: text('parked_reason'),
    done_at: instant('done_at'),
  },
  (table) => [index('steps_request').on(table.request_id)],
)

/**
 * What is about to be done at a source, written before it is done; settled by the outcome. `keys` are the primary keys of a batch of many, sealed
 * under the key of the request: a retry takes the same ones; once settled only the last is kept, and none when the step is done.
 */
export const intents = pgTable(
  'intents',
  {
    id: key('id').primaryKey(),
    step_id: key('step_id').notNull(),
    epoch: integer('epoch').notNull(),
    batch: integer('batch').notNull(),
    predicate: jsonb('predicate').notNull(),
    key_digests: text('key_digests').array().notNull(),
    expected: jsonb('expected').$type<Record<string, number>>().notNull(),
    made_at: instant('made_at').notNull(),
    settled_at: instant('settled_at'),
    confirmed_by: text('confirmed_by'),
    rows: jsonb('rows').$type<Record<string, number>>(),
    left: jsonb('left').$type<Record<string, number>>(),
    keys: sealed('keys'),
  },
  (table) => [uniqueIndex('intents_batch').on(table.step_id, table.batch)],
)

/** Signed statements of what a step or a run really did: counts, hashes, times, never values. */
export const receipts = pgTable(
  'receipts',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id').references(() => requests.id, { onDelete: 'cascade' }),
    step_id: key('step_id'),
    run_id: key('run_id'),
    body: jsonb('body').$type<Record<string, unknown>>().notNull(),
    hash: text('hash').notNull(),
    signature: text('signature').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [index('receipts_request').on(table.request_id), index('receipts_run').on(table.run_id)],
)

/** Work for people: a search in a manual source, or a recipient to be told (Art. 19 GDPR). */
export const tasks = pgTable(
  'tasks',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    step_id: key('step_id'),
    /** search: the plan that says about whom it was; the answer holds for these people and no others. */
    plan_id: key('plan_id'),
    kind: text('kind').$type<'search' | 'notice'>().notNull().default('search'),
    source: text('source').notNull(),
    instructions: text('instructions').notNull(),
    /** notice: where an organisation is written to. */
    contact: sealed('contact'),
    due_at: instant('due_at').notNull(),
    state: text('state').$type<'open' | 'answered'>().notNull(),
    found: boolean('found'),
    answer: sealed('answer'),
    file_name: sealed('file_name'),
    file: sealed('file'),
    /** A table that was found, as CSV with a header line. */
    rows: sealed('rows'),
    /** Code of the ground on which what was found, or a part of it, is kept back, and what the reply says of it. */
    ground: text('ground'),
    facts: sealed('facts'),
    /** The operator who is asked; nobody: whoever may answer. */
    assignee: key('assignee'),
    answered_by: key('answered_by'),
    answered_at: instant('answered_at'),
  },
  (table) => [index('tasks_state').on(table.state, table.due_at), index('tasks_request').on(table.request_id)],
)

/** Archives that were built; the bytes lie sealed in the store until `expires_at`. */
export const archives = pgTable(
  'archives',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    part: integer('part').notNull(),
    key_id: key('key_id').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    sha256: text('sha256').notNull(),
    manifest: jsonb('manifest').$type<Record<string, unknown>>().notNull(),
    built_at: instant('built_at').notNull(),
    released_at: instant('released_at'),
    expires_at: instant('expires_at').notNull(),
    downloads: integer('downloads').notNull().default(0),
    erased_at: instant('erased_at'),
  },
  (table) => [index('archives_request').on(table.request_id), index('archives_expiry').on(table.expires_at)],
)
