import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { Refusal, type FieldError } from '../../errors.ts'
import { isAllowed } from '../../security/permissions.ts'
import { listHolds } from '../../standing/list-holds.ts'
import { newHold, placeHold } from '../../standing/place-hold.ts'
import { releaseHold } from '../../standing/release-hold.ts'
import { HoldsPage } from '../../web/console/holds.tsx'
import { contextOf } from '../callers.ts'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { goTo, sendPage } from '../pages.ts'
import { openDesk, refusedFlash, savedFlash } from './shell.ts'

const SAVED = {
  placed: 'The hold binds from now on.',
  asked: 'A second person must agree; until then the hold binds.',
  released: 'The hold is released.',
}

interface Said {
  readonly saved?: string | undefined
  readonly refused?: string
  readonly values?: Record<string, string>
  readonly errors?: readonly FieldError[]
  readonly status?: number
}

/** Legal holds: those in force, the form for a new one, and the two steps of a release. */
export function holdPages(app: FastifyInstance, ctx: Context): void {
  app.get<{ Querystring: { saved?: string } }>('/console/holds', async (request, reply) =>
    show(request, reply, { saved: request.query.saved }),
  )

  app.post('/console/holds', async (request, reply) => {
    const fields = new FormFields(request.body)
    try {
      await placeHold(contextOf(ctx, request), readForm(fields))
      return goTo(reply, '/console/holds?saved=placed')
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'invalid') throw error
      return show(request, reply, { values: fields.values(), errors: fieldNames(error.errors), status: 400 })
    }
  })

  app.post<{ Params: { id: string } }>('/console/holds/:id/release', async (request, reply) => {
    try {
      const done = await releaseHold(contextOf(ctx, request), { id: request.params.id })
      return goTo(reply, `/console/holds?saved=${done}`)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'same_person') throw error
      return show(request, reply, { refused: 'You have asked for it yourself; a second person must agree.', status: 403 })
    }
  })

  async function show(request: FastifyRequest, reply: FastifyReply, said: Said): Promise<FastifyReply> {
    const desk = await openDesk(ctx, request, reply)
    const { data } = await listHolds(desk.ctx, { all: true, limit: 200 })
    const mayRelease = isAllowed(desk.ctx.actor, 'holds.release')
    const page = HoldsPage({
      shell: desk.shell,
      flash: said.refused === undefined ? savedFlash(said.saved, SAVED) : refusedFlash(said.refused, []),
      holds: data.map((hold) => ({
        ...hold,
        placed_by: desk.names.of(hold.placed_by),
        release_asked_by: hold.release_asked_by === null ? null : desk.names.of(hold.release_asked_by),
        may_release: mayRelease && hold.released_at === null,
      })),
      may_place: isAllowed(desk.ctx.actor, 'holds.place'),
      collections: [...ctx.policy.collections.keys()],
      values: said.values ?? {},
      errors: said.errors ?? [],
    })
    return sendPage(reply, page, said.status ?? 200)
  }
}

function readForm(fields: FormFields) {
  const scope = {
    ...fields.optional('subject'),
    ...fields.optional('account'),
    ...fields.optional('collection'),
    ...fields.optional('from'),
    ...fields.optional('to'),
  }
  const parsed = newHold.safeParse({
    matter: fields.text('matter'),
    reason: fields.text('reason'),
    scope,
    review_at: fields.text('review_at'),
  })
  if (!parsed.success) throw new Refusal('invalid_input', fieldErrors(parsed.error))
  return parsed.data
}

/** Pointers into the scope as names of the form; what is said of the scope as a whole stands at its first field. */
function fieldNames(errors: readonly FieldError[]): FieldError[] {
  return errors.map(({ pointer, detail }) => ({
    pointer: pointer === '/scope' ? '/subject' : pointer.replace(/^\/scope(?=\/)/, ''),
    detail,
  }))
}
