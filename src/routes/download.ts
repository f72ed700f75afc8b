import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import { beginDownload, endDownload, type ArchiveRow } from '../requests/reply/download.ts'
import { readStatus } from '../requests/status.ts'
import { contextOf } from './callers.ts'
import { codesOf } from './fault.ts'
import { describeArchive, rangeOf, streamArchive } from './send-archive.ts'

/** Follows downloads to their end; what is still being written down is waited for when the app closes. */
export class Downloads {
  private readonly ending = new Set<Promise<void>>()

  constructor(app: FastifyInstance) {
    app.addHook('onClose', async () => void (await Promise.all(this.ending)))
  }

  /** Sends a person their archive, or a range of it; one that breaks off does not count as a download. */
  async send(
    ctx: Context,
    request: FastifyRequest,
    reply: FastifyReply,
    { reference, part }: { reference: string; part: number },
  ): Promise<FastifyReply> {
    const acting = contextOf(ctx, request)
    const readRange = (archive: ArchiveRow) => rangeOf(request, reply, archive)
    const { archive, range, place } = await beginDownload(acting, { reference, part, readRange })
    const end = (complete: boolean) => this.remember(endDownload(acting, { reference, archive_id: archive.id, complete }), request)
    try {
      return await streamArchive(acting, reply, { archive, name: reference, range, ended: place ? end : undefined })
    } catch (error) {
      if (place) end(false)
      throw error
    }
  }

  private remember(ended: Promise<void>, request: FastifyRequest): void {
    const settled: Promise<void> = ended
      .catch((error: unknown) => request.log.error({ codes: codesOf(error) }, 'the end of a download was not written down'))
      .finally(() => this.ending.delete(settled))
    this.ending.add(settled)
  }
}

/** Answers HEAD: what a download would be like, without beginning one. */
export async function describeDownload(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  { reference, part }: { reference: string; part: number },
): Promise<FastifyReply> {
  const status = await readStatus(contextOf(ctx, request), { reference })
  const archive = status.archives?.find((one) => one.part === part)
  if (archive === undefined) throw new Refusal('fresh_code_required')
  describeArchive(reply, archive, reference)
  return reply.send()
}
