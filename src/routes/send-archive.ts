import type { FastifyReply, FastifyRequest } from 'fastify'
import { openArchive } from '../archives/store.ts'
import type { Context } from '../context.ts'
import type { ArchiveRow, Bytes } from '../requests/reply/download.ts'
import { ProtocolError } from './fault.ts'

/** The bytes of an HTTP Range header: undefined for the whole (none, several, or in another unit), ProtocolError when there are none such. */
export function readRange(header: string | undefined, length: number): Bytes | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const to = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1)
  if (from >= length || (first === '' && Number(last) === 0)) throw new ProtocolError('range_not_satisfiable')
  return from > to ? undefined : { from, to }
}

/** The Range that counts: none when the client holds another version than ours (If-Range). */
export function rangeOf(request: FastifyRequest, reply: FastifyReply, archive: Pick<ArchiveRow, 'bytes' | 'sha256'>): Bytes | undefined {
  const held = request.headers['if-range']
  if (held !== undefined && held !== etagOf(archive)) return undefined
  // What a 416 says; another answer replaces or removes it.
  void reply.header('content-range', `bytes */${archive.bytes}`)
  const range = readRange(request.headers.range, archive.bytes)
  void reply.removeHeader('content-range')
  return range
}

/** Headers of an archive, whole or a part of it. */
export function describeArchive(
  reply: FastifyReply,
  archive: Pick<ArchiveRow, 'bytes' | 'sha256' | 'part'>,
  name: string,
  range?: Bytes,
): void {
  const length = range === undefined ? archive.bytes : range.to - range.from + 1
  void reply.headers({
    'content-type': 'application/zip',
    'content-length': length,
    'content-disposition': `attachment; filename="${name}-${archive.part}.zip"`,
    'accept-ranges': 'bytes',
    etag: etagOf(archive),
    'x-robots-tag': 'noindex',
  })
  if (range !== undefined) void reply.code(206).header('content-range', `bytes ${range.from}-${range.to}/${archive.bytes}`)
}

/** Streams an archive, opened, to its reader; `ended` is told once whether every byte was handed over, or the reader left before. */
export async function streamArchive(
  ctx: Context,
  reply: FastifyReply,
  sent: { archive: ArchiveRow; name: string; range?: Bytes | undefined; ended?: ((complete: boolean) => void) | undefined },
): Promise<FastifyReply> {
  const { archive, name, range, ended } = sent
  const bytes = await openArchive(ctx, archive, range)
  describeArchive(reply, archive, name, range)
  if (ended !== undefined) whenEnded(reply, ended)
  return reply.send(bytes)
}

function whenEnded({ raw }: FastifyReply, ended: (complete: boolean) => void): void {
  // Somebody who left while the archive was opened is not announced again.
  if (raw.destroyed) return ended(false)
  let told = false
  const tell = (complete: boolean) => {
    if (!told) ended(complete)
    told = true
  }
  // What was still waiting to be written when the connection was cut counts as written to nobody.
  raw.once('finish', () => tell(raw.socket?.destroyed !== true))
  raw.once('close', () => tell(false))
}

function etagOf({ sha256 }: Pick<ArchiveRow, 'sha256'>): string {
  return `"${sha256}"`
}
