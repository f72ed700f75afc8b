import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Context } from '../context.ts'
import { readGauges } from '../reports/gauges.ts'

/** Measures every answer of the app; returns the registry that `/metrics` prints. */
export function measure(app: FastifyInstance, ctx: Context): Registry {
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
    durations.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
  })
  addGauges(registry, ctx)
  return registry
}

/** `/metrics` in the text format of Prometheus: numbers only, nothing about anybody. */
export function metrics(app: FastifyInstance, registry: Registry): void {
  app.get('/metrics', { schema: { hide: true } as object }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  )
}

function addGauges(registry: Registry, ctx: Context): void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `habeas_${name}`, help, labelNames, registers: [registry] })
  const overdue = gauge('cases_overdue', 'Cases whose due date has passed without an answer.')
  const outbox = gauge('outbox_oldest_seconds', 'Age of the oldest job that is due and not done.')
  const unnumbered = gauge('audit_unnumbered_oldest_seconds', 'Age of the oldest log entry without a number; above 60 is an alarm.')
  const parked = gauge('steps_parked', 'Steps that wait because a source did not answer or a person is needed.')
  new Gauge({
    name: 'habeas_cases_open',
    help: 'Open cases by state.',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const now = await readGauges(ctx)
      this.reset()
      for (const [state, n] of Object.entries(now.openByState)) this.set({ state }, n)
      overdue.set(now.overdue)
      outbox.set(now.outboxAge)
      unnumbered.set(now.unnumberedAge)
      parked.set(now.parkedSteps)
    },
  })
}
