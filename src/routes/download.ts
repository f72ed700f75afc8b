import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import { archiveForDownload, countDownload } from '../requests/reply/download.ts'
import { readStatus } from '../requests/status.ts'
import { contextOf } from './callers.ts'
import { codesOf } from './fault.ts'
import { describeArchive, rangeOf, streamArchive } from './send-archive.ts'

/** Counts downloads that reached their end; what is still being counted is waited for when the app closes. */
export class Downloads {
  private readonly counting = new Set<Promise<void>>()

  constructor(app: FastifyInstance) {
    app.addHook('onClose', async () => void (await Promise.all(this.counting)))
  }

  /** Sends a person their archive, or a range of it, and counts it once the last byte is out. */
  async send(
    ctx: Context,
    request: FastifyRequest,
    reply: FastifyReply,
    { reference, part }: { reference: string; part: number },
  ): Promise<FastifyReply> {
    const acting = contextOf(ctx, request)
    const asked = request.headers.range !== undefined
    const archive = await archiveForDownload(acting, { reference, part, range: asked })
    const range = rangeOf(request, reply, archive)
    const whole = () => this.remember(countDownload(acting, { reference, archive_id: archive.id }), request)
    return streamArchive(acting, reply, { archive, name: reference, range, whole })
  }

  private remember(counted: Promise<void>, request: FastifyRequest): void {
    const settled: Promise<void> = counted
      .catch((error: unknown) => request.log.error({ codes: codesOf(error) }, 'a download was not counted'))
      .finally(() => this.counting.delete(settled))
    this.counting.add(settled)
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
