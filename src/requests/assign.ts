import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../db/schema/requests.ts'
import { operators } from '../db/schema/running.ts'
import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'
import { lockRequest } from './find.ts'
import type { RequestRow } from './transition.ts'

export const assignmentInput = z.strictObject({ operator: z.string().max(320).describe('id or e-mail address of the operator') })

/** Gives a case to an operator. */
export const assignRequest = verb(
  { name: 'assignRequest', permission: 'cases.work', audit: 'request.assigned' },
  async (ctx, { reference, operator }: { reference: string; operator: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    const staff = await ctx.db.select().from(operators)
    const found = staff.find((one) => (one.id === operator || one.email === operator) && one.disabled_at === null)
    if (found === undefined)
      throw new Refusal('invalid_input', [{ pointer: '/operator', detail: 'expected an operator of this installation' }])
    const [row] = await ctx.db.update(requests).set({ assignee: found.id }).where(eq(requests.id, request.id)).returning()
    await ctx.record('request.assigned', { case: reference, operator: found.id })
    return row ?? request
  },
)
