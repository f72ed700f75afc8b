import { createHash } from 'node:crypto'
import { finished, Readable, Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipArchive } from 'archiver'

/** One file of an archive: its size and SHA-256 as it was before compression. */
export interface ZipEntry {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** A ZIP that is being written: entries strictly one after another. After a throw only `abandon` may be called. */
export interface ZipWriter {
  add(path: string, content: AsyncIterable<Uint8Array> | Uint8Array | string): Promise<ZipEntry>
  /** Ends the ZIP and waits until the sink has taken all of it: size and SHA-256 of the ZIP's own bytes. */
  finish(): Promise<{ bytes: number; sha256: string }>
  /** Destroys everything, the sink included, and waits until the sink has let go of what it held. */
  abandon(cause: unknown): Promise<void>
}

// Many sources yield row by row; deflate and the hashes want larger pieces.
const PIECE_BYTES = 65_536

/** Starts a ZIP into `sink`. Every entry carries the date `at`; sizes over 4 GiB and over 65,535 entries turn to Zip64 by themselves. */
export function openZip(sink: Writable, at: Date): ZipWriter {
  const archive = new ZipArchive({ zlib: { level: 1 } })
  // The pipeline reports failures; without a listener of our own a second one would end the process.
  archive.on('error', () => undefined)
  const meter = meterBytes()
  const written = pipeline(archive, meter.stream, sink)
  written.catch(() => undefined)
  let current: Readable | undefined
  return {
    async add(path, content) {
      const hash = createHash('sha256')
      let bytes = 0
      current = Readable.from(
        measured(content, (piece) => {
          hash.update(piece)
          bytes += piece.length
        }),
        { objectMode: false },
      )
      await append(archive, current, path, at)
      return { path, bytes, sha256: hash.digest('hex') }
    },
    async finish() {
      await Promise.all([archive.finalize(), written])
      return meter.total()
    },
    async abandon(cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      current?.destroy()
      archive.destroy(error)
      archive.abort()
      sink.destroy(error)
      await new Promise<void>((resolve) => finished(sink, () => resolve()))
      await written.catch(() => undefined)
    },
  }
}

/** Resolves when the entry is in the archive; rejects when its content or the archive fails. */
function append(archive: ZipArchive, content: Readable, path: string, at: Date): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      archive.off('entry', onEntry).off('error', onError).off('close', onClose)
      act()
    }
    const onEntry = () => settle(resolve)
    const onError = (error: Error) => settle(() => reject(error))
    const onClose = () => onError(new Error('the archive was closed before it was complete'))
    // archiver does not forward the error of a source: it would wait for an end that never comes.
    content.once('error', onError)
    archive.once('entry', onEntry).once('error', onError).once('close', onClose)
    if (archive.destroyed) return onClose()
    archive.append(content, { name: path, date: at })
  })
}

async function* measured(
  content: AsyncIterable<Uint8Array> | Uint8Array | string,
  see: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of gathered(
    typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content,
  )) {
    see(piece)
    yield piece
  }
}

async function* gathered(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let held = 0
  for await (const piece of content) {
    parts.push(piece)
    held += piece.length
    if (held < PIECE_BYTES) continue
    yield parts.length === 1 ? piece : Buffer.concat(parts, held)
    parts = []
    held = 0
  }
  if (held > 0) yield Buffer.concat(parts, held)
}

function meterBytes() {
  const hash = createHash('sha256')
  let bytes = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return { stream, total: () => ({ bytes, sha256: hash.digest('hex') }) }
}
