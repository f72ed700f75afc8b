import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Policy } from '../policy/schema.ts'
import { grantsOf } from '../sources/postgres/check/grants.ts'

/** The folder of the sample: its policy, and the company's schema, rows and people. */
export const SAMPLE = fileURLToPath(new URL('../../examples/cowork', import.meta.url))

const people = z.array(z.object({ email: z.string(), note: z.string() }))
const SEED = 'cowork'

/** The people of the sample company who have a story, to try things out with. */
export async function readPeople(): Promise<z.infer<typeof people>> {
  return people.parse(parse(await readFile(join(SAMPLE, 'people.yaml'), 'utf8')))
}

/**
 * Fills the company's database, as its owner, when it holds no table yet, with ages counted back from `now`; answers whether it did. All or
 * nothing, so that a start that was cut short leaves an empty one.
 */
export async function loadCompany(url: string, options: { accounts: number | undefined; now: Date }): Promise<boolean> {
  const [schema, generate] = await Promise.all(['schema.sql', 'generate.sql'].map((file) => readFile(join(SAMPLE, file), 'utf8')))
  const owner = new Client({ connectionString: url, application_name: 'habeas start' })
  await owner.connect()
  try {
    const loaded = await owner.query(`select from pg_class where relnamespace = 'public'::regnamespace limit 1`)
    if (loaded.rowCount !== 0) return false
    await owner.query('begin')
    await owner.query(schema ?? '')
    const settings = { 'sample.seed': SEED, 'sample.now': options.now.toISOString(), 'sample.accounts': options.accounts?.toString() ?? '' }
    for (const [name, value] of Object.entries(settings)) await owner.query('select set_config($1, $2, true)', [name, value])
    await owner.query(generate ?? '')
    await owner.query('commit')
    return true
  } finally {
    await owner.end()
  }
}

/** Gives the roles of the service what the policy needs at its source `company`, as the owner of that database; harmless when it is done again. */
export async function grantCompany(url: string, policy: Policy): Promise<void> {
  const source = policy.sources.get('company')
  if (source?.kind !== 'postgres') return
  const owner = new Client({ connectionString: url, application_name: 'habeas start' })
  await owner.connect()
  try {
    await owner.query(grantsOf(policy, source))
  } finally {
    await owner.end()
  }
}
