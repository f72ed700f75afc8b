import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { ErrorPage, NotFoundPage } from '../../web/privacy-centre/error.tsx'
import { logFault, setFaultHeaders } from '../answer-problem.ts'
import { faultOf } from '../fault.ts'
import { sendPage } from '../pages.ts'
import { publicShell } from './shell.ts'

/** Shows any error of a public page as a page. */
export function showError(ctx: Context, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault = faultOf(error)
  logFault(error, fault, request)
  setFaultHeaders(fault, reply)
  return sendPage(
    reply,
    ErrorPage({ shell: publicShell(ctx), title: fault.title, sentence: fault.detail, instance: request.id }),
    fault.status,
  )
}

/** Shows that an address leads nowhere. */
export function showNotFound(ctx: Context, reply: FastifyReply): FastifyReply {
  return sendPage(reply, NotFoundPage({ shell: publicShell(ctx) }), 404)
}
