import { z } from 'zod'
import { day, instant } from './api.ts'
import { state } from './request-shapes.ts'

const question = z.object({ id: z.string(), kind: z.string(), text: z.string(), choices: z.array(z.string()) })

/** A case as operators see it. */
export const caseAnswer = z
  .object({
    reference: z.string(),
    right: z.string(),
    scope: z.record(z.string(), z.string()),
    regime: z.string(),
    controller: z.string(),
    state,
    paused: z.boolean(),
    channel: z.string(),
    received_at: instant,
    due_at: instant.describe('the instant at which enforce_by ends'),
    first_reply_by: day,
    send_by: day,
    enforce_by: day,
    statutory_by: day,
    extended: z.boolean(),
    assignee: z.string().nullable(),
    subject: z
      .object({
        email: z.string().nullable(),
        name: z.string().nullable(),
        proven_by: z.string().nullable(),
        proven_at: instant.nullable(),
      })
      .describe('masked'),
    plan_hash: z.string().nullable(),
    approvals: z.array(z.object({ by: z.string(), at: instant })),
    approvals_needed: z.int(),
    questions: z.array(question),
    steps: z.object({ total: z.int(), done: z.int(), parked: z.int() }),
    archives: z.array(z.object({ part: z.int(), bytes: z.int(), sha256: z.string(), released: z.boolean(), erased: z.boolean() })),
    cancel_until: instant.nullable(),
    refusal_proposed: z
      .object({ ground: z.string(), by: z.string() })
      .nullable()
      .describe('a refusal that a second person has to agree to'),
    recovery: z
      .object({
        state: z.enum(['kept', 'found', 'opened', 'blocked', 'put_back', 'destroyed', 'expired']),
        until: instant,
        rows: z.record(z.string(), z.int()).describe('by collection'),
        findings: z.array(z.object({ kind: z.string(), by: z.string(), at: instant })),
        conflicts: z
          .array(
            z.object({
              collection: z.string(),
              constraint: z.string(),
              kind: z.enum(['taken', 'changed', 'gone', 'parent_gone', 'table_changed', 'refused']),
              rows: z.int(),
              digests: z.array(z.string()).describe('keyed digests of primary keys, at most twenty'),
            }),
          )
          .describe('what is in the way of putting it back; nothing was done in that source'),
        failure: z.string().nullable(),
      })
      .nullable()
      .describe('the sealed copy that can repair the erasure of a wrong person'),
    outcome: z.string().nullable(),
    closed_at: instant.nullable(),
  })
  .meta({ id: 'Case' })

/** Exactly what would be done; never a value. */
export const planAnswer = z
  .object({
    hash: z.string(),
    made_at: instant,
    policy: z.string().describe('hash of the compiled policy'),
    right: z.string(),
    scope: z.record(z.string(), z.string()),
    regime: z.string(),
    identities: z.array(z.object({ kind: z.string(), masked: z.string(), proven_by: z.string() })),
    searched: z.array(
      z.object({
        source: z.string(),
        label: z.string(),
        kind: z.string(),
        skipped: z.literal(true).optional().describe('nobody is asked: people stand there under identifiers of which this person has none'),
      }),
    ),
    items: z.array(
      z.object({
        source: z.string(),
        collection: z.string(),
        category: z.string(),
        action: z.enum(['disclose', 'change', 'erase', 'keep', 'detach', 'forward', 'notify']),
        rows: z.int(),
        fields: z.array(z.string()),
        withheld: z.array(z.object({ field: z.string(), type: z.string() })),
        reason: z.string(),
        whose: z.literal('shared').optional().describe('rows that are also somebody else’s, added by decision'),
        keep: z.object({ basis: z.string(), statute: z.string(), jurisdiction: z.string(), until: z.string() }).optional(),
      }),
    ),
    recipients: z.array(z.object({ recipient: z.string(), name: z.string(), notice: z.string() })),
    questions: z.array(question),
    answers: z.record(z.string(), z.string()),
    amendments: z.array(
      z.object({
        kind: z.enum(['leave_out', 'keep', 'add']),
        collection: z.string(),
        fields: z.array(z.string()),
        ground: z.object({ code: z.string(), article: z.string(), sentence: z.string() }).optional(),
        keep: z.object({ basis: z.string(), statute: z.string(), jurisdiction: z.string(), until: z.string() }).optional(),
      }),
    ),
    hidden: z
      .array(z.object({ collection: z.string(), field: z.string(), cells: z.int(), digest: z.string() }))
      .describe('single texts left out of a copy because they are about other people'),
    approvals: z.string(),
    left_out: z.record(z.string(), z.int()).describe("rows that are also somebody else's, by collection"),
    copies: z.record(z.string(), z.int()).describe('rows in which the old value of a correction stands elsewhere, by collection.column'),
    paths: z.record(z.string(), z.array(z.string())).describe('how each collection was reached'),
    limits: z.object({
      factor: z.number(),
      plus: z.int(),
      rows_per_collection: z.int(),
      rows_per_source: z.int(),
      rows_per_transaction: z.int(),
    }),
  })
  .meta({ id: 'Plan' })

/** An entry of the log about one case. */
export const eventAnswer = z
  .object({ at: instant, event: z.string(), actor: z.string(), detail: z.record(z.string(), z.unknown()) })
  .meta({ id: 'CaseEvent' })

/** A signed statement of what was done. */
export const receiptAnswer = z
  .object({ id: z.string(), at: instant, hash: z.string(), signature: z.string(), body: z.record(z.string(), z.unknown()) })
  .meta({ id: 'Receipt' })

/** A task of a system that only a person can search. */
export const taskAnswerShape = z
  .object({
    id: z.string(),
    case: z.string(),
    right: z.string(),
    kind: z.enum(['search', 'notice']).describe('search: look into a system; notice: tell a recipient (Art. 19 GDPR)'),
    source: z.string(),
    instructions: z.string(),
    contact: z.string().nullable().optional().describe('one task: where an organisation is written to'),
    due_at: instant,
    state: z.enum(['open', 'answered']),
    found: z.boolean().nullable(),
    ground: z.string().nullable().describe('code of the ground on which what was found, or a part of it, is kept back'),
    assignee: z.string().nullable().describe('id of the operator who is asked; null: whoever may answer'),
    answered_at: instant.nullable(),
    answered_by: z.string().nullable(),
  })
  .meta({ id: 'Task' })
