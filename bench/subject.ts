import { Client } from 'pg'
import { deciding } from '../src/planner/graph.ts'
import { makePlan } from '../src/planner/plan.ts'
import { openSources } from '../src/sources/sources.ts'
import { COMPANY, companyPolicy, SCRIPT } from './company.ts'
import { openBenchDatabase } from './database.ts'
import { inTurn, type Figure } from './measure.ts'

const GOAL = 3
const ROUNDS = 5

/** Planning and reading one person with 1,000 rows over 40 tables, beside the same queries written by hand and sent as one script. */
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
    const times = await inTurn(ROUNDS, ours, () => client.query(SCRIPT))
    if (rows < 970) throw new Error(`expected about 1,000 rows, found ${rows}`)
    const ratio = times.ours / times.baseline
    return [
      {
        name: `plan and read one person, ${rows} rows over 40 tables`,
        unit: 'ms',
        ...times,
        ratio,
        goal: `≤ ${GOAL}×`,
        reached: ratio <= GOAL,
      },
    ]
  } finally {
    await client.end()
    await sources.close()
    await database.close()
  }
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
