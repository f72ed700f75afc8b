import { readConfig } from '../config.ts'
import { SAMPLE } from '../demo/company.ts'
import { StartupError } from '../errors.ts'
import { loadPolicy } from '../policy/compile.ts'
import { grantsOf } from '../sources/postgres/check/grants.ts'

/** Prints the SQL that makes the roles of each PostgreSQL source and gives them what the policy needs; touches no database. */
export async function printGrants(given: string | undefined, options: { source?: string }): Promise<void> {
  const policy = await loadPolicy(given ?? readConfig().policyFolder ?? SAMPLE)
  const databases = [...policy.sources.values()].filter(({ kind }) => kind === 'postgres')
  const wanted = databases.filter(({ id }) => options.source === undefined || id === options.source)
  if (wanted.length === 0) {
    const names = databases.map(({ id }) => id).join(', ')
    throw new StartupError(
      options.source === undefined
        ? 'The policy has no source of kind postgres, so there is nothing to grant.'
        : `Expected the name of a source of kind postgres (${names}), got '${options.source}'.`,
    )
  }
  process.stdout.write(wanted.map((source) => grantsOf(policy, source)).join('\n'))
}
