import { join } from 'node:path'
import type { Config } from '../config.ts'
import { SAMPLE } from '../demo/company.ts'
import type { DemoDatabases } from '../demo/databases.ts'
import { keepWrappingKeys } from '../security/wrapping-keys.ts'

/** Where the demonstration's vendors stand; commands beside it call none of them. */
export interface VendorSettings {
  readonly url?: string
  readonly secret: string
}

/** The settings of a demonstration: what is given counts, the rest points at its own databases, keys, policy and vendors. */
export async function configureDemo(
  given: Config,
  databases: DemoDatabases,
  vendors: VendorSettings = { secret: 'none' },
): Promise<Config> {
  return {
    ...given,
    databaseUrl: databases.main,
    keysUrl: databases.keys,
    queueUrl: databases.main,
    policyFolder: given.policyFolder ?? SAMPLE,
    wrappingKeys: given.wrappingKeys ?? (await keepWrappingKeys(join(given.home, 'keys'))),
    sourceUrls: {
      company: databases.company,
      company_erase: databases.companyErase,
      ...(vendors.url !== undefined && { tool_vendors: vendors.url }),
      ...given.sourceUrls,
    },
    sourceSecrets: { tool_vendors: vendors.secret, ...given.sourceSecrets },
  }
}
