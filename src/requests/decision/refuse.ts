import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../../db/schema/requests.ts'
import { Refusal } from '../../errors.ts'
import { groundsFor, type Ground } from '../../letters/grounds.ts'
import { refusal } from '../../letters/refusal.ts'
import type { Regime, Right } from '../../policy/schema.ts'
import { proofFor } from '../../policy/rights.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { lockRequest } from '../find.ts'
import { letterCase } from '../letter-case.ts'
import { openColumn, placeOf } from '../sealed.ts'
import { mayGo, type State } from '../state.ts'
import { transitionIf, type RequestRow } from '../transition.ts'

export const refusalInput = z.strictObject({
  ground: z.string().max(100),
  facts: z.string().trim().min(20, 'expected the facts of this case in a sentence or more').max(5_000),
})

/**
 * Refuses a request in whole: with a ground the law knows, the facts, the authority and the remedies (Art. 12(4) GDPR, law.md acceptance 37).
 * Reviewed like an erasure: where the policy has two people agree to one, the first call proposes and a second person's call with the same
 * ground refuses. Who has not been proven can only be told that we cannot identify them.
 */
export const refuseRequest = verb(
  { name: 'refuseRequest', permission: 'cases.decide', audit: ['request.refusal_proposed', 'request.refused', 'letter.composed'] },
  async (ctx, { reference, ground, facts }: z.output<typeof refusalInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    if (!mayGo(request.state as State, 'refused')) throw new Refusal('already_decided')
    const known = groundFor(request, ground)
    const proposer = request.refusal_ground === ground ? request.refusal_by : null
    const mine = ctx.actor.kind === 'operator' ? ctx.actor.id : ''
    if (proposer === mine) throw new Refusal('same_person')
    if (proposer === null && reviewers(ctx) > 1) return propose(ctx, request, ground, facts, mine)
    // The letter says what was proposed and reviewed, not what the second person typed.
    const agreed = proposer === null ? facts : ((await openColumn(ctx, request, 'refusal_facts')) ?? facts)
    return refuse(ctx, request, known, agreed)
  },
)

function groundFor(request: RequestRow, ground: string): Ground {
  const fitting = groundsOpenTo({ ...request, proven: request.proven_at !== null })
  const known = fitting.find(({ code }) => code === ground)
  if (known !== undefined) return known
  const codes = fitting.map(({ code }) => code).join(', ')
  throw new Refusal('forbidden_by_law', [
    { pointer: '/ground', detail: codes === '' ? 'the law knows no ground to refuse this' : `expected one of ${codes}` },
  ])
}

/** The grounds on which a case can be refused in whole, as it stands now. */
export function groundsOpenTo(one: {
  readonly right: string
  readonly regime: string
  readonly scope: Readonly<Record<string, string>> | null
  readonly proven: boolean
}): readonly Ground[] {
  const unproven = !one.proven && proofFor(one.right as Right, one.scope) === 'code'
  return groundsFor(one.right as Right, one.regime as Regime, one.scope).filter(
    ({ code, only_in_part }) => !only_in_part && (!unproven || UNPROVEN.includes(code)),
  )
}

/** Before proof nothing may be said of the person's data to whoever typed the address. */
const UNPROVEN = ['NOT_IDENTIFIABLE', 'CA_UNVERIFIABLE']

function reviewers(ctx: VerbContext): number {
  const rule = ctx.policy.decisions.approvals['erasure'] ?? 'one'
  return rule === 'two' || rule === 'risk_based' ? 2 : 1
}

async function propose(ctx: VerbContext, request: RequestRow, ground: string, facts: string, operator: string): Promise<RequestRow> {
  const sealed = await ctx.keys.seal(request.key_id, placeOf('refusal_facts', request.id), facts)
  const changes = { refusal_ground: ground, refusal_facts: sealed, refusal_by: operator }
  const [row] = await ctx.db.update(requests).set(changes).where(eq(requests.id, request.id)).returning()
  await ctx.record('request.refusal_proposed', { case: request.reference, ground })
  return row ?? request
}

async function refuse(ctx: VerbContext, request: RequestRow, ground: Ground, facts: string): Promise<RequestRow> {
  const letter = await composeLetter(ctx, request, 'refusal', refusal(letterCase(ctx, request), { ground, facts }))
  const refused = await transitionIf(ctx, request.id, 'refused', {
    outcome: 'refused',
    refusal_ground: ground.code,
    refusal_facts: await ctx.keys.seal(request.key_id, placeOf('refusal_facts', request.id), facts),
    reply_letter_id: letter ?? null,
  })
  if (refused === undefined) throw new Refusal('already_decided')
  await ctx.record('request.refused', { case: request.reference, ground: ground.code })
  return refused
}
