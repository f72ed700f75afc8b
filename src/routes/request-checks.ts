import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import { ProtocolError } from './fault.ts'

// One spelling of each type: parsers that read others differently have let bodies past their checks (security.md §1.1).
const CONTENT_TYPE =
  /^(application\/json|application\/x-www-form-urlencoded)(; ?charset=utf-8)?$|^multipart\/form-data; ?boundary=[\w'()+,./:=?"-]{1,120}$/i
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i

/** Refuses content types in odd spellings, and in demo mode every name that is not this machine's (against DNS rebinding). */
export function checkRequests(app: FastifyInstance, ctx: Context): void {
  app.addHook('onRequest', async (request) => {
    if (ctx.demo !== undefined && !LOOPBACK.test(request.headers.host ?? '')) throw new ProtocolError('misdirected')
    const type = request.headers['content-type']
    if (type !== undefined && !CONTENT_TYPE.test(type)) throw new ProtocolError('unsupported_media_type')
  })
}

/** Refuses forms that another site had the browser send; beside it every form carries a token. */
export function refuseCrossSite(ctx: Context, request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Refusal('cross_site')
  const { origin } = request.headers
  // Browsers write `null` here because our pages send no referrer; then the header above and the token decide.
  if (origin === undefined || origin === 'null') return
  if (origin !== new URL(ctx.publicUrl).origin && !sameHost(origin, request.headers.host)) throw new Refusal('cross_site')
}

function sameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}
