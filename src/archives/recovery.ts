import { pipeline } from 'node:stream/promises'
import { createSealedFile, openSealedFile, removeSealedFile, sweepSealedFiles, type StoreContext } from './sealed-files.ts'

/** A row as the source writes it: its own text forms, null for none. */
export type CopiedRow = readonly (string | null)[]

const LINE_END = 0x0a
const PIECE_LENGTH = 65_536

/** What is thrown when the disk cannot take a recovery copy; nothing of that file is left, and the effect rolls back. */
class RecoveryStoreFull extends Error {
  constructor(home: string) {
    super(`There is no room left under ${home} for the recovery copy.`)
    this.name = 'RecoveryStoreFull'
  }
}

/** Seals rows as one file under the key, a few at a time; on disk when it returns. How many rows they were: for none there is no file. */
export async function writeRecoveryPart(
  ctx: StoreContext,
  part: { id: string; key_id: string },
  rows: AsyncIterable<CopiedRow>,
): Promise<number> {
  const sink = await createSealedFile(ctx, placeOf(part.id), part.key_id, () => new RecoveryStoreFull(ctx.config.home))
  let count = 0
  const counted = async function* (): AsyncGenerator<CopiedRow> {
    for await (const row of rows) {
      count += 1
      yield row
    }
  }
  try {
    await pipeline(linesOf(counted()), sink)
  } catch (error) {
    // The unfinished file is gone once the sink is closed.
    if (!sink.closed) await new Promise((resolve) => sink.once('close', resolve))
    throw error
  }
  if (count === 0) await removeSealedFile(ctx, placeOf(part.id))
  return count
}

/** One JSON array a line, many lines a piece. */
async function* linesOf(rows: AsyncIterable<CopiedRow>): AsyncGenerator<Buffer> {
  let lines: string[] = []
  let held = 0
  for await (const row of rows) {
    const line = `${JSON.stringify(row)}\n`
    lines.push(line)
    held += line.length
    if (held < PIECE_LENGTH) continue
    yield Buffer.from(lines.join(''))
    lines = []
    held = 0
  }
  if (lines.length > 0) yield Buffer.from(lines.join(''))
}

/** The rows of a part in the order in which they were taken, a few at a time; SealedFileGone when it is destroyed. */
export async function* readRecoveryPart(ctx: StoreContext, part: { id: string; key_id: string }): AsyncGenerator<CopiedRow> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const bytes of await openSealedFile(ctx, placeOf(part.id), part.key_id)) {
    let body = Buffer.concat([rest, bytes as Buffer])
    for (let end = body.indexOf(LINE_END); end >= 0; end = body.indexOf(LINE_END)) {
      yield JSON.parse(body.toString('utf8', 0, end)) as CopiedRow
      body = body.subarray(end + 1)
    }
    rest = Buffer.from(body)
  }
}

/** Destroys a copy: its key first, so that bytes which a disk or a backup still holds open for nobody, then the bytes. May be repeated. */
export async function shredRecoveryCopy(ctx: StoreContext, copy: { key_id: string; parts: readonly { id: string }[] }): Promise<void> {
  await ctx.keys.shred(copy.key_id)
  for (const { id } of copy.parts) await removeSealedFile(ctx, placeOf(id))
}

/** Removes files that processes which died have left behind; the ids of those that were whole. */
export function sweepRecovery(ctx: StoreContext, inUse: (ids: readonly string[]) => Promise<ReadonlySet<string>>): Promise<string[]> {
  return sweepSealedFiles(ctx, 'recovery', inUse)
}

function placeOf(id: string) {
  return { folder: 'recovery', id } as const
}
