import * as fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createDatabase, onClose } from '../support/database.ts'
import { checkWorld, type Ground } from './check-world.ts'
import { buildWorld } from './scene.ts'
import { LINKS, shapes } from './shape.ts'

/** What many worlds must have met; less would prove little. */
const MUST_OCCUR = ['a self-reference', 'a cycle', 'a composite key', 'a shared row', 'ON DELETE CASCADE', 'a NULL link'] as const
const SEEDS = Number(process.env['PROPERTY_SEEDS'] ?? (process.env['HABEAS_DEEP'] === undefined ? 200 : 20_000))
const FIRST = Number(process.env['PROPERTY_SEED'] ?? 1)
const FAULTED = process.env['HABEAS_FAULT'] !== undefined
const AT_ONCE = 2
const PART = 20
const LONGEST_SHRINKING_MS = 8_000

const counted = new Map<string, number>()
const ended = new Map<string, number>()
const grounds: Ground[] = []

beforeAll(async () => {
  for (let index = 0; index < AT_ONCE; index++) {
    // Each its own: tables that come and go beside a look at the catalog would disturb it.
    const { url } = await createDatabase()
    const admin = new Client({ connectionString: url, application_name: 'owner of worlds' })
    await admin.connect()
    onClose('the owner of worlds', () => admin.end())
    await admin.query(`set timezone = 'UTC'`)
    grounds.push({ admin, url })
  }
})

async function checkSeed(ground: Ground, seed: number): Promise<void> {
  let first = true
  const property = fc.asyncProperty(shapes(LINKS), async (shape) => {
    const world = buildWorld(shape)
    if (first) for (const feature of world.features) counted.set(feature, (counted.get(feature) ?? 0) + 1)
    first = false
    const end = await checkWorld(ground, world)
    ended.set(end, (ended.get(end) ?? 0) + 1)
  })
  const details = await fc.check(property, {
    seed,
    numRuns: 1,
    interruptAfterTimeLimit: LONGEST_SHRINKING_MS,
    // Of a planted fault nobody wants the smallest world.
    endOnFailure: FAULTED,
    markInterruptAsFailure: false,
  })
  if (!details.failed) return
  const [shape] = details.counterexample ?? []
  const replay = `PROPERTY_SEED=${seed} PROPERTY_SEEDS=1 npx vitest run tests/properties`
  const why = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance)
  throw new Error(
    `seed ${seed} fails; replay it with\n  ${replay}\nsmallest world: ${JSON.stringify(shape, undefined, 1).replaceAll(/\s+/g, ' ')}\n${why}`,
  )
}

describe(`in ${SEEDS} random schemas, what one person gets and loses is what the rows themselves say`, () => {
  for (let start = FIRST; start < FIRST + SEEDS; start += PART) {
    const end = Math.min(start + PART, FIRST + SEEDS) - 1
    test(`seeds ${start} to ${end}`, { timeout: 300_000 }, async () => {
      const seeds = Array.from({ length: end - start + 1 }, (_, index) => start + index)
      const failures: unknown[] = []
      const work = async (ground: Ground): Promise<void> => {
        for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
          await checkSeed(ground, seed).catch((error: unknown) => failures.push(error))
          if (FAULTED && failures.length > 0) return
        }
      }
      await Promise.all(grounds.map(work))
      if (failures.length > 0) throw new Error(failures.slice(0, 3).map(String).join('\n\n'))
    })
  }

  test('every kind of schema has occurred often enough', () => {
    if (SEEDS < 100) return
    for (const feature of MUST_OCCUR) expect(counted.get(feature) ?? 0, feature).toBeGreaterThanOrEqual(SEEDS * 0.2)
  })
})

afterAll(() => {
  const share = (n: number): string => `${n} (${Math.round((100 * n) / SEEDS)} %)`
  const lines = [...counted].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, n]) => `  ${name}: ${share(n)}`)
  const ends = [...ended].map(([name, n]) => `${name}: ${n}`).join(', ')
  process.stdout.write(`Worlds from seed ${FIRST}, ${SEEDS} of them; ${ends}.\n${lines.join('\n')}\n`)
})
