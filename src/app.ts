import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { Context } from './context.ts'
import { checkMigrated } from './db/migrate.ts'
import { Refusal } from './errors.ts'
import { databaseUrlOf } from './open-context.ts'
import { denied } from './operators/authenticate.ts'
import { auditPages } from './routes/console/audit.ts'
import { casePages } from './routes/console/case.ts'
import { reviewPages } from './routes/console/review.ts'
import { dataMapPage } from './routes/console/data-map.ts'
import { showConsoleError } from './routes/console/error-page.ts'
import { holdPages } from './routes/console/holds.ts'
import { newCase } from './routes/console/new-case.ts'
import { queue } from './routes/console/queue.ts'
import { retentionPages } from './routes/console/retention.ts'
import { demandSession, signIn, type DemoOperator } from './routes/console/sign-in.ts'
import { taskPages } from './routes/console/tasks.ts'
import { useCookies } from './routes/cookies.ts'
import { mailboxPages, type Mailbox } from './routes/mailbox.ts'
import { servePages } from './routes/pages.ts'
import { showError, showNotFound } from './routes/privacy-centre/error-page.ts'
import { information } from './routes/privacy-centre/information.ts'
import { requestForm } from './routes/privacy-centre/request.ts'
import { statusPages } from './routes/privacy-centre/status.ts'
import { staticFiles } from './routes/static-files.ts'
import { answerProblem, sendProblem } from './routes/answer-problem.ts'
import { apiDocs, describeRoutes } from './routes/api-docs.ts'
import type { Api, ZodTypes } from './routes/api/api.ts'
import { audit } from './routes/api/audit.ts'
import { caseActs } from './routes/api/case-acts.ts'
import { cases } from './routes/api/cases.ts'
import { holds } from './routes/api/holds.ts'
import { publicArchive } from './routes/api/public-archive.ts'
import { publicRequests } from './routes/api/public-requests.ts'
import { reports } from './routes/api/reports.ts'
import { retention } from './routes/api/retention.ts'
import { tasks } from './routes/api/tasks.ts'
import { contextOf, demandOperator, knowCallers } from './routes/callers.ts'
import { Downloads } from './routes/download.ts'
import { setHeaders } from './routes/headers.ts'
import { health, type ReadyChecks } from './routes/health.ts'
import { honourIdempotencyKeys } from './routes/idempotent.ts'
import { acceptJson } from './routes/json-body.ts'
import { count, LIMITS, type Limits } from './routes/limits.ts'
import { KnownRoutes } from './routes/not-found.ts'
import { problemPage } from './routes/problem-page.ts'
import { measure, metrics } from './routes/prometheus.ts'
import { checkRequests } from './routes/request-checks.ts'
import { RequestLog } from './routes/request-log.ts'

/** What is served, and what only the caller can know. */
export interface AppOptions {
  /** The privacy centre and the API for everybody. */
  readonly public: boolean
  /** The console and the API for operators. */
  readonly console: boolean
  /** `/docs`, `/openapi.json` and `/metrics`. */
  readonly docs: boolean
  /** Wider or narrower limits than the usual ones. */
  readonly limits?: Partial<Limits>
  /** The mails of a demonstration; without it there is no `/dev/mailbox`. */
  readonly mailbox?: Mailbox
  /** The operators of a demonstration, one click away on the page to sign in. */
  readonly demoOperators?: readonly DemoOperator[]
}

const BODY_BYTES = 256 * 1024

/** The HTTP application, built and ready, but not listening; routes stand in reading order. */
export async function buildApp(ctx: Context, options: AppOptions): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = ctx.log
  const app = Fastify({
    loggerInstance,
    logController: new RequestLog(),
    genReqId: () => randomUUIDv7(),
    requestIdHeader: false,
    trustProxy: false,
    bodyLimit: BODY_BYTES,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void answerProblem(error, request, reply),
  })
  const limits = { ...LIMITS, ...options.limits }
  const known = new KnownRoutes(app)
  const downloads = new Downloads(app)
  const measures = options.docs ? measure(app, ctx) : undefined
  await setHeaders(app, ctx)
  checkRequests(app, ctx)
  knowCallers(app)
  if (options.docs) await describeRoutes(app)
  app.setErrorHandler(async (error, request, reply) => {
    await writeDenial(ctx, error, request)
    return answerProblem(error, request, reply)
  })
  app.setNotFoundHandler(async (request, reply) => {
    const fault = known.faultFor(request, reply)
    return fault.status === 404 && wantsPage(request) ? showNotFound(ctx, reply) : sendProblem(fault, request, reply)
  })
  await useCookies(app, ctx)

  const parts = { options, limits, downloads }
  if (options.public) await app.register(async (scope) => privacyCentre(scope, ctx, parts))
  if (options.console) await app.register(async (scope) => consolePages(scope, ctx, parts))
  await staticFiles(app)
  await app.register(async (scope) => api(scope, ctx, parts))
  if (options.docs) await apiDocs(app)
  if (measures !== undefined) metrics(app, measures)
  await app.ready()
  return app
}

interface Parts {
  readonly options: AppOptions
  readonly limits: Limits
  readonly downloads: Downloads
}

/** The pages for everybody. */
async function privacyCentre(scope: FastifyInstance, ctx: Context, { options, limits, downloads }: Parts): Promise<void> {
  scope.setErrorHandler(async (error, request, reply) => showError(ctx, error, request, reply))
  await servePages(scope, ctx)
  information(scope, ctx)
  requestForm(scope, ctx, limits)
  statusPages(scope, ctx, limits, downloads)
  if (ctx.demo !== undefined && options.mailbox !== undefined) mailboxPages(scope, ctx, options.mailbox)
}

/** The pages for operators: the door, and behind it everything else. */
async function consolePages(scope: FastifyInstance, ctx: Context, { options, limits }: Parts): Promise<void> {
  scope.setErrorHandler(async (error, request, reply) => {
    await writeDenial(ctx, error, request)
    return showConsoleError(ctx, error, request, reply)
  })
  await servePages(scope, ctx)
  signIn(scope, ctx, limits, ctx.demo === undefined ? [] : (options.demoOperators ?? []))
  await scope.register(async (inside) => {
    demandSession(inside, ctx)
    queue(inside, ctx)
    newCase(inside, ctx)
    casePages(inside, ctx)
    reviewPages(inside, ctx)
    retentionPages(inside, ctx)
    holdPages(inside, ctx)
    dataMapPage(inside, ctx)
    auditPages(inside, ctx)
    await inside.register(async (tasksScope) => taskPages(tasksScope, ctx))
  })
}

function wantsPage(request: FastifyRequest): boolean {
  return !request.url.startsWith('/v1/') && (request.headers.accept ?? '').includes('text/html')
}

/** The JSON API: schemas by zod, inside this scope only, because plugins elsewhere bring JSON Schemas. */
async function api(scope: FastifyInstance, ctx: Context, { options, limits, downloads }: Parts): Promise<void> {
  const open = scope.withTypeProvider<ZodTypes>()
  open.setValidatorCompiler(validatorCompiler)
  open.setSerializerCompiler(serializerCompiler)
  acceptJson(scope)
  honourIdempotencyKeys(scope, ctx)
  if (options.public) {
    publicRequests(open, ctx, limits)
    publicArchive(open, ctx, limits, downloads)
  }
  // Guarded by tokens, so it answers on both ports: a trusted back end may reach only the public one (docs/decisions/0005).
  await scope.register(async (inner) => operatorApi(inner.withTypeProvider<ZodTypes>(), ctx, limits))
  health(open, readyChecks(ctx))
  problemPage(open)
}

async function operatorApi(open: Api, ctx: Context, limits: Limits): Promise<void> {
  open.addHook('onRequest', demandOperator(ctx))
  open.addHook('onRequest', async (request) => {
    if (request.actor.kind === 'operator') await count(ctx, limits, 'operator_api', request.actor.id)
  })
  cases(open, ctx)
  caseActs(open, ctx)
  tasks(open, ctx)
  retention(open, ctx)
  holds(open, ctx)
  audit(open, ctx)
  reports(open, ctx)
}

/** Writes down that an operator was refused for their role: refusals of reading are events too (ASVS 16.3.2). */
async function writeDenial(ctx: Context, error: unknown, request: FastifyRequest): Promise<void> {
  if (!(error instanceof Refusal) || error.code !== 'permission_denied' || request.actor.kind !== 'operator') return
  await denied(contextOf(ctx, request), {
    reason: 'role',
    operator: request.actor.id,
    act: `${request.method} ${request.routeOptions.url ?? ''}`,
  })
}

function readyChecks(ctx: Context): ReadyChecks {
  let migrated = false
  return {
    database: async () => void (await ctx.db.execute(sql`select 1`)),
    migrations: async () => {
      // A schema that was right once stays so while this process runs: the next version's process migrates it.
      if (!migrated) await checkMigrated(databaseUrlOf(ctx.config))
      migrated = true
    },
    queue: async () => {
      if (ctx.config.queueUrl !== undefined && ctx.config.queueUrl !== ctx.config.databaseUrl) return
      const { rows } = await ctx.db.execute(sql`select from information_schema.schemata where schema_name = 'bullmq'`)
      if (rows.length === 0) throw new Error('the queue has no schema')
    },
  }
}
