import type { FastifyReply, FastifyRequest } from 'fastify'
import { codesOf, faultOf, type Fault } from './fault.ts'

/** A problem as RFC 9457 has it; `type` leads to a page that explains the code, `instance` is the id under which the log knows the request. */
export function problemOf(fault: Fault, instance: string) {
  const { status, title, code, detail, errors } = fault
  return { type: `/problems/${code}`, title, status, detail, code, instance, ...(errors.length > 0 && { errors }) }
}

/** Answers any error of an API route with problem details; unforeseen ones are logged by class and code only, and show nothing. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault = faultOf(error)
  logFault(error, fault, request)
  return sendProblem(fault, request, reply)
}

/** Sends a problem with its status and headers. */
export function sendProblem(fault: Fault, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  setFaultHeaders(fault, reply)
  return reply.type('application/problem+json; charset=utf-8').send(JSON.stringify(problemOf(fault, request.id)))
}

/** Status, and the headers that belong to it, of a fault that is shown as a page or as problem details. */
export function setFaultHeaders(fault: Fault, reply: FastifyReply): void {
  void reply.code(fault.status)
  if (fault.retryAfter !== undefined) void reply.header('retry-after', fault.retryAfter)
  if (fault.status === 401) void reply.header('www-authenticate', 'Bearer')
}

/** Writes an unforeseen error down: its class and codes, never its message, which may quote somebody's data (security.md §5.13). */
export function logFault(error: unknown, fault: Fault, request: FastifyRequest): void {
  if (!fault.unforeseen) return
  const name = error instanceof Error ? error.name : typeof error
  request.log.error({ error: name, codes: codesOf(error), route: request.routeOptions.url, at: placeOf(error) }, 'request failed')
}

/** The innermost place in our own code, such as `requests/status.ts:40`. */
function placeOf(error: unknown): string | undefined {
  let inner: unknown = error
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  if (!(inner instanceof Error)) return undefined
  return /(?:src|dist)\/([\w./-]+:\d+)/.exec(inner.stack ?? '')?.[1]
}
