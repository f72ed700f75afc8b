import { z } from 'zod'
import { STATES, type State } from '../../requests/state.ts'
import { day, instant } from './api.ts'

/** Where a request stands. */
export const state = z.enum(Object.keys(STATES) as [State, ...State[]]).meta({ id: 'State' })

/** What a requester is told at once, known or not. */
export const receivedAnswer = z
  .object({
    reference: z.string(),
    references: z.array(z.string()).optional().describe('one a right, when several were asked'),
    state: z.literal('received'),
    received_at: instant,
    due_at: instant,
    status_url: z.string(),
  })
  .meta({ id: 'Received' })

/** The token a code gives. */
export const proofAnswer = z.object({ token: z.string(), expires_at: instant }).meta({ id: 'Proof' })

/** A case as its person sees it. */
export const statusAnswer = z
  .object({
    reference: z.string(),
    right: z.string(),
    regime: z.string(),
    state,
    received_at: instant,
    due_at: instant,
    extended: z.boolean(),
    cancel_until: instant.optional(),
    timeline: z.array(z.object({ at: instant, event: z.string(), text: z.string() })),
    outcome: z.enum(['granted', 'partly', 'refused', 'nothing_held']).optional(),
    reply: z.object({ text: z.string(), html_url: z.string(), pdf_url: z.string().optional() }).optional(),
    kept: z.array(z.object({ category: z.string(), basis: z.string(), statute: z.string(), until: day })).optional(),
    remedies: z.array(z.string()).optional(),
    needs: z.array(z.string()).optional(),
    archives: z.array(z.object({ part: z.int(), bytes: z.int(), sha256: z.string(), expires_at: instant })).optional(),
    recovery_copy: z
      .object({ until: instant, categories: z.array(z.string()) })
      .optional()
      .describe('a sealed copy of what was erased, kept to repair the erasure of a wrong person; you can have it destroyed'),
  })
  .meta({ id: 'Status' })

/** A message between the person and the company, as the person reads it. */
export const messageAnswer = z
  .object({ id: z.string(), from: z.enum(['you', 'us']), text: z.string(), at: instant })
  .meta({ id: 'Message' })
