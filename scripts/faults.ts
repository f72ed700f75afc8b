import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { FAULTS, type Fault } from '../tests/faults/faults.ts'
import openServer from '../tests/support/global-setup.ts'

/**
 * Plants one fault after the other and runs the tests that must catch it: `npm run faults`, or with some of their names. Exit 1 when a fault
 * survives, when it was not planted, or when the tests fail without any.
 */
const SEEDS = '100'

interface Caught {
  readonly fault: Fault
  readonly by: string | undefined
}

const wanted = process.argv.slice(2)
const chosen = wanted.length === 0 ? FAULTS : FAULTS.filter(({ name }) => wanted.includes(name))
if (chosen.length === 0) throw new Error(`no fault of that name; there are: ${FAULTS.map(({ name }) => name).join(', ')}`)

let url = ''
const provide = (_key: string, server: { url: string }): void => void (url = server.url)
const closeServer = await openServer({ provide } as unknown as TestProject)
const folder = await mkdtemp(join(tmpdir(), 'habeas-faults-'))
try {
  const files = [...new Set(chosen.flatMap(({ caught_by }) => caught_by))]
  process.stdout.write(`Without a fault: ${files.join(', ')}\n`)
  const sound = await run(files, undefined)
  if (!sound.passed) {
    process.stdout.write(`${sound.output}\nThe tests fail without any fault, so they prove nothing.\n`)
    process.exitCode = 1
  } else {
    report(await plantAll())
  }
} finally {
  await rm(folder, { recursive: true, force: true })
  await closeServer()
}

async function plantAll(): Promise<Caught[]> {
  const results: Caught[] = []
  for (const fault of chosen) {
    const by = await caughtBy(fault)
    results.push({ fault, by })
    process.stdout.write(`${by === undefined ? 'SURVIVES' : 'caught'}: ${fault.name}\n`)
  }
  return results
}

/** The first test file that fails with the fault in place. */
async function caughtBy(fault: Fault): Promise<string | undefined> {
  for (const file of fault.caught_by) {
    const { passed, planted, output } = await run([file], fault)
    if (!planted) throw new Error(`${file} does not load ${fault.file}, so "${fault.name}" was never in place:\n${output}`)
    if (!passed) return file
  }
  return undefined
}

async function run(files: readonly string[], fault: Fault | undefined): Promise<{ passed: boolean; planted: boolean; output: string }> {
  const proof = join(folder, 'planted')
  await rm(proof, { force: true })
  const env = {
    ...process.env,
    TEST_DATABASE_URL: url,
    PROPERTY_SEEDS: SEEDS,
    ...(fault !== undefined && { HABEAS_FAULT: fault.name, HABEAS_FAULT_PLANTED: proof }),
  }
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', '--bail=1', ...files], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  const planted = (await readFile(proof, 'utf8').catch(() => '')) !== ''
  return { passed: code === 0, planted, output }
}

function report(results: readonly Caught[]): void {
  const survivors = results.filter(({ by }) => by === undefined)
  const width = Math.max(...results.map(({ fault }) => fault.name.length))
  process.stdout.write('\nfault · caught by · yes/no\n')
  for (const { fault, by } of results) {
    process.stdout.write(`${fault.name.padEnd(width)} · ${by ?? fault.caught_by.join(', ')} · ${by === undefined ? 'no' : 'yes'}\n`)
  }
  process.stdout.write(`${results.length - survivors.length} of ${results.length} faults caught\n`)
  if (survivors.length > 0) process.exitCode = 1
}
