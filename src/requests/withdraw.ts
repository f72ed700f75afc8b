import { Refusal } from '../errors.ts'
import { withdrawn } from '../letters/withdrawn.ts'
import { verb } from '../verb.ts'
import { composeLetter } from './compose-letter.ts'
import { ownRequest } from './find.ts'
import { letterCase } from './letter-case.ts'
import { WITHDRAWABLE } from './state.ts'
import { transitionIf, type RequestRow } from './transition.ts'

/** Takes a request back, until its work has begun; `too_late` from `carrying_out` on. */
export const withdrawRequest = verb(
  { name: 'withdrawRequest', permission: 'subject', audit: ['request.withdrawn', 'letter.composed'] },
  async (ctx, { reference }: { reference: string }): Promise<RequestRow> => {
    const request = await ownRequest(ctx, reference)
    const row = await transitionIf(ctx, request.id, 'withdrawn', {}, WITHDRAWABLE)
    if (row === undefined) throw new Refusal('too_late')
    await ctx.record('request.withdrawn', { case: row.reference })
    await composeLetter(ctx, row, 'withdrawn', withdrawn(letterCase(ctx, row)))
    return row
  },
)
