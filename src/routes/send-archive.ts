import type { FastifyReply, FastifyRequest } from 'fastify'
import { openArchive } from '../archives/store.ts'
import type { Context } from '../context.ts'
import type { ArchiveRow } from '../requests/reply/download.ts'
import { ProtocolError } from './fault.ts'

interface Bytes {
  readonly from: number
  readonly to: number
}

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

/** Streams an archive, opened, to its reader; `whole` is told once the last byte of it was handed over. */
export async function streamArchive(
  ctx: Context,
  reply: FastifyReply,
  { archive, name, range, whole }: { archive: ArchiveRow; name: string; range?: Bytes | undefined; whole?: () => void },
): Promise<FastifyReply> {
  const bytes = await openArchive(ctx, archive, range)
  describeArchive(reply, archive, name, range)
  const reachesEnd = range === undefined || range.to === archive.bytes - 1
  if (whole !== undefined && reachesEnd) reply.raw.once('finish', whole)
  return reply.send(bytes)
}

function etagOf({ sha256 }: Pick<ArchiveRow, 'sha256'>): string {
  return `"${sha256}"`
}
