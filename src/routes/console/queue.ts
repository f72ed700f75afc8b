import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import { Refusal } from '../../errors.ts'
import { caseFilter, listCases } from '../../requests/list-cases.ts'
import type { QueueQuery } from '../../web/console/queue-query.ts'
import { QueuePage } from '../../web/console/queue.tsx'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { goTo, sendPage } from '../pages.ts'
import { caseOf } from './case-parts.ts'
import { openDesk } from './shell.ts'

const WEEK_MS = 7 * 86_400_000

/** The queue: every open case, soonest due first. */
export function queue(app: FastifyInstance, ctx: Context): void {
  app.get('/console', async (request, reply) => {
    // An admin settles things and sees no cases.
    if (request.actor.kind === 'operator' && request.actor.role === 'admin') return goTo(reply, '/console/data-map')
    const query = readQuery(new FormFields(request.query))
    const desk = await openDesk(ctx, request, reply)
    const { data, next_cursor } = await listCases(desk.ctx, filterOf(ctx, query))
    return sendPage(
      reply,
      QueuePage({ shell: desk.shell, cases: data.map((one) => caseOf(desk, one)), query, counts: desk.counts, next_cursor }),
    )
  })
}

function readQuery(fields: FormFields): QueueQuery {
  const due = fields.text('due')
  return {
    state: fields.text('state'),
    right: fields.text('right'),
    q: fields.text('q'),
    due: due === 'overdue' || due === 'week' ? due : '',
    after: fields.text('after'),
  }
}

function filterOf(ctx: Context, { state, right, q, due, after }: QueueQuery) {
  const now = ctx.clock.now().getTime()
  const parsed = caseFilter.safeParse({
    ...(state === '' && { open: 'true' }),
    ...(state !== '' && state !== 'any' && { state }),
    ...(right !== '' && { right }),
    ...(q !== '' && { q }),
    ...(after !== '' && { after }),
    ...(due !== '' && { due_before: new Date(due === 'week' ? now + WEEK_MS : now).toISOString() }),
  })
  if (!parsed.success) throw new Refusal('invalid_input', fieldErrors(parsed.error))
  return parsed.data
}
