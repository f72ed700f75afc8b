import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartupError } from '../errors.ts'

/** What a process of the server is run as when we are root: PostgreSQL refuses to run as root. */
interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** The places of one embedded server; `user` is set only when we are root. All paths are absolute and free of links. */
export interface StateFolder {
  readonly path: string
  readonly data: string
  readonly logFile: string
  readonly passwordFile: string
  readonly user: ServerUser | null
}

/** Where root's servers live. */
export const ROOT_STATE = '/var/lib/habeas'
const EX_UNAVAILABLE = 69
const EX_CANTCREAT = 73

/** Whether this process is root, for whom state and server are kept apart from the checkout. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * The folder of the server that belongs to `home`: `<home>/postgres`, and for root `/var/lib/habeas/<hash of home>/postgres`, because the
 * server then runs as `nobody`, who may not enter root's folders.
 */
export async function locateStateFolder(home: string): Promise<string> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const real = await realpath(home)
  if (!isRoot()) return join(real, 'postgres')
  return join(ROOT_STATE, createHash('sha256').update(real).digest('hex').slice(0, 16), 'postgres')
}

/** The folder made ready for its server: it exists, nobody else can list it, and the user the server runs as is known. */
export async function openStateFolder(folder: string): Promise<StateFolder> {
  const user = isRoot() ? await findNobody() : null
  await mkdir(folder, { recursive: true, mode: user === null ? 0o700 : 0o711 })
  // 0711 under a strict umask too: `nobody` must be able to walk through to its data, and to see nothing on the way.
  await chmod(folder, user === null ? 0o700 : 0o711)
  for (let above = dirname(folder); above.startsWith(ROOT_STATE); above = dirname(above)) await chmod(above, 0o711)
  const path = await realpath(folder)
  return { path, data: join(path, 'data'), logFile: join(path, 'postgres.log'), passwordFile: join(path, 'password'), user }
}

/** The superuser's password of this folder, made once; `null` when `create` is false and there is none. */
export async function readPassword(state: StateFolder, create: boolean): Promise<string | null> {
  const kept = await readFile(state.passwordFile, 'utf8').catch(ignoreMissing)
  if (kept !== null && kept !== '') return kept
  if (!create) return null
  const password = randomBytes(24).toString('hex')
  await writeFile(state.passwordFile, password, { mode: 0o600 })
  return password
}

/** What a failed step means to the person at the terminal: a `StartupError` with a sentence for a full disk and for missing permission. */
export function explainFailure(error: unknown, folder: string): unknown {
  if (error instanceof StartupError || !(error instanceof Error)) return error
  const code = 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left on device|Disk quota exceeded/.test(error.message)) {
    return new StartupError(
      `The disk is full: the embedded PostgreSQL needs about 200 MB in ${folder}. Free some space and start again.`,
      EX_CANTCREAT,
    )
  }
  if (
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EROFS' ||
    /Permission denied|Operation not permitted|Read-only file/.test(error.message)
  ) {
    const sentence = `The embedded PostgreSQL may not use ${folder} (${firstLine(error)}). Set HABEAS_HOME to a folder you can write to, or DATABASE_URL.`
    return new StartupError(sentence, EX_CANTCREAT)
  }
  if (code === 'ENOENT' && error.message.startsWith('spawn')) {
    const sentence =
      'The embedded PostgreSQL cannot be run on this system: it needs the GNU C library, which Alpine lacks. Set DATABASE_URL.'
    return new StartupError(sentence, EX_UNAVAILABLE)
  }
  return new StartupError(`The embedded PostgreSQL in ${folder} does not start: ${error.message.trim()}`, EX_UNAVAILABLE)
}

/** For `.catch`: `null` for a file that is not there; every other failure is thrown on. */
export function ignoreMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}

async function findNobody(): Promise<ServerUser> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith('nobody:'))
  const [, , uid, gid] = (line ?? '').split(':').map(Number)
  if (uid === undefined || gid === undefined || !(uid > 0) || !(gid > 0)) {
    throw new StartupError(
      'PostgreSQL refuses to run as root, and there is no user "nobody" to run it. Start Habeas as an ordinary user.',
      EX_UNAVAILABLE,
    )
  }
  return { uid, gid }
}

function firstLine(error: Error): string {
  return error.message.trim().split('\n', 1)[0] ?? ''
}
