import { boolean, date, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant, key, sealed } from './columns.ts'

/** One right asked once by one requester. Personal data only in sealed columns and keyed lookups. */
export const requests = pgTable(
  'requests',
  {
    id: key('id').primaryKey(),
    reference: text('reference').notNull().unique(),
    right: text('right').notNull(),
    scope: jsonb('scope').$type<Record<string, string>>(),
    regime: text('regime').notNull(),
    candidate_regimes: text('candidate_regimes').array().notNull(),
    controller: text('controller').notNull(),
    state: text('state').notNull(),
    state_at: instant('state_at').notNull(),
    channel: text('channel').notNull(),
    locale: text('locale').notNull(),
    residence: text('residence'),
    key_id: key('key_id').notNull(),
    email: sealed('email'),
    email_lookup: text('email_lookup'),
    name: sealed('name'),
    postal_address: sealed('postal_address'),
    identifiers: sealed('identifiers'),
    details: sealed('details'),
    corrections: sealed('corrections'),
    requester_role: text('requester_role').notNull(),
    requester: sealed('requester'),
    opened_by: key('opened_by'),
    amended_by: key('amended_by').array().notNull().default([]),
    group_id: key('group_id').notNull(),
    repeat_of: key('repeat_of'),
    proof_method: text('proof_method'),
    proven_at: instant('proven_at'),
    proven: sealed('proven'),
    received_at: instant('received_at').notNull(),
    zone: text('zone').notNull(),
    first_reply_by: date('first_reply_by', { mode: 'string' }).notNull(),
    send_by: date('send_by', { mode: 'string' }).notNull(),
    enforce_by: date('enforce_by', { mode: 'string' }).notNull(),
    statutory_by: date('statutory_by', { mode: 'string' }).notNull(),
    due_at: instant('due_at').notNull(),
    explanation: jsonb('explanation').$type<string[]>().notNull(),
    reminders_at: jsonb('reminders_at').$type<{ kind: string; at: string }[]>().notNull(),
    extended_at: instant('extended_at'),
    extension_reason: text('extension_reason'),
    paused: boolean('paused').notNull().default(false),
    assignee: key('assignee'),
    plan_id: key('plan_id'),
    approvals_needed: integer('approvals_needed').notNull().default(0),
    approved_at: instant('approved_at'),
    cancel_until: instant('cancel_until'),
    delivery: text('delivery').notNull().default('link'),
    /** The ground on which no recovery copy may be kept, where a person has said so. */
    no_recovery: text('no_recovery'),
    outcome: text('outcome'),
    refusal_ground: text('refusal_ground'),
    refusal_facts: sealed('refusal_facts'),
    refusal_by: key('refusal_by'),
    reply_letter_id: key('reply_letter_id'),
    delivered_at: instant('delivered_at'),
    closed_at: instant('closed_at'),
  },
  (table) => [
    index('requests_due').on(table.due_at, table.id),
    index('requests_state').on(table.state, table.due_at),
    index('requests_email').on(table.email_lookup),
    index('requests_group').on(table.group_id),
  ],
)

/** Pauses of a clock (law.md §2.5, §2.6). */
export const pauses = pgTable(
  'pauses',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    reason: text('reason').notNull(),
    asked_at: instant('asked_at').notNull(),
    answered_at: instant('answered_at'),
  },
  (table) => [index('pauses_request').on(table.request_id)],
)

/** Codes that were mailed: argon2id hashes, ten minutes, five tries, single use. */
export const codes = pgTable(
  'codes',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    /** The cases that the mail with this code named: it proves these and no others. */
    proves: key('proves').array().notNull().default([]),
    hash: text('hash').notNull(),
    sent_at: instant('sent_at').notNull(),
    expires_at: instant('expires_at').notNull(),
    tries: integer('tries').notNull().default(0),
    spent_at: instant('spent_at'),
  },
  (table) => [index('codes_request').on(table.request_id, table.expires_at)],
)

/** Tokens that a typed code gave, for one request, thirty minutes; SHA-256 only. */
export const subjectTokens = pgTable(
  'subject_tokens',
  {
    hash: text('hash').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    code_typed_at: instant('code_typed_at').notNull(),
    expires_at: instant('expires_at').notNull(),
  },
  (table) => [index('subject_tokens_request').on(table.request_id)],
)

/** What a person was told, as sent; a code is never in it. */
export const letters = pgTable(
  'letters',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id').references(() => requests.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    key_id: key('key_id').notNull(),
    recipient: sealed('recipient').notNull(),
    recipient_lookup: text('recipient_lookup').notNull(),
    subject: text('subject').notNull(),
    text: sealed('text').notNull(),
    html: sealed('html').notNull(),
    with_code: boolean('with_code').notNull().default(false),
    proves: key('proves').array().notNull().default([]),
    created_at: instant('created_at').notNull(),
    /** A worker has it in hand; counted as sent, so that many at once do not send more than allowed. */
    claimed_at: instant('claimed_at'),
    sent_at: instant('sent_at'),
    withheld_at: instant('withheld_at'),
  },
  (table) => [index('letters_request').on(table.request_id), index('letters_recipient').on(table.recipient_lookup, table.created_at)],
)

/** Messages between the person and the operators, and internal notes. */
export const messages = pgTable(
  'messages',
  {
    id: key('id').primaryKey(),
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<'from_subject' | 'to_subject' | 'note'>().notNull(),
    author: text('author').notNull(),
    body: sealed('body').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [index('messages_request').on(table.request_id, table.at)],
)

/** Reminders that were sent, so that each goes once. */
export const reminders = pgTable(
  'reminders',
  {
    request_id: key('request_id')
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.request_id, table.kind] })],
)

/** References given to repeats of an open request: they lead to the one case, and nobody outside can tell the difference. */
export const requestAliases = pgTable('request_aliases', {
  reference: text('reference').primaryKey(),
  request_id: key('request_id')
    .notNull()
    .references(() => requests.id, { onDelete: 'cascade' }),
  received_at: instant('received_at').notNull(),
})
