import type { FastifyInstance, FastifyRequest } from 'fastify'
import { actingAs, type Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import { authenticateOperator } from '../operators/authenticate.ts'
import { authenticateSubject } from '../requests/authenticate-subject.ts'
import type { Actor } from '../security/permissions.ts'
import { parseReference } from '../security/references.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** On whose behalf this request acts. */
    actor: Actor
  }
}

/** Gives every request an actor: nobody in particular, until a token says otherwise. */
export function knowCallers(app: FastifyInstance): void {
  // Set per request below: a shared default object must not be an own value of the prototype.
  app.decorateRequest('actor')
  app.addHook('onRequest', async (request) => {
    request.actor = { kind: 'public' }
  })
}

/** The context on behalf of whoever calls. */
export function contextOf(ctx: Context, request: FastifyRequest): Context {
  return actingAs({ ...ctx, log: ctx.log.child({ request: request.id }) }, request.actor)
}

/** Demands the token of an operator in the Authorization header. */
export function demandOperator(ctx: Context) {
  return async (request: FastifyRequest): Promise<void> => {
    const token = bearerOf(request)
    const actor = token === undefined ? undefined : await authenticateOperator(ctx, token)
    if (actor === undefined) throw new Refusal('unauthenticated')
    request.actor = actor
  }
}

/** Demands a subject's token; whose case it is, the verb looks at. */
export function demandSubject(ctx: Context) {
  return async (request: FastifyRequest): Promise<void> => {
    const token = bearerOf(request)
    const actor = token === undefined ? undefined : await authenticateSubject(ctx, token)
    if (actor === undefined) throw new Refusal('unauthenticated')
    request.actor = actor
  }
}

/** A reference in its one spelling; one that cannot be a reference stays as it was typed, and leads nowhere. */
export function spelled(reference: string): string {
  return parseReference(reference) ?? reference
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([\w-]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1]
}
