// Builds src/ into dist/, or does nothing when dist/ is of these very files. A server that runs from the old dist/ is not disturbed: the new one
// is made beside it and takes its place whole.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCE = join(ROOT, 'src')
const TARGET = join(ROOT, 'dist')
const STAMP = join(TARGET, '.built-from')
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'scripts/build.ts'].map((name) => join(ROOT, name))
const quiet = process.argv.includes('--quiet')

const files = readdirSync(SOURCE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .toSorted()
const fingerprint = fingerprintOf([...files, ...SETTINGS])

if (readStamp() !== fingerprint) build()
else if (!quiet) process.stdout.write('dist/ is up to date.\n')

function build(): void {
  const begun = performance.now()
  const draft = join(ROOT, 'node_modules', '.cache', `habeas-build-${process.pid}`)
  rmSync(draft, { recursive: true, force: true })
  try {
    compile(draft)
    for (const file of files.filter((name) => !/\.tsx?$/.test(name))) copyAsset(file, draft)
    chmodSync(join(draft, 'cli.js'), 0o755)
    writeFileSync(join(draft, '.built-from'), fingerprint)
    replace(draft)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  if (!quiet) process.stdout.write(`Built dist/ in ${((performance.now() - begun) / 1000).toFixed(1)} s.\n`)
}

/** Types are checked by `npm run types`; here they are only taken away. */
function compile(target: string): void {
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [compiler, '-p', join(ROOT, 'tsconfig.build.json'), '--noCheck', '--outDir', target]
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`The build failed.\n${error?.message ?? ''}${stdout}${stderr}\n`)
  process.exit(1)
}

function copyAsset(file: string, draft: string): void {
  const target = join(draft, relative(SOURCE, file))
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(file, target)
}

/** Of two builds at once, both put the same files there, and whichever is last stays. */
function replace(draft: string): void {
  const old = `${draft}-old`
  for (let tries = 0; ; tries++) {
    rmSync(old, { recursive: true, force: true })
    try {
      renameSync(TARGET, old)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
    try {
      renameSync(draft, TARGET)
      break
    } catch (error) {
      if (tries === 10 || !['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error
    }
  }
  rmSync(old, { recursive: true, force: true })
}

function fingerprintOf(names: readonly string[]): string {
  const hash = createHash('sha256').update(process.versions.node)
  for (const name of names) {
    const { size, mtimeMs } = statSync(name)
    hash.update(`${relative(ROOT, name)} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function readStamp(): string | undefined {
  try {
    return readFileSync(STAMP, 'utf8')
  } catch {
    return undefined
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
