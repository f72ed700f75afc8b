import { readFile, writeFile } from 'node:fs/promises'
import { pino } from 'pino'
import type { Context } from '../src/context.ts'

// The built program, because pages are TSX, which Node does not read by itself.
const BUILT = new URL('../dist/app.js', import.meta.url)
const FILE = new URL('../openapi/openapi.json', import.meta.url)

/** Writes openapi/openapi.json from the routes; with --check only says whether it is up to date. Run it after the build. */
async function main(check: boolean): Promise<number> {
  const text = await describe()
  const known = await readFile(FILE, 'utf8').catch(() => '')
  if (check && known === text) return 0
  if (check) {
    process.stderr.write('openapi/openapi.json is not what the routes say. Run: npm run build && npm run openapi\n')
    return 1
  }
  await writeFile(FILE, text)
  return 0
}

/** The document of an app that serves everything; registering routes asks nothing of the databases. */
async function describe(): Promise<string> {
  const { buildApp } = (await import(BUILT.href)) as typeof import('../src/app.ts')
  const ctx = { publicUrl: 'http://127.0.0.1:3000', log: pino({ level: 'silent' }), demo: undefined } as unknown as Context
  const app = await buildApp(ctx, { public: true, console: true, docs: true })
  const document = JSON.stringify(app.swagger(), null, 2)
  await app.close()
  return `${document}\n`
}

process.exitCode = await main(process.argv.includes('--check'))
