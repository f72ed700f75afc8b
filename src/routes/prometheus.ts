import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Context } from '../context.ts'
import { readGauges } from '../reports/gauges.ts'
import { HIDDEN } from './hidden.ts'

/** The numbers of one app: times of answers as they happen, everything else when it is asked for. */
export interface Measures {
  /** All numbers in the text format of Prometheus. */
  print(): Promise<string>
  readonly contentType: string
}

/** Measures every answer of the app. */
export function measure(app: FastifyInstance, ctx: Context): Measures {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'habeas_' })
  const durations = new Histogram({
    name: 'habeas_http_request_duration_seconds',
    help: 'Time to answer, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }
    durations.observe(labels, reply.elapsedTime / 1000)
  })
  const refresh = addGauges(registry, ctx)
  return {
    contentType: registry.contentType,
    async print() {
      // Before, not while they are printed: one look at the database fills several of them.
      await refresh()
      return registry.metrics()
    },
  }
}

/** `/metrics`: numbers only, nothing about anybody. */
export function metrics(app: FastifyInstance, measures: Measures): void {
  app.get('/metrics', { schema: HIDDEN }, async (_request, reply) => reply.type(measures.contentType).send(await measures.print()))
}

function addGauges(registry: Registry, ctx: Context): () => Promise<void> {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `habeas_${name}`, help, labelNames, registers: [registry] })
  const open = gauge('cases_open', 'Open cases by state.', ['state'])
  const overdue = gauge('cases_overdue', 'Cases whose due date has passed without an answer.')
  const outbox = gauge('outbox_oldest_seconds', 'Age of the oldest job that is due and not done.')
  const unnumbered = gauge('audit_unnumbered_oldest_seconds', 'Age of the oldest log entry without a number; above 60 is an alarm.')
  const parked = gauge('steps_parked', 'Steps that wait because a source did not answer or a person is needed.')
  return async () => {
    const now = await readGauges(ctx)
    open.reset()
    for (const [state, n] of Object.entries(now.openByState)) open.set({ state }, n)
    overdue.set(now.overdue)
    outbox.set(now.outboxAge)
    unnumbered.set(now.unnumberedAge)
    parked.set(now.parkedSteps)
  }
}
