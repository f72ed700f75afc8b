import { z } from 'zod'
import type { Context } from '../../context.ts'
import { confirmRun } from '../../retention/confirm-run.ts'
import { listRules } from '../../retention/list-rules.ts'
import { listRuns } from '../../retention/list-runs.ts'
import { previewRuns } from '../../retention/preview.ts'
import { readRun } from '../../retention/read-run.ts'
import { runView } from '../../retention/run-view.ts'
import { retentionRun, startRuns } from '../../retention/start-runs.ts'
import { stopRun } from '../../retention/stop-run.ts'
import { contextOf } from '../callers.ts'
import { byId, instant, json, operator, pageOf, paging, problems, type Api } from './api.ts'

const TAG = 'Retention'
const runAnswer = runView.meta({ id: 'RetentionRun' })
const ran = z.object({ id: z.string(), state: z.string(), at: instant, due: z.number(), done: z.number(), held: z.number() })

const ruleAnswer = z
  .object({
    rule: z.string(),
    category: z.string(),
    title: z.string(),
    promise: z.string(),
    sentence: z.string(),
    action: z.string(),
    collection: z.string().nullable(),
    period: z.string().nullable(),
    mode: z.enum(['observe', 'enforce']),
    owner: z.string(),
    checked_on: z.string().nullable(),
    cutoff: instant.nullable(),
    next_run: instant.nullable(),
    last_run: ran.nullable(),
  })
  .meta({ id: 'RetentionRule' })

const previewAnswer = z
  .object({
    rules: z.array(
      z.object({
        rule: z.string(),
        mode: z.enum(['observe', 'enforce']),
        cutoff: instant,
        due: z.number(),
        held: z.number(),
        oldest: z.string().nullable(),
        table_rows: z.number(),
        next_run: instant,
      }),
    ),
  })
  .meta({ id: 'RetentionPreview' })

const runDetail = runView
  .extend({
    ledger: z.array(
      z.object({
        rule: z.string(),
        batch: z.int(),
        at: instant,
        rows: z.int().nullable(),
        along: z.record(z.string(), z.number()),
        first: z.string().nullable(),
        last: z.string().nullable(),
        confirmed_by: z.string().nullable(),
      }),
    ),
    receipts: z.array(z.object({ rule: z.string(), body: z.record(z.string(), z.unknown()), hash: z.string(), signature: z.string() })),
  })
  .meta({ id: 'RetentionRunDetail' })

/** The retention schedule: its rules, what is due, and its runs. */
export function retention(api: Api, ctx: Context): void {
  api.get(
    '/v1/retention/rules',
    {
      schema: {
        ...operator(TAG, 'listRetentionRules', 'Read the schedule'),
        response: { 200: json('Every rule', pageOf(ruleAnswer)), ...problems(401, 403) },
      },
    },
    async (request) => listRules(contextOf(ctx, request)),
  )

  api.get(
    '/v1/retention/runs',
    {
      schema: {
        ...operator(TAG, 'listRetentionRuns', 'List runs, newest first'),
        querystring: z.object(paging),
        response: { 200: json('A page of runs', pageOf(runAnswer)), ...problems(400, 401, 403) },
      },
    },
    async (request) => listRuns(contextOf(ctx, request), given(request.query)),
  )

  api.post(
    '/v1/retention/runs',
    {
      schema: {
        ...operator(TAG, 'startRetentionRun', 'Preview what is due, or begin to work it off'),
        body: retentionRun,
        response: {
          200: json('The preview: nothing was changed', previewAnswer),
          202: json('The run has begun', runAnswer),
          ...problems(400, 401, 403, 413, 415, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const { preview, ...input } = request.body
      if (preview) return previewRuns(contextOf(ctx, request), given(input))
      const run = await startRuns(contextOf(ctx, request), given(input))
      return reply.code(202).header('location', `/v1/retention/runs/${run.id}`).send(run)
    },
  )

  api.get(
    '/v1/retention/runs/:id',
    {
      schema: {
        ...operator(TAG, 'readRetentionRun', 'Read a run with its batches and receipts'),
        params: byId,
        response: { 200: json('The run', runDetail), ...problems(400, 401, 403, 404) },
      },
    },
    async (request) => {
      const { run, batches, receipts } = await readRun(contextOf(ctx, request), request.params)
      return { ...run, ledger: batches, receipts }
    },
  )

  api.post(
    '/v1/retention/runs/:id/stop',
    {
      schema: {
        ...operator(TAG, 'stopRetentionRun', 'Stop a run after its present batch'),
        params: byId,
        response: { 200: json('The run', runAnswer), ...problems(400, 401, 403, 404, 409, 422) },
      },
    },
    async (request) => stopRun(contextOf(ctx, request), request.params),
  )

  api.post(
    '/v1/retention/runs/:id/confirmation',
    {
      schema: {
        ...operator(TAG, 'confirmRetentionRun', 'Let a waiting run go ahead'),
        params: byId,
        response: { 200: json('The run', runAnswer), ...problems(400, 401, 403, 404, 409, 422) },
      },
    },
    async (request) => confirmRun(contextOf(ctx, request), request.params),
  )
}

/** The same without what was left out: an optional of zod may be undefined, ours may only be absent. */
export function given<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(input).filter(([, value]) => value !== undefined)
  // oxlint-disable-next-line no-unsafe-type-assertion -- every value that stays is not undefined; what is absent was optional.
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
