import { readConfig } from '../config.ts'
import { SAMPLE } from '../demo/company.ts'
import { StartupError } from '../errors.ts'
import { loadPolicy } from '../policy/compile.ts'
import { explainPolicy } from '../policy/explain.ts'
import { PolicyError } from '../policy/problems.ts'
import { openSources } from '../sources/sources.ts'
import { say } from './say.ts'

/** Says whether the policy is valid, and with `live` whether it fits the sources; every problem at once, exit 78. */
export async function checkPolicy(given: string | undefined, options: { live?: boolean; json?: boolean }): Promise<void> {
  const config = readConfig()
  const folder = given ?? config.policyFolder ?? SAMPLE
  try {
    const policy = await loadPolicy(folder)
    const { rules, collections, sources } = policy
    if (options.live === true) {
      const opened = await openSources(policy, config.sourceUrls)
      const problems = await opened.check()
      await opened.close()
      if (problems.length > 0) {
        if (options.json === true) say(JSON.stringify({ valid: false, problems }))
        throw new StartupError(problems.map((problem) => `${problem.source}.${problem.collection}: ${problem.sentence}`).join('\n'))
      }
    }
    if (options.json === true) say(JSON.stringify({ valid: true, hash: policy.hash, problems: [] }))
    else say(`${folder} is valid: ${sources.size} sources, ${collections.size} collections, ${rules.size} rules. Hash ${policy.hash}.`)
  } catch (error) {
    if (options.json === true && error instanceof PolicyError) say(JSON.stringify({ valid: false, problems: error.problems }))
    throw error
  }
}

/** Prints the schedule and, for every right, what would be done to each collection. */
export async function showPolicy(given: string | undefined, options: { json?: boolean }): Promise<void> {
  const policy = await loadPolicy(given ?? readConfig().policyFolder ?? SAMPLE)
  if (options.json === true) say(JSON.stringify({ hash: policy.hash, policy: policy.document }, null, 2))
  else process.stdout.write(explainPolicy(policy))
}
