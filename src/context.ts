import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Database } from './db/client.ts'
import type { Mailer } from './mail/mailer.ts'
import type { Policy } from './policy/schema.ts'
import type { Keys } from './security/keys.ts'
import type { Actor } from './security/permissions.ts'
import type { Sources } from './sources/sources.ts'

/** The time, as an argument: tests and the demo move it. */
export interface Clock {
  now(): Date
}

/** What makes a demonstration different: never set outside `habeas start` without DATABASE_URL. */
export interface Demo {
  readonly cancelWindowSeconds: number
  readonly mailbox: string
}

/** Everything a verb may use; `db` is the open transaction inside `inTransaction`. */
export interface Context {
  readonly config: Config
  readonly db: Database
  readonly policy: Policy
  readonly sources: Sources
  readonly mailer: Mailer
  readonly keys: Keys
  readonly clock: Clock
  readonly log: Logger
  readonly actor: Actor
  /** The address people reach us at, without a slash at the end; links are built from nothing else. */
  readonly publicUrl: string
  readonly demo: Demo | undefined
  /** A step of a crash test: ends the process when the named point is the one that was asked for. */
  readonly failpoint: (name: string, source?: string) => void
}

/** The same context on behalf of somebody else. */
export function actingAs(ctx: Context, actor: Actor): Context {
  return { ...ctx, actor }
}

/** Runs `act` in one transaction, in the one that is open or a new one; a throw leaves nothing behind. */
export async function inTransaction<T>(ctx: Context, act: (ctx: Context) => Promise<T>): Promise<T> {
  return ctx.db.transaction((tx) => act({ ...ctx, db: tx }))
}
