import { createHash } from 'node:crypto'
import yauzl from 'yauzl'

/** The entries of a ZIP by path. */
export async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    yauzl.fromBuffer(bytes, { lazyEntries: true }, (error, file) => (error === null ? resolve(file) : reject(error)))
  })
  const entries = new Map<string, Buffer>()
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject)
    zip.on('end', resolve)
    zip.on('entry', (entry: yauzl.Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error !== null) return reject(error)
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('error', reject)
        stream.on('end', () => {
          entries.set(entry.fileName, Buffer.concat(chunks))
          zip.readEntry()
        })
      })
    })
    zip.readEntry()
  })
  return entries
}

/** Payload files whose checksum in `manifest-sha256.txt` is not that of their bytes; files the manifest forgets are named too. */
export function wrongInManifest(entries: ReadonlyMap<string, Buffer>): string[] {
  const manifest = entries.get('manifest-sha256.txt')?.toString() ?? ''
  const listed = new Map(
    manifest
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  )
  const payload = [...entries.keys()].filter((path) => path.startsWith('data/'))
  const wrong = [...listed].filter(([path, sum]) => sha256(entries.get(path) ?? Buffer.alloc(0)) !== sum).map(([path]) => path)
  return [...wrong, ...payload.filter((path) => !listed.has(path))]
}

/** SHA-256 in hex. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
