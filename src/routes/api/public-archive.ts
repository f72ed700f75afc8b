import { z } from 'zod'
import type { Context } from '../../context.ts'
import { demandSubject, spelled } from '../callers.ts'
import { describeDownload, type Downloads } from '../download.ts'
import { countNetwork, type Limits } from '../limits.ts'
import { byReference, nothing, problems, subject, zip, type Api } from './api.ts'

const archiveQuery = z.object({ part: z.coerce.number().int().min(1).max(1_000).default(1) })

/** The download of the copy, by a person who has typed a code within the last ten minutes. */
export function publicArchive(api: Api, ctx: Context, limits: Limits, downloads: Downloads): void {
  const onRequest = demandSubject(ctx)

  api.get(
    '/v1/requests/:reference/archive',
    {
      onRequest,
      exposeHeadRoute: false,
      schema: {
        ...subject('downloadArchive', 'Download the copy'),
        description:
          'Needs a token whose code was typed at most ten minutes ago, else 403 fresh_code_required. Five complete downloads; 410 after expiry.',
        params: byReference,
        querystring: archiveQuery,
        response: {
          200: zip('The ZIP; `ETag` is its SHA-256'),
          206: zip('The bytes of the Range header'),
          ...problems(400, 401, 403, 410, 416, 429),
        },
      },
    },
    async (request, reply) => {
      await countNetwork(ctx, limits, request, 'download_by_network')
      return downloads.send(ctx, request, reply, { reference: spelled(request.params.reference), part: request.query.part })
    },
  )

  api.head(
    '/v1/requests/:reference/archive',
    {
      onRequest,
      schema: {
        ...subject('describeArchive', 'See how large the copy is'),
        params: byReference,
        querystring: archiveQuery,
        response: { 200: nothing('Length and ETag of the ZIP'), ...problems(400, 401, 403) },
      },
    },
    async (request, reply) =>
      describeDownload(ctx, request, reply, { reference: spelled(request.params.reference), part: request.query.part }),
  )
}
