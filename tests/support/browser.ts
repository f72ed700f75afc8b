import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import chromium, { inflate } from '@sparticuz/chromium'
import { chromium as playwright, type Browser } from 'playwright-core'
import { onClose } from './database.ts'

const PACKAGE = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..')
const BIN = join(PACKAGE, 'bin')
const CACHE = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))

// Never the package's own `chromium.args`: they switch off web security, which would hide what the pages' own policy forbids. Every name but
// this machine's leads nowhere, so that whatever a page asks of others fails, and is seen to.
const ARGS = ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']

/** Chromium, closed when the test file ends; fails with a sentence on a machine where it cannot start. */
export async function openBrowser(): Promise<Browser> {
  try {
    const folder = await unpack()
    const executablePath = join(folder, 'chromium')
    const browser = await playwright.launch({ executablePath, args: ARGS, env: environmentFor(folder, executablePath) })
    onClose('Chromium', () => browser.close())
    return browser
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`The browser tests need Chromium, which did not start here (${process.platform} ${process.arch}): ${why}`, {
      cause: error,
    })
  }
}

/** The folder of this checkout with the unpacked browser; made once, and put in its place whole, for there may be two of us. */
async function unpack(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')) as { version: string }
  const folder = join(CACHE, `chromium-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(CACHE, { recursive: true })
  const draft = await mkdtemp(join(CACHE, 'chromium-draft-'))
  try {
    await inTemporaryFolder(draft, async () => {
      await chromium.executablePath(BIN)
      await inflate(join(BIN, 'al2023.tar.br'))
    })
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return folder
}

/** The package unpacks to the system's temporary folder and takes whatever it finds there: we give it one of our own. */
async function inTemporaryFolder(folder: string, work: () => Promise<void>): Promise<void> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    await work()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

/** What a bare machine lacks comes from the package: three libraries, and fonts. */
function environmentFor(folder: string, executablePath: string): Record<string, string> {
  const environment = { ...process.env, ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') }) }
  const tried = spawnSync(executablePath, ['--version'], { env: environment, encoding: 'utf8' })
  if (tried.error !== undefined) throw tried.error
  const withOurs = {
    ...environment,
    LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
  }
  return definedOnly(/error while loading shared libraries/.test(tried.stderr) ? withOurs : environment)
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
