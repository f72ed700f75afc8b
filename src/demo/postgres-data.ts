import { execFile } from 'node:child_process'
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StartupError } from '../errors.ts'
import { ignoreMissing, readPassword, type StateFolder } from './state-folder.ts'

const run = promisify(execFile)

/** Makes the data folder once, with scram passwords and UTF-8; refuses data that another major version has written. */
export async function initialiseData(state: StateFolder, binaries: string): Promise<void> {
  const major = /bin-(\d+)/.exec(binaries)?.[1]
  const written = (await readFile(join(state.data, 'PG_VERSION'), 'utf8').catch(ignoreMissing))?.trim()
  if (written === major) return
  if (written !== undefined) {
    throw new StartupError(
      `The data in ${state.path} were written by PostgreSQL ${written}, this is ${major}. Remove that folder to begin anew.`,
    )
  }
  const password = await readPassword(state, true)
  const partial = `${state.data}.partial`
  const passwordForInit = join(state.path, 'password.partial')
  await rm(partial, { recursive: true, force: true })
  try {
    await mkdir(partial, { mode: 0o700 })
    await writeFile(passwordForInit, `${password}\n`, { mode: 0o600 })
    if (state.user !== null)
      await Promise.all([partial, passwordForInit].map((path) => chown(path, state.user?.uid ?? 0, state.user?.gid ?? 0)))
    await initdb(state, binaries, partial, passwordForInit)
    // Renamed only when whole, so that an interrupted start leaves nothing that looks like data.
    await rename(partial, state.data)
  } finally {
    await Promise.all([partial, passwordForInit].map((path) => rm(path, { recursive: true, force: true })))
  }
}

async function initdb(state: StateFolder, binaries: string, folder: string, passwordFile: string): Promise<void> {
  const args = [
    '-D',
    folder,
    '-U',
    'habeas',
    `--pwfile=${passwordFile}`,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--no-sync',
    '--no-instructions',
  ]
  // The built-in C.UTF-8 sorts alike on every machine; the C library's locales may be missing.
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  try {
    await run(join(binaries, 'bin', 'initdb'), [...args, ...locale], {
      cwd: state.path,
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
      ...state.user,
    })
  } catch (error) {
    // execFile's own message begins with the whole command line; what initdb said is in stderr.
    const said = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
    throw said === '' ? error : new Error(said, { cause: error })
  }
}
