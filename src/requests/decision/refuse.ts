import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import { groundsFor } from '../../letters/grounds.ts'
import { refusal } from '../../letters/refusal.ts'
import type { Regime, Right } from '../../policy/schema.ts'
import { verb } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { lockRequest } from '../find.ts'
import { letterCase } from '../letter-case.ts'
import { placeOf } from '../sealed.ts'
import { transitionIf, type RequestRow } from '../transition.ts'

export const refusalInput = z.strictObject({
  ground: z.string().max(100),
  facts: z.string().trim().min(20, 'expected the facts of this case in a sentence or more').max(5_000),
})

/** Refuses a request in whole: with a ground the law knows, the facts, the authority and the remedies (Art. 12(4) GDPR, law.md acceptance 37). */
export const refuseRequest = verb(
  { name: 'refuseRequest', permission: 'cases.decide', audit: ['request.refused', 'letter.composed'] },
  async (ctx, { reference, ground, facts }: z.output<typeof refusalInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    const fitting = groundsFor(request.right as Right, request.regime as Regime, request.scope).filter(({ only_in_part }) => !only_in_part)
    const known = fitting.find(({ code }) => code === ground)
    if (known === undefined) {
      const detail =
        fitting.length === 0 ? 'the law knows no ground to refuse this' : `expected one of ${fitting.map(({ code }) => code).join(', ')}`
      throw new Refusal('forbidden_by_law', [{ pointer: '/ground', detail }])
    }
    const letter = await composeLetter(ctx, request, 'refusal', refusal(letterCase(ctx, request), { ground: known, facts }))
    const changes = {
      outcome: 'refused',
      refusal_ground: ground,
      refusal_facts: await ctx.keys.seal(request.key_id, placeOf('refusal_facts', request.id), facts),
      reply_letter_id: letter ?? null,
    }
    const refused = await transitionIf(ctx, request.id, 'refused', changes)
    if (refused === undefined) throw new Refusal('already_decided')
    await ctx.record('request.refused', { case: reference, ground })
    return refused
  },
)
