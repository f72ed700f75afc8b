import { LogController, type FastifyReply, type FastifyRequest } from 'fastify'
import { codesOf } from './fault.ts'

/**
 * What the log says of a request: method, route pattern, status, time, codes of errors. Never the address itself, which holds references, nor
 * headers, queries, bodies or messages of drivers (ASVS 16.2.5); every line the framework would write is replaced.
 */
export class RequestLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions.url ?? 'none'
    const line = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }
    if (error === null || error === undefined) request.log.info(line, 'answered')
    else request.log.error({ ...line, codes: codesOf(error) }, 'answered with an error')
  }

  override defaultErrorLog(error: Error, request: FastifyRequest): void {
    request.log.error({ codes: codesOf(error) }, 'request failed')
  }

  override streamError(error: Error, request: FastifyRequest): void {
    request.log.info({ codes: codesOf(error) }, 'the reader left before the end')
  }

  override routeNotFound(): void {}

  override writeHeadError(error: Error, request: FastifyRequest): void {
    request.log.warn({ codes: codesOf(error) }, 'headers could not be written')
  }

  override serializerError(error: Error, request: FastifyRequest): void {
    request.log.error({ codes: codesOf(error) }, 'an answer did not match its schema')
  }
}
