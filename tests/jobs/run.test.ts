import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { Client } from 'pg'
import { beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { outbox } from '../../src/db/schema/running.ts'
import type { Handlers } from '../../src/jobs/perform.ts'
import { migrateQueue, openBell, openWorker } from '../../src/jobs/queue.ts'
import { startWork } from '../../src/jobs/run.ts'
import type { Schedules } from '../../src/jobs/run-schedule.ts'
import { enqueue } from '../../src/outbox.ts'
import { createDatabase, onClose } from '../support/database.ts'
import { lettersBy, openWorkContext, signal, type MovableClock } from './work-context.ts'

const HANGING_WORKER = fileURLToPath(new URL('./hanging-worker.ts', import.meta.url))

let ctx: Context
let url: string
let clock: MovableClock

beforeEach(async () => {
  ;({ ctx, url, clock } = await openWorkContext())
})

async function work(handlers: Handlers, options: { schedules?: Schedules; alone?: boolean } = {}) {
  const running = await startWork(ctx, { handlers, schedules: options.schedules ?? {}, alone: options.alone ?? false })
  onClose('work', running.close)
  return running
}

/** Looks until it is so; the test's own time limit ends a wait that is in vain. */
async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await pause(20)
}

const rows = () => ctx.db.select().from(outbox).orderBy(outbox.id)
const allDone = async () => (await rows()).every(({ done_at }) => done_at !== null)
const jobsInQueue = async () => Number((await ctx.db.execute<{ n: string }>(sql`select count(*) as n from bullmq.job`)).rows[0]?.n)

test('letters asked for before and after the start are all sent, once each', async () => {
  const sent: string[] = []
  const asked = Array.from({ length: 20 }, () => randomUUID())
  for (const letter_id of asked.slice(0, 10)) await enqueue(ctx, 'send_letter', { letter_id })
  await work(lettersBy(async (_, { letter_id }) => sent.push(letter_id)))
  for (const letter_id of asked.slice(10)) await enqueue(ctx, 'send_letter', { letter_id })
  await until(async () => sent.length >= 20 && (await allDone()))
  expect(sent.toSorted()).toEqual(asked.toSorted())
})

test('the queue holds the id of the row and the name of the job, and nothing else', async () => {
  const letter = randomUUID()
  await enqueue(ctx, 'send_letter', { letter_id: letter })
  await work(lettersBy(async () => undefined))
  await until(allDone)
  const [row] = await rows()
  const stored = await ctx.db.execute<{ id: string; data: unknown; whole: string }>(
    sql`select id, data, to_jsonb(job)::text as whole from bullmq.job`,
  )
  expect(stored.rows.map(({ id, data }) => ({ id, data }))).toEqual([
    { id: `outbox-${row?.id}-1`, data: { name: 'send_letter', outbox_id: row?.id } },
  ])
  expect(stored.rows[0]?.whole).not.toContain(letter)
})

test('a queue that was wiped costs nothing: the row rings again', async () => {
  const bell = await openBell(url, () => undefined)
  onClose('bell', bell.close)
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  const [row] = await rows()
  await bell.ring({ id: `outbox-${row?.id}-1`, name: 'send_letter', outbox_id: row?.id ?? '' })
  await ctx.db.update(outbox).set({ rings: 1, rung_at: sql`clock_timestamp() - interval '61 seconds'` })
  await ctx.db.execute(sql`truncate bullmq.job cascade`)
  expect(await jobsInQueue()).toBe(0)
  await work(lettersBy(async () => undefined))
  await until(allDone)
  expect(await rows()).toMatchObject([{ rings: 2, failure: null }])
})

test('what a killed process had begun is taken up at once by the next when it is alone', async () => {
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  // As the killed one left it: rung a moment ago, not done, the job of its worker gone with it.
  await ctx.db.update(outbox).set({ rings: 1, rung_at: sql`clock_timestamp()` })
  await work(
    lettersBy(async () => undefined),
    { alone: true },
  )
  await until(allDone)
  expect(await rows()).toMatchObject([{ rings: 2 }])
})

test('the letter of a worker that was killed in the middle is sent by the next, which knows that it is alone', async () => {
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  const killed = spawn(process.execPath, [HANGING_WORKER, url], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(killed.stdout, 'data')
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  expect(await rows()).toMatchObject([{ rings: 1, done_at: null }])
  let sent = 0
  await work(
    lettersBy(async () => (sent += 1)),
    { alone: true },
  )
  await until(allDone)
  expect(sent).toBe(1)
})

test('the letter of a worker that was killed is rung again for the others a minute later', async () => {
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  const killed = spawn(process.execPath, [HANGING_WORKER, url], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(killed.stdout, 'data')
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  await ctx.db.update(outbox).set({ rung_at: sql`${outbox.rung_at} - interval '61 seconds'` })
  await work(lettersBy(async () => undefined))
  await until(allDone)
  expect(await rows()).toMatchObject([{ rings: 2 }])
})

test('a failure is tried again after its pause by the clock, and the queue never sees what it said', async () => {
  let tries = 0
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  await work(
    lettersBy(async () => {
      tries += 1
      if (tries === 1) throw new Error('no route to ada@example.com')
    }),
  )
  await until(async () => (await rows())[0]?.failure === 'Error')
  clock.move(1_000)
  await until(allDone)
  expect(tries).toBe(2)
  const dump = await ctx.db.execute<{ dump: string }>(sql`select coalesce(string_agg(to_jsonb(job)::text, ''), '') as dump from bullmq.job`)
  expect(dump.rows[0]?.dump).not.toContain('ada@example.com')
})

test('closing waits for the letter that is being sent', async () => {
  const [begun, finish] = [signal(), signal()]
  let finished = false
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  const running = await startWork(ctx, {
    schedules: {},
    handlers: lettersBy(async () => {
      begun.give()
      await finish.given
      finished = true
    }),
  })
  await begun.given
  const closing = running.close().then(() => finished)
  finish.give()
  expect(await closing).toBe(true)
  expect(await allDone()).toBe(true)
})

test('the relay hears again after its connection was cut', async () => {
  const sent: string[] = []
  await work(lettersBy(async (_, { letter_id }) => sent.push(letter_id)))
  const ears = sql`select pid from pg_stat_activity where application_name = 'habeas relay' and datname = current_database() and state = 'idle'`
  await until(async () => (await ctx.db.execute(ears)).rows.length === 1)
  const before = (await ctx.db.execute<{ pid: number }>(ears)).rows[0]?.pid
  await ctx.db.execute(sql`select pg_terminate_backend(${before}::int)`)
  await until(async () => {
    const { rows: now } = await ctx.db.execute<{ pid: number }>(ears)
    return now.length === 1 && now[0]?.pid !== before
  })
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  await until(allDone)
  expect(sent).toHaveLength(1)
})

test('a schedule set at every start by two processes exists once, in UTC', async () => {
  const schedules: Schedules = { ring: { pattern: '*/15 * * * *', acts: [] }, sweep: { pattern: '* * * * *', acts: [] } }
  const handlers = lettersBy(async () => undefined)
  await Promise.all([work(handlers, { schedules }), work(handlers, { schedules })])
  await work(handlers, { schedules })
  const { rows: set } = await ctx.db.execute(
    sql`select scheduler_id, pattern, tz, template_data from bullmq.scheduler order by scheduler_id`,
  )
  expect(set).toEqual([
    { scheduler_id: 'ring', pattern: '*/15 * * * *', tz: 'UTC', template_data: { name: 'ring' } },
    { scheduler_id: 'sweep', pattern: '* * * * *', tz: 'UTC', template_data: { name: 'sweep' } },
  ])
  expect((await ctx.db.execute(sql`select count(*)::int as n from bullmq.job where state = 'delayed'`)).rows).toEqual([{ n: 2 }])
})

test('a ring of a schedule has all its acts done by the system, though one of them fails', async () => {
  const seen = signal<string>()
  const schedules: Schedules = {
    sweep: {
      pattern: '0 0 1 1 *',
      acts: [
        async () => {
          throw new Error('the first fails')
        },
        async ({ actor }) => seen.give(actor.kind === 'system' ? actor.name : actor.kind),
      ],
    },
  }
  await work(
    lettersBy(async () => undefined),
    { schedules },
  )
  const bell = await openBell(url, () => undefined)
  onClose('bell', bell.close)
  await bell.ring({ id: 'sweep-now', name: 'sweep' })
  expect(await seen.given).toBe('sweep')
})

test('an act that runs every second runs again after it has finished, and not once more after closing', async () => {
  let runs = 0
  const twice = signal()
  const schedules: Schedules = {
    sequencer: {
      everyMs: 1,
      acts: [
        async () => {
          runs += 1
          if (runs === 2) twice.give()
        },
      ],
    },
  }
  const running = await startWork(ctx, { handlers: lettersBy(async () => undefined), schedules })
  await twice.given
  await running.close()
  const then = runs
  await pause(20)
  expect(runs).toBe(then)
})

test('a queue that was never migrated is refused by name, and a migration done twice at once is done once', async () => {
  const empty = await createDatabase()
  await expect(
    openWorker(
      empty.url,
      async () => undefined,
      () => undefined,
    ),
  ).rejects.toThrow(/bullmq/)
  await Promise.all([migrateQueue(empty.url), migrateQueue(empty.url)])
  const session = new Client({ connectionString: empty.url })
  await session.connect()
  const { rows: versions } = await session.query<{ n: number }>('select count(*)::int as n from bullmq.migration')
  await session.end()
  expect(versions[0]?.n).toBeGreaterThan(0)
})
