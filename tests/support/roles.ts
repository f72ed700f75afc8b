import { Client } from 'pg'
import { inject } from 'vitest'
import { loadPolicy } from '../../src/policy/compile.ts'
import type { Policy } from '../../src/policy/schema.ts'
import { grantsOf, rolesOf } from '../../src/sources/postgres/check/grants.ts'

/**
 * Gives the two roles of a source exactly what `habeas policy grants` prints, in the database at `url`, which its owner's address names. The
 * answer are the settings of the source, with both roles.
 */
export async function grantRoles(url: string, policy: string | Policy, source: string): Promise<Record<string, string>> {
  const compiled = typeof policy === 'string' ? await loadPolicy(policy) : policy
  const declaration = compiled.sources.get(source)
  if (declaration === undefined) throw new TypeError(`the policy has no source ${source}`)
  const roles = rolesOf(source)
  await onDatabase(inject('databaseServer').url, async (server) => {
    // Roles belong to the whole server, and advisory locks to one database: every test file asks on the same one.
    await server.query(`select pg_advisory_lock(hashtextextended('role ${roles.read}', 0))`)
    for (const role of [roles.read, roles.erase]) {
      const { rowCount } = await server.query('select from pg_roles where rolname = $1', [role])
      if (rowCount === 0) await server.query(`create role ${role} login password 'test'`)
    }
  })
  await onDatabase(url, (owner) => owner.query(grantsOf(compiled, declaration)))
  const setting = `SOURCE_${source.toUpperCase().replaceAll('-', '_')}`
  return { [`${setting}_URL`]: as(url, roles.read), [`${setting}_ERASE_URL`]: as(url, roles.erase) }
}

function as(url: string, role: string): string {
  const address = new URL(url)
  address.username = role
  address.password = 'test'
  return address.href
}

async function onDatabase(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
