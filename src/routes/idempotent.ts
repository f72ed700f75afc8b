import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { actorName } from '../security/permissions.ts'
import { abandonIdempotent, beginIdempotent, finishIdempotent, type Ticket } from '../security/idempotency.ts'
import { networkOf } from '../security/rate-limit.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The right to give the one answer to this Idempotency-Key. */
    ticket: Ticket | undefined
  }
}

const KEPT_HEADERS = ['content-type', 'location']

/** Honours `Idempotency-Key` on every POST of the API for 24 hours a caller: the same call again gets the answer that was given (design.md §5). */
export function honourIdempotencyKeys(app: FastifyInstance, ctx: Context): void {
  app.decorateRequest('ticket', undefined)
  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    if (request.method !== 'POST' || typeof key !== 'string') return undefined
    const begun = await beginIdempotent(ctx, { caller: callerOf(request), key, body: `POST ${request.url}\n${request.rawText}` })
    if (!('status' in begun)) {
      request.ticket = begun
      return undefined
    }
    return reply
      .code(begun.status)
      .headers({ ...begun.headers, 'idempotent-replayed': 'true' })
      .send(begun.body)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    await settle(ctx, request, reply, payload)
    return payload
  })
}

async function settle(ctx: Context, request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
  const { ticket } = request
  if (ticket === undefined) return
  request.ticket = undefined
  const body = payload === undefined || payload === null ? '' : payload
  if (reply.statusCode >= 500 || reply.statusCode === 429 || typeof body !== 'string') return abandonIdempotent(ctx, ticket)
  const headers = Object.fromEntries(KEPT_HEADERS.flatMap((name) => pair(name, reply.getHeader(name))))
  await finishIdempotent(ctx, ticket, { status: reply.statusCode, headers, body })
}

function pair(name: string, value: unknown): [string, string][] {
  return typeof value === 'string' ? [[name, value]] : []
}

/** Whose keys these are: an operator's, a case's, or, for those who need nobody's leave, a network's. */
function callerOf(request: FastifyRequest): string {
  const { actor } = request
  if (actor.kind === 'subject') return `subject:${actor.requestId}`
  return actor.kind === 'public' ? `public:${networkOf(request.ip)}` : actorName(actor)
}
