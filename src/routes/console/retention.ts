import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { Refusal } from '../../errors.ts'
import { confirmRun } from '../../retention/confirm-run.ts'
import { listRules } from '../../retention/list-rules.ts'
import { listRuns } from '../../retention/list-runs.ts'
import { previewRuns, type PreviewRule } from '../../retention/preview.ts'
import { readRun } from '../../retention/read-run.ts'
import type { RunView as Run } from '../../retention/run-view.ts'
import { startRuns } from '../../retention/start-runs.ts'
import { stopRun } from '../../retention/stop-run.ts'
import { isAllowed } from '../../security/permissions.ts'
import type { Flash } from '../../web/components/console-layout.tsx'
import { RetentionRunPage } from '../../web/console/retention-run.tsx'
import { RetentionPage, type RunView } from '../../web/console/retention.tsx'
import { contextOf } from '../callers.ts'
import { KINDS } from '../fault.ts'
import { FormFields } from '../form-fields.ts'
import { goTo, sendPage } from '../pages.ts'
import { openDesk, refusedFlash, savedFlash } from './shell.ts'

interface ById {
  Params: { id: string }
  Querystring: { saved?: string }
}

const SAVED = { started: 'The run has begun.', confirm: 'The run goes ahead.', stop: 'The run stops after its present batch.' }

/** The schedule, previews, runs. A preview answers with a page: nothing of it is kept. */
export function retentionPages(app: FastifyInstance, ctx: Context): void {
  app.get<{ Querystring: { after?: string } }>('/console/retention', async (request, reply) =>
    showSchedule(request, reply, { after: request.query.after ?? '' }),
  )

  app.post('/console/retention', async (request, reply) => {
    const fields = new FormFields(request.body)
    const input = fields.optional('rule')
    const acting = contextOf(ctx, request)
    if (fields.text('preview') === 'true')
      return showSchedule(request, reply, { after: '', preview: (await previewRuns(acting, input)).rules })
    const run = await startRuns(acting, input)
    return goTo(reply, `/console/retention/runs/${run.id}?saved=started`)
  })

  app.get<ById>('/console/retention/runs/:id', async (request, reply) =>
    showRun(request, reply, savedFlash(request.query.saved, SAVED), 200),
  )
  app.post<ById>('/console/retention/runs/:id/confirm', async (request, reply) => act(request, reply, 'confirm', confirmRun))
  app.post<ById>('/console/retention/runs/:id/stop', async (request, reply) => act(request, reply, 'stop', stopRun))

  async function showSchedule(
    request: FastifyRequest,
    reply: FastifyReply,
    { after, preview }: { after: string; preview?: readonly PreviewRule[] },
  ): Promise<FastifyReply> {
    const desk = await openDesk(ctx, request, reply)
    const { data: rules } = await listRules(desk.ctx)
    const { data: runs, next_cursor } = await listRuns(desk.ctx, { limit: 20, ...(after !== '' && { after }) })
    const counted = new Map(preview?.map((rule) => [rule.rule, rule]))
    const page = RetentionPage({
      shell: desk.shell,
      flash: preview === undefined ? undefined : { saved: 'This is a preview: what is due now. Nothing was changed.', refused: null },
      rules: rules.map(({ rule, title, promise, mode, sentence, cutoff, last_run, next_run }) => ({
        rule,
        title,
        promise,
        mode,
        sentence,
        cutoff,
        due: counted.get(rule)?.due ?? last_run?.due ?? null,
        held: counted.get(rule)?.held ?? last_run?.held ?? null,
        last_run,
        next_at: next_run,
      })),
      runs: runs.map(runOf),
      next_cursor,
      may_run: isAllowed(desk.ctx.actor, 'retention.run'),
    })
    return sendPage(reply, page)
  }

  async function showRun(request: FastifyRequest<ById>, reply: FastifyReply, flash: Flash, status: number): Promise<FastifyReply> {
    const desk = await openDesk(ctx, request, reply)
    const { run, batches } = await readRun(desk.ctx, { id: request.params.id })
    const page = RetentionRunPage({
      shell: desk.shell,
      flash,
      run: runOf(run),
      batches: batches.map(({ rule, batch, at, rows, first, last }) => ({ rule, batch, at, rows: rows ?? 0, held: 0, first, last })),
      may_run: isAllowed(desk.ctx.actor, 'retention.run'),
    })
    return sendPage(reply, page, status)
  }

  async function act(
    request: FastifyRequest<ById>,
    reply: FastifyReply,
    saved: 'confirm' | 'stop',
    verb: (acting: Context, input: { id: string }) => Promise<unknown>,
  ): Promise<FastifyReply> {
    try {
      await verb(contextOf(ctx, request), { id: request.params.id })
      return goTo(reply, `/console/retention/runs/${encodeURIComponent(request.params.id)}?saved=${saved}`)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'not_found' || error.code === 'permission_denied') throw error
      return showRun(request, reply, refusedFlash(error.message, error.errors), KINDS[error.kind][0])
    }
  }
}

function runOf({ waits_for, ...run }: Run): RunView {
  return { ...run, preview: run.rules.every(({ mode }) => mode === 'observe'), waiting_for: waits_for }
}
