import type { Context } from '../../context.ts'
import { enqueue } from '../../outbox.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Identifiers } from '../../sources/source.ts'
import { parseAddress } from '../../security/address.ts'
import { setStandingFacts } from '../../standing/set-fact.ts'
import { verb } from '../../verb.ts'
import { openColumn } from '../sealed.ts'
import type { ClaimedStep } from './claim.ts'
import { finishStep } from './settle.ts'

/** Leaves the standing fact of a right behind: restriction, objection, opt-out; the company's systems ask for it from then on. */
export const recordStandingFact = verb(
  { name: 'recordStandingFact', permission: 'system', audit: 'step.done', quiet: true },
  async (ctx, claimed: ClaimedStep): Promise<void> => {
    const { step, request, body } = claimed
    const kind = RIGHT_TABLE[body.right].leaves
    if (kind === undefined || !(await finishStep(ctx, claimed))) return
    const purpose = body.scope['objection'] ?? (kind === 'consent_withdrawn' ? 'marketing' : 'all')
    const identifiers = await identifiersOf(ctx, claimed)
    await setStandingFacts(ctx, { kind, purpose, identifiers, case_reference: request.reference })
    await ctx.record('step.done', {
      case: request.reference,
      step: step.id,
      epoch: step.epoch,
      source: 'habeas',
      fact: kind,
      identifiers: identifiers.length,
    })
    await enqueue(ctx, 'advance_request', { request_id: request.id })
  },
)

/** Everything that means this person: what the walk has found for proven rights, the typed address for those without proof. */
async function identifiersOf(ctx: Context, { request, frozen }: ClaimedStep): Promise<{ kind: string; value: string }[]> {
  const found: Identifiers = frozen.identifiers
  const known = Object.entries(found).flatMap(([kind, values]) =>
    values.filter((value) => value.length === 1).map(([value = '']) => ({ kind, value })),
  )
  if (known.length > 0) return known
  const address = await openColumn(ctx, request, 'email')
  return address === null ? [] : [{ kind: 'email', value: parseAddress(address).address }]
}
