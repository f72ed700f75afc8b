import { z } from 'zod'
import type { Context } from '../../context.ts'
import { readDataMap } from '../../reports/data-map.ts'
import { readRequestMetrics } from '../../reports/metrics.ts'
import { readRecordsOfProcessing } from '../../reports/records-of-processing.ts'
import { contextOf } from '../callers.ts'
import { json, operator, problems, type Api } from './api.ts'

const TAG = 'Reports'

const dataMapAnswer = z
  .object({
    policy: z.string(),
    sources: z.array(z.object({ source: z.string(), label: z.string(), kind: z.string(), mode: z.string(), controller: z.string() })),
    collections: z.array(
      z.object({
        source: z.string(),
        collection: z.string(),
        label: z.string(),
        category: z.string(),
        controller: z.string(),
        purpose: z.string(),
        basis: z.string(),
        kept: z.string(),
        found_by: z.array(z.object({ identifier: z.string(), meaning: z.string() })),
        on_erasure: z.string(),
        recipients: z.array(z.string()),
        fields: z.array(
          z.object({
            name: z.string(),
            label: z.string().nullable(),
            origin: z.string(),
            never_disclose: z.string().nullable(),
            others_may_appear: z.boolean(),
            correctable: z.boolean(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'DataMap' })

const recordsAnswer = z
  .object({
    policy: z.string(),
    controllers: z.array(z.object({ name: z.string(), address: z.string(), dpo: z.object({ name: z.string(), email: z.string() }) })),
    data: z.array(
      z.object({
        category: z.string(),
        purpose: z.string(),
        basis: z.string(),
        basis_note: z.string().nullable(),
        controller: z.string(),
        data: z.array(z.string()),
        systems: z.array(z.string()),
        obtained_from: z.string(),
        recipients: z.array(z.object({ name: z.string(), role: z.string(), country: z.string(), safeguard: z.string().nullable() })),
        erased_after: z.string(),
      }),
    ),
  })
  .meta({ id: 'RecordsOfProcessing' })

const metricsAnswer = z
  .object({
    year: z.int(),
    zone: z.string(),
    data: z.array(
      z.object({
        right: z.string(),
        received: z.int(),
        granted: z.int(),
        partly: z.int(),
        refused: z.int(),
        nothing_held: z.int(),
        withdrawn: z.int(),
        expired: z.int(),
        open: z.int(),
        median_days: z.number().nullable(),
        mean_days: z.number().nullable(),
        in_time: z.int(),
        late: z.int(),
        extended: z.int(),
        paused: z.int(),
        grounds: z.record(z.string(), z.int()),
      }),
    ),
  })
  .meta({ id: 'RequestMetrics' })

/** What the policy and the cases say about the whole. */
export function reports(api: Api, ctx: Context): void {
  api.get(
    '/v1/data-map',
    {
      schema: {
        ...operator(TAG, 'readDataMap', 'Read where personal data is'),
        response: { 200: json('The data map', dataMapAnswer), ...problems(401, 403) },
      },
    },
    async (request) => readDataMap(contextOf(ctx, request)),
  )

  api.get(
    '/v1/records-of-processing',
    {
      schema: {
        ...operator(TAG, 'readRecordsOfProcessing', 'Read the records of processing (Art. 30 GDPR)'),
        response: { 200: json('The records', recordsAnswer), ...problems(401, 403) },
      },
    },
    async (request) => readRecordsOfProcessing(contextOf(ctx, request)),
  )

  api.get(
    '/v1/metrics/requests',
    {
      schema: {
        ...operator(TAG, 'readRequestMetrics', 'Read the numbers of a year'),
        querystring: z.object({ year: z.coerce.number().int().min(2018).max(2200) }),
        response: { 200: json('The numbers, by right', metricsAnswer), ...problems(400, 401, 403) },
      },
    },
    async (request) => readRequestMetrics(contextOf(ctx, request), request.query),
  )
}
