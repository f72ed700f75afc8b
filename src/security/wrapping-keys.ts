import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartupError } from '../errors.ts'

/** Wrapping keys by name, in the order of the settings: the first seals, all open. */
export type WrappingKeys = ReadonlyMap<string, Uint8Array>

/** The wrapping keys that the settings name (`name:base64 of 32 bytes`, one a line), or a StartupError that shows no key. */
export function parseWrappingKeys(text: string | undefined): WrappingKeys {
  const lines = (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (lines.length === 0) throw new StartupError('HABEAS_KEYS: expected at least one wrapping key, one a line, as name:base64 of 32 bytes')
  const keys = new Map<string, Uint8Array>()
  for (const [index, line] of lines.entries()) {
    const [, name, base64] = /^([A-Za-z0-9_-]{1,64}):([A-Za-z0-9+/]{43}=)$/.exec(line) ?? []
    if (name === undefined || base64 === undefined) throw new StartupError(`HABEAS_KEYS: line ${index + 1} is not name:base64 of 32 bytes`)
    if (keys.has(name)) throw new StartupError(`HABEAS_KEYS: the name ${name} stands there twice`)
    keys.set(name, Buffer.from(base64, 'base64'))
  }
  return keys
}

/** A new wrapping key as a line for HABEAS_KEYS; its name is random too, so that two keys are never mistaken for one another. */
export function generateWrappingKey(): string {
  return `w${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64')}`
}

/** The wrapping keys in this file (0600), which is made with one new key when there is none; of two at once both get the same. */
export async function keepWrappingKeys(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(orMissing)
  if (known !== undefined) return known
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${generateWrappingKey()}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  // A link appears whole or not at all and never replaces a file: whoever is second reads the first one's key.
  await link(draft, file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
  await rm(draft)
  return readFile(file, 'utf8')
}

function orMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
