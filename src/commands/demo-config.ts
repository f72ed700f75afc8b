import { join } from 'node:path'
import type { Config } from '../config.ts'
import { SAMPLE } from '../demo/company.ts'
import type { DemoDatabases } from '../demo/databases.ts'
import { keepWrappingKeys } from '../security/wrapping-keys.ts'

/** The settings of a demonstration: what is given counts, the rest points at its own databases, keys and policy. */
export async function configureDemo(given: Config, databases: DemoDatabases): Promise<Config> {
  return {
    ...given,
    databaseUrl: databases.main,
    keysUrl: databases.keys,
    queueUrl: databases.main,
    policyFolder: given.policyFolder ?? SAMPLE,
    wrappingKeys: given.wrappingKeys ?? (await keepWrappingKeys(join(given.home, 'keys'))),
    sourceUrls: { company: databases.company, company_erase: databases.companyErase, ...given.sourceUrls },
  }
}
