import pino from 'pino'
import { readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { openDatabase } from '../../src/db/client.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'
import type { Handlers } from '../../src/jobs/perform.ts'
import { migrateQueue } from '../../src/jobs/queue.ts'
import { createDatabase, onClose, templateOnce } from '../support/database.ts'

/** A clock that stands until a test moves it. */
export interface MovableClock {
  now(): Date
  move(ms: number): void
}

/** A context with what jobs use: a migrated database of its own, a clock that stands, a log that says nothing. */
export async function openWorkContext(): Promise<{ ctx: Context; url: string; clock: MovableClock }> {
  const template = await templateOnce('jobs', async (url) => {
    await migrateDatabase(url)
    await migrateQueue(url)
  })
  const { url } = await createDatabase({ template })
  const database = openDatabase(url, { name: 'jobs test', max: 8 })
  onClose('database of the context', () => database.close())
  let now = Date.parse('2026-11-20T10:00:00Z')
  const clock = { now: () => new Date(now), move: (ms: number) => void (now += ms) }
  const config = readConfig({ DATABASE_URL: url })
  const parts = { config, db: database.db, clock, log: pino({ level: 'silent' }), actor: { kind: 'public' }, failpoint: () => undefined }
  return { ctx: parts as unknown as Context, url, clock }
}

/** Handlers of which only `send_letter` may be called. */
export function lettersBy(send: (ctx: Context, payload: { letter_id: string }) => Promise<unknown>): Handlers {
  const never = async (): Promise<never> => {
    throw new Error('no test asks for this job')
  }
  return {
    send_letter: send,
    plan_request: never,
    advance_request: never,
    carry_out_step: never,
    build_archive: never,
    put_back_copies: never,
    shred_copies: never,
    run_rule: never,
  }
}

/** A promise that a handler resolves and a test awaits. */
export function signal<T = void>(): { readonly given: Promise<T>; give(value: T): void } {
  let give: (value: T) => void = () => {}
  const given = new Promise<T>((resolve) => {
    give = resolve
  })
  return { given, give }
}
