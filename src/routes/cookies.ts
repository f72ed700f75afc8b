import type { CookieSerializeOptions } from '@fastify/cookie'
import cookie from '@fastify/cookie'
import csrf from '@fastify/csrf-protection'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'

/** A cookie of ours: what it is for, and how long a browser keeps it; `strict` ones do not come along from another site's link. */
interface Session {
  readonly name: 'status' | 'console'
  readonly sameSite: 'lax' | 'strict'
  readonly seconds: number
}

/** Opens one request for its person, as long as the token in it lives; comes along when they click the link in our mail. */
export const STATUS_SESSION: Session = { name: 'status', sameSite: 'lax', seconds: 30 * 60 }
/** Opens the console; idle and absolute ends are kept by the server. */
export const CONSOLE_SESSION: Session = { name: 'console', sameSite: 'strict', seconds: 8 * 3600 }

/** Cookies, and the token every form carries beside them. On https names are prefixed `__Host-`, which no other host can set. */
export async function useCookies(app: FastifyInstance, ctx: Context): Promise<void> {
  await app.register(cookie)
  await app.register(csrf, {
    cookieKey: nameOf(ctx, 'csrf'),
    cookieOpts: { ...fixed(ctx), sameSite: 'strict' },
    getToken: (request) => tokenIn(request.body),
  })
}

/** The secret in a session's cookie. */
export function readSession(ctx: Context, request: FastifyRequest, session: Session): string | undefined {
  return request.cookies[nameOf(ctx, session.name)]
}

/** Gives the browser a session. */
export function startSession(ctx: Context, reply: FastifyReply, session: Session, secret: string): void {
  void reply.setCookie(nameOf(ctx, session.name), secret, { ...fixed(ctx), sameSite: session.sameSite, maxAge: session.seconds })
}

/** Takes a session from the browser; the server ends it apart from that. */
export function dropSession(ctx: Context, reply: FastifyReply, session: Session): void {
  void reply.clearCookie(nameOf(ctx, session.name), { ...fixed(ctx), sameSite: session.sameSite })
}

function fixed(ctx: Context): CookieSerializeOptions {
  return { path: '/', httpOnly: true, secure: isHttps(ctx) }
}

function nameOf(ctx: Context, name: string): string {
  return isHttps(ctx) ? `__Host-habeas-${name}` : `habeas-${name}`
}

function isHttps(ctx: Context): boolean {
  return ctx.publicUrl.startsWith('https:')
}

/** The `_csrf` field of a form; in a multipart one it is a part. */
function tokenIn(body: unknown): string | undefined {
  const field = typeof body === 'object' && body !== null && '_csrf' in body ? body['_csrf'] : undefined
  const value = typeof field === 'object' && field !== null && 'value' in field ? field.value : field
  return typeof value === 'string' ? value : undefined
}
