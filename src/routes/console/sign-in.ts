import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Context } from '../../context.ts'
import { Refusal, type FieldError } from '../../errors.ts'
import { authenticateOperator } from '../../operators/authenticate.ts'
import { endSession } from '../../operators/end-session.ts'
import { signInWithLink, signInWithToken } from '../../operators/sign-in.ts'
import type { IssuedSecret } from '../../operators/secrets.ts'
import { isToken } from '../../security/tokens.ts'
import { SignInPage } from '../../web/console/sign-in.tsx'
import { contextOf } from '../callers.ts'
import { CONSOLE_SESSION, dropSession, readSession, startSession } from '../cookies.ts'
import { FormFields } from '../form-fields.ts'
import { countNetwork, type Limits } from '../limits.ts'
import { goTo, sendPage } from '../pages.ts'
import { demoNotice } from '../privacy-centre/shell.ts'
import { LinkPage } from './link-page.tsx'

/** An operator of the demonstration, one click away. */
export interface DemoOperator {
  readonly email: string
  readonly role: string
  readonly token: string
}

const REFUSED = [{ pointer: '/token', detail: 'This token does not open anything: wrong, used up or expired.' }]

/** The door of the console: a token, or a one-time link whose page must be answered, because scanners open links (security.md T22). */
export function signIn(app: FastifyInstance, ctx: Context, limits: Limits, demoOperators: readonly DemoOperator[]): void {
  app.get<{ Querystring: { token?: string } }>('/console/sign-in', async (request, reply) => {
    const link = request.query.token
    if (link !== undefined && isToken(link))
      return sendPage(reply, LinkPage({ company: ctx.policy.main.name, csrf: reply.generateCsrf(), link }))
    return showSignIn(reply, [])
  })

  app.post('/console/sign-in', async (request, reply) => {
    await countNetwork(ctx, limits, request, 'sign_in_by_network')
    const fields = new FormFields(request.body)
    const session = await open(contextOf(ctx, request), fields)
    if (session === undefined) return showSignIn(reply, REFUSED)
    startSession(ctx, reply, CONSOLE_SESSION, session.token)
    return goTo(reply, '/console')
  })

  app.post('/console/sign-out', async (request, reply) => {
    const secret = readSession(ctx, request, CONSOLE_SESSION)
    if (secret !== undefined) await endSession(contextOf(ctx, request), { token: secret })
    dropSession(ctx, reply, CONSOLE_SESSION)
    void reply.header('clear-site-data', '"cache", "storage"')
    return goTo(reply, '/console/sign-in')
  })

  function showSignIn(reply: FastifyReply, errors: readonly FieldError[]): FastifyReply {
    const page = SignInPage({
      company: ctx.policy.main.name,
      csrf: reply.generateCsrf(),
      demo: demoNotice(ctx),
      demo_operators: demoOperators,
      errors,
    })
    return sendPage(reply, page, errors.length > 0 ? 403 : 200)
  }
}

/** Lets in whoever holds the session of an operator; everybody else is shown the door. */
export function demandSession(app: FastifyInstance, ctx: Context): void {
  app.addHook('onRequest', async (request, reply) => {
    const secret = readSession(ctx, request, CONSOLE_SESSION)
    const actor = secret === undefined ? undefined : await authenticateOperator(ctx, secret)
    if (actor === undefined) return goTo(reply, '/console/sign-in')
    request.actor = actor
    return undefined
  })
}

/** A session for the link or the token that was sent; a link that was typed into the field for tokens is a link all the same. */
async function open(ctx: Context, fields: FormFields): Promise<IssuedSecret | undefined> {
  const link = fields.text('link')
  if (link !== '') return orNothing(signInWithLink(ctx, { token: link }))
  const token = fields.text('token')
  return (await orNothing(signInWithToken(ctx, { token }))) ?? (isToken(token) ? orNothing(signInWithLink(ctx, { token })) : undefined)
}

async function orNothing(session: Promise<IssuedSecret>): Promise<IssuedSecret | undefined> {
  try {
    return await session
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'unauthenticated') return undefined
    throw error
  }
}
