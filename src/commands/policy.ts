import { readConfig, type Config } from '../config.ts'
import { SAMPLE } from '../demo/company.ts'
import { StartupError } from '../errors.ts'
import { loadPolicy } from '../policy/compile.ts'
import { explainPolicy } from '../policy/explain.ts'
import { PolicyError } from '../policy/problems.ts'
import type { Policy } from '../policy/schema.ts'
import { openSources, type Sources } from '../sources/sources.ts'
import { say, warn } from './say.ts'

/** What a check of the sources is asked. */
interface CheckOptions {
  readonly live?: boolean
  readonly json?: boolean
  /** A table of so many rows is large: what it lacks is an error. */
  readonly rows?: number
}

type Found = Awaited<ReturnType<Sources['drift']>>[number]

/**
 * Says whether the policy is valid, and with `live` how far the sources have moved away from it; every problem at once. Exit 78 when there is an
 * error, 0 with warnings alone.
 */
export async function checkPolicy(given: string | undefined, options: CheckOptions): Promise<void> {
  const config = readConfig()
  const folder = given ?? config.policyFolder ?? SAMPLE
  try {
    const policy = await loadPolicy(folder)
    const { rules, collections, sources } = policy
    const problems = options.live === true ? await driftOf(policy, config, options) : []
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (options.json === true) say(JSON.stringify({ valid: errors.length === 0, hash: policy.hash, problems }))
    const warnings = problems.filter(({ severity }) => severity === 'warning').map((problem) => `warning: ${lineOf(problem)}`)
    if (options.json !== true) for (const warning of warnings) warn(warning)
    if (errors.length > 0) throw new StartupError(errors.map(lineOf).join('\n'))
    if (options.json !== true)
      say(`${folder} is valid: ${sources.size} sources, ${collections.size} collections, ${rules.size} rules. Hash ${policy.hash}.`)
  } catch (error) {
    if (options.json === true && error instanceof PolicyError) say(JSON.stringify({ valid: false, problems: error.problems }))
    throw error
  }
}

async function driftOf(policy: Policy, config: Config, { rows }: CheckOptions): Promise<readonly Found[]> {
  const opened = await openSources(policy, config.sourceUrls, config.sourceSecrets)
  try {
    return await opened.drift(rows === undefined ? {} : { rows })
  } finally {
    await opened.close()
  }
}

function lineOf({ source, collection, sentence }: Found): string {
  return `${source}${collection === '' ? '' : `.${collection}`}: ${sentence}`
}

/** Prints the schedule and, for every right, what would be done to each collection. */
export async function showPolicy(given: string | undefined, options: { json?: boolean }): Promise<void> {
  const policy = await loadPolicy(given ?? readConfig().policyFolder ?? SAMPLE)
  if (options.json === true) say(JSON.stringify({ hash: policy.hash, policy: policy.document }, null, 2))
  else process.stdout.write(explainPolicy(policy))
}
