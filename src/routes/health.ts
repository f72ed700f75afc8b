import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { codesOf } from './fault.ts'
import { json, type Api } from './api/api.ts'

/** What must be true before this process serves anybody, by name; each throws when it is not. */
export type ReadyChecks = Readonly<Record<string, () => Promise<void>>>

const alive = z.object({ status: z.literal('ok') }).meta({ id: 'Alive' })
const ready = z
  .object({ status: z.enum(['ready', 'not_ready']), checks: z.record(z.string(), z.enum(['ok', 'failed'])) })
  .meta({ id: 'Ready' })
const fixed = { tags: ['Health'], security: [] }

/** `/livez`: the process answers. `/readyz`: everything it needs is there. */
export function health(api: Api, checks: ReadyChecks): void {
  api.get(
    '/livez',
    { schema: { ...fixed, operationId: 'livez', summary: 'Whether the process answers', response: { 200: json('It does', alive) } } },
    async () => ({ status: 'ok' }),
  )

  api.get(
    '/readyz',
    {
      schema: {
        ...fixed,
        operationId: 'readyz',
        summary: 'Whether everything it needs is there',
        response: { 200: json('All is there', ready), 503: json('Something is missing', ready) },
      },
    },
    async (request, reply) => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await passes(check, name, request.log)] as const),
      )
      const failed = results.some(([, result]) => result === 'failed')
      return reply.code(failed ? 503 : 200).send({ status: failed ? 'not_ready' : 'ready', checks: Object.fromEntries(results) })
    },
  )
}

async function passes(check: () => Promise<void>, name: string, log: FastifyInstance['log']): Promise<'ok' | 'failed'> {
  try {
    await check()
    return 'ok'
  } catch (error) {
    log.warn({ check: name, codes: codesOf(error) }, 'not ready')
    return 'failed'
  }
}
