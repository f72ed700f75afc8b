import { spawnSync } from 'node:child_process'
import { Client } from 'pg'
import { deciding } from '../src/planner/graph.ts'
import { makePlan } from '../src/planner/plan.ts'
import { openSources } from '../src/sources/sources.ts'
import { COMPANY, companyPolicy, SCRIPT } from './company.ts'
import { openBenchDatabase } from './database.ts'
import { inTurn, median, type Figure } from './measure.ts'

const GOAL = 3
const ROUNDS = 5

/**
 * Planning and reading one person with 1,000 rows over 40 tables, beside the same queries written by hand: one after the other over an open
 * connection, which spares them the start of psql; and, where it is there, beside psql with the script.
 */
export async function benchSubject(): Promise<Figure[]> {
  const database = await openBenchDatabase(COMPANY)
  const policy = companyPolicy()
  const sources = await openSources(policy, { company: database.url })
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    let rows = 0
    const ours = async (): Promise<void> => {
      const survey = await sources.walk({ email: [['person7@example.com']] })
      const surveyed = survey.looked.map(({ collection, found, path }) => ({
        collection,
        rows: found.rows,
        organisation_rows: found.organisation_rows,
        shared_rows: found.shared_rows,
        path,
      }))
      const plan = makePlan({ ...NOBODY, policy, surveyed })
      rows = surveyed.reduce((sum, one) => sum + one.rows, 0)
      const read = plan.body.items.filter(({ action, source }) => action === 'disclose' && source === 'company')
      await Promise.all(
        read.map(async ({ collection, fields }) => {
          const looked = survey.looked.find((one) => one.collection === collection)
          const source = sources.get('company')
          if (looked === undefined || source.kind === 'manual') throw new Error('nothing was found')
          const declared = policy.collections.get(collection)
          const openings = deciding(declared ?? { opened_by: [] }, looked.openings)
          const bytes = await source.disclose({ selection: { collection, openings, side: 'ours' }, format: 'csv', columns: fields })
          for await (const piece of bytes) if (piece.length === 0) throw new Error('an empty piece')
        }),
      )
    }
    const byHand = async (): Promise<void> => {
      for (const statement of SCRIPT) await client.query(statement)
    }
    const times = await inTurn(ROUNDS, ours, byHand)
    if (rows < 970) throw new Error(`expected about 1,000 rows, found ${rows}`)
    const psql = runPsql(database.url)
    const name = `plan and read one person, ${rows} rows over 40 tables`
    const figure = (what: string, baseline: number): Figure => {
      const ratio = times.ours / baseline
      return { name: `${name}, beside ${what}`, unit: 'ms', ours: times.ours, baseline, ratio, goal: `≤ ${GOAL}×`, reached: ratio <= GOAL }
    }
    return [figure('the queries by hand', times.baseline), ...(psql === undefined ? [] : [figure('psql with the script', psql)])]
  } finally {
    await client.end()
    await sources.close()
    await database.close()
  }
}

/** Milliseconds that psql takes for the script, the median of five; undefined where there is no psql. */
function runPsql(url: string): number | undefined {
  const run = (): number => {
    const start = performance.now()
    const { status } = spawnSync('psql', [url, '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null'], { input: `${SCRIPT.join(';\n')};` })
    return status === 0 ? performance.now() - start : Number.NaN
  }
  const times = Array.from({ length: ROUNDS }, run)
  return times.some(Number.isNaN) ? undefined : median(times)
}

const NOBODY = {
  right: 'access',
  scope: {},
  regime: 'gdpr',
  identities: [],
  persons: [],
  choices: [],
  resolved: true,
  corrections: [],
  holds: [],
  answers: {},
  amendments: [],
  hidden: [],
  kept_until: {},
  own_until: '2030-01-01',
} as const
