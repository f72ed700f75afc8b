import { randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import { recoveryFindings } from '../../db/schema/recovery.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import type { RequestRow } from '../transition.ts'
import { agreedFinding, findingsOf, openCopies } from './copies.ts'
import { isErasedAgain } from './erased-again.ts'

export const recoveryInput = z.strictObject({
  finding: z.strictObject({
    kind: z
      .enum(['wrong_person', 'impostor'])
      .describe('whose data was erased: somebody else’s, or on the word of somebody who was not them'),
    facts: z.string().trim().min(20, 'expected what was found, in a sentence or more').max(5_000),
  }),
})

/** The case, and whether its copy is open now or one more person must find the same. */
export interface RecoveryAsked {
  readonly request: RequestRow
  readonly opened: boolean
}

/**
 * Writes down that an erasure hit the wrong person or was an impostor's. Alone that opens nothing; when a second person finds the same, and one
 * of the two is a `dpo`, the copy is opened and put back. Neither may have opened the case. Called again by either when something was in the
 * way, it tries again. `erased_again` while a later erasure stands that the same person has proven.
 */
export const openRecovery = verb(
  { name: 'openRecovery', permission: 'cases.approve', audit: ['recovery.found', 'recovery.opened'] },
  async (ctx, { reference, finding }: z.output<typeof recoveryInput> & { reference: string }): Promise<RecoveryAsked> => {
    if (ctx.actor.kind !== 'operator') throw new Refusal('permission_denied')
    const request = await lockRequest(ctx, reference)
    const { id: operator } = ctx.actor
    if (request.opened_by === operator) throw new Refusal('same_person')
    const copies = await openCopies(ctx, request)
    if (copies.length === 0) throw new Refusal('recovery_gone')
    if (await isErasedAgain(ctx, request)) throw new Refusal('erased_again')
    const before = await findingsOf(ctx, [request.id])
    const repeated = before.some((one) => one.operator_id === operator && one.kind === finding.kind)
    if (repeated && !copies.some(({ conflicts, failure }) => conflicts !== null || failure !== null)) throw new Refusal('same_person')
    if (!repeated) {
      const id = randomUUIDv7()
      const facts = await ctx.keys.seal(request.key_id, `recovery_findings.facts:${id}`, finding.facts)
      await ctx.db
        .insert(recoveryFindings)
        .values({ id, request_id: request.id, operator_id: operator, kind: finding.kind, facts, at: ctx.clock.now() })
      await ctx.record('recovery.found', { case: reference, finding: finding.kind })
    }
    const agreed = agreedFinding(await findingsOf(ctx, [request.id]))
    if (agreed === undefined) return { request, opened: false }
    await ctx.record('recovery.opened', { case: reference, finding: agreed, copies: copies.map(({ id }) => id) })
    await enqueue(ctx, 'put_back_copies', { request_id: request.id })
    return { request, opened: true }
  },
)
