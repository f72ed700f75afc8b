import { pino } from 'pino'
import { readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { openDatabase } from '../../src/db/client.ts'
import { migrateDatabase, migrateKeys } from '../../src/db/migrate.ts'
import { openKeys } from '../../src/security/keys.ts'
import type { Actor } from '../../src/security/permissions.ts'
import { generateWrappingKey } from '../../src/security/wrapping-keys.ts'
import { createDatabase, onClose, templateOnce } from '../support/database.ts'

export interface TestContext extends Context {
  /** Moves the clock on. */
  later(milliseconds: number): void
  /** A statement as somebody who owns the server and switches the triggers off. */
  tamper(statement: string): Promise<void>
}

export const START = new Date('2026-11-20T12:00:00.000Z')

/** A context over a migrated database and real keys; it has no policy, no sources and no mail. */
export async function openTestContext(actor: Actor = { kind: 'system', name: 'test' }): Promise<TestContext> {
  const main = await createDatabase({ template: await templateOnce('audit_main', migrateDatabase) })
  const keysDatabase = await createDatabase({ template: await templateOnce('audit_keys', migrateKeys) })
  const client = openDatabase(main.url, { name: 'tests' })
  onClose('main database', () => client.close())
  const keys = await openKeys({ url: keysDatabase.url, wrappingKeys: generateWrappingKey() })
  onClose('keys', () => keys.close())
  let now = START.getTime()
  const parts = {
    config: readConfig({}),
    db: client.db,
    keys,
    clock: { now: () => new Date(now) },
    log: pino({ level: 'silent' }),
    actor,
    publicUrl: 'https://privacy.example',
    demo: undefined,
    failpoint: () => {},
    later(milliseconds: number) {
      now += milliseconds
    },
    async tamper(statement: string) {
      await client.pool.query(`begin; set local session_replication_role = replica; ${statement}; commit`)
    },
  }
  return parts as unknown as TestContext
}
