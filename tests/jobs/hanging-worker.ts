// A worker in a process of its own that begins every letter, says so, and never ends it: for a test that kills it.
import pino from 'pino'
import { readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { openDatabase } from '../../src/db/client.ts'
import { startWork } from '../../src/jobs/run.ts'

const hang = async (): Promise<never> => {
  process.stdout.write('begun\n')
  return new Promise<never>(() => {})
}
const url = process.argv[2] ?? ''
const { db } = openDatabase(url, { name: 'hanging worker', max: 4 })
const clock = { now: () => new Date('2026-11-20T10:00:00Z') }
const parts = { config: readConfig({ DATABASE_URL: url }), db, clock, log: pino({ level: 'silent' }), actor: { kind: 'public' } }
const handlers = {
  send_letter: hang,
  plan_request: hang,
  advance_request: hang,
  carry_out_step: hang,
  build_archive: hang,
  put_back_copies: hang,
  shred_copies: hang,
  run_rule: hang,
}
await startWork(parts as unknown as Context, { handlers, schedules: {} })
