import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { ConsoleErrorPage } from '../../web/console/error.tsx'
import { logFault, setFaultHeaders } from '../answer-problem.ts'
import { faultOf } from '../fault.ts'
import { sendPage } from '../pages.ts'
import { showError } from '../privacy-centre/error-page.ts'
import { openDesk } from './shell.ts'

/** Shows any error of a console page as a page; to somebody who is not signed in, as a public one. */
export async function showConsoleError(ctx: Context, error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const fault = faultOf(error)
  // Without the database there is no shell either.
  if (request.actor.kind !== 'operator' || fault.status >= 500) return showError(ctx, error, request, reply)
  logFault(error, fault, request)
  setFaultHeaders(fault, reply)
  const { shell } = await openDesk(ctx, request, reply)
  return sendPage(reply, ConsoleErrorPage({ shell, title: fault.title, sentence: fault.detail, instance: request.id }), fault.status)
}
