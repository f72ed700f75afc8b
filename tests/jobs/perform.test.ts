import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { inTransaction, type Context } from '../../src/context.ts'
import { outbox } from '../../src/db/schema/running.ts'
import { Refusal } from '../../src/errors.ts'
import { pauseAfter, performJob } from '../../src/jobs/perform.ts'
import { runDueJobs } from '../../src/jobs/run-due-jobs.ts'
import { enqueue } from '../../src/outbox.ts'
import { lettersBy, openWorkContext, type MovableClock } from './work-context.ts'

let ctx: Context
let clock: MovableClock

beforeEach(async () => {
  ;({ ctx, clock } = await openWorkContext())
})

const rows = () => ctx.db.select().from(outbox).orderBy(outbox.id)

test('a job of a committed transaction is done once, by the system, with its payload', async () => {
  const sent: unknown[] = []
  const letter = randomUUID()
  await inTransaction(ctx, (tx) => enqueue(tx, 'send_letter', { letter_id: letter }))
  const handlers = lettersBy(async ({ actor }, payload) => sent.push([actor, payload]))
  expect(await runDueJobs(ctx, { handlers })).toBe(1)
  expect(await runDueJobs(ctx, { handlers })).toBe(0)
  expect(sent).toEqual([[{ kind: 'system', name: 'jobs' }, { letter_id: letter }]])
  expect(await rows()).toMatchObject([{ done_at: clock.now(), failure: null, rings: 1 }])
})

test('a job of a transaction that failed was never asked for', async () => {
  const failing = inTransaction(ctx, async (tx) => {
    await enqueue(tx, 'send_letter', { letter_id: randomUUID() })
    throw new Refusal('wrong_state')
  })
  await expect(failing).rejects.toMatchObject({ code: 'wrong_state' })
  expect(await rows()).toEqual([])
  expect(await runDueJobs(ctx, { handlers: lettersBy(async () => undefined) })).toBe(0)
})

test('a job waits until its time by the clock, and not a millisecond longer', async () => {
  const handlers = lettersBy(async () => undefined)
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() }, new Date(clock.now().getTime() + 72 * 3_600_000))
  clock.move(72 * 3_600_000 - 1)
  expect(await runDueJobs(ctx, { handlers })).toBe(0)
  clock.move(1)
  expect(await runDueJobs(ctx, { handlers })).toBe(1)
})

test('jobs that a job leaves behind are worked off in the same call', async () => {
  let left = 3
  const handlers = lettersBy(async (job) => {
    left -= 1
    if (left > 0) await enqueue(job, 'send_letter', { letter_id: randomUUID() })
  })
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  expect(await runDueJobs(ctx, { handlers })).toBe(3)
})

test('a mail server that is down puts the letter off by 1, 2 and 4 seconds and loses nothing', async () => {
  let tries = 0
  const handlers = lettersBy(async () => {
    tries += 1
    if (tries <= 3) throw Object.assign(new Error('connect to ada@example.com failed'), { code: 'ECONNECTION' })
  })
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  for (const [index, pause] of [1_000, 2_000, 4_000].entries()) {
    expect(await runDueJobs(ctx, { handlers, keepGoing: true })).toBe(0)
    expect(tries).toBe(index + 1)
    expect(await rows()).toMatchObject([{ failure: 'ECONNECTION', done_at: null, rung_at: null, rings: index + 1 }])
    clock.move(pause - 1)
    await runDueJobs(ctx, { handlers, keepGoing: true })
    expect(tries).toBe(index + 1)
    clock.move(1)
  }
  expect(await runDueJobs(ctx, { handlers })).toBe(1)
  expect(await rows()).toMatchObject([{ failure: null, done_at: clock.now(), rings: 4 }])
})

test('the pause doubles from a second to a quarter of an hour, and then stays', () => {
  expect([0, 1, 2, 3, 10, 11, 12, 5_000].map(pauseAfter)).toEqual([1_000, 1_000, 2_000, 4_000, 512_000, 900_000, 900_000, 900_000])
})

test('a test that does not ask to keep going sees the failure itself', async () => {
  const cause = new Error('as it was thrown')
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  const handlers = lettersBy(async () => {
    throw cause
  })
  await expect(runDueJobs(ctx, { handlers })).rejects.toBe(cause)
})

test('what a failure says about a person is not kept, only its code', async () => {
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  const handlers = lettersBy(({ db }) => db.execute(sql`select 'ada@example.com'::int`))
  await runDueJobs(ctx, { handlers, keepGoing: true })
  expect(await rows()).toMatchObject([{ failure: '22P02' }])
  expect(JSON.stringify(await rows())).not.toContain('ada')
})

test('a job of another version, or with a payload that does not fit, waits for the version that knows it', async () => {
  const id = randomUUID()
  await ctx.db.insert(outbox).values([
    { id, name: 'fly_to_mars', payload: {}, not_before: clock.now() },
    { id: randomUUID(), name: 'send_letter', payload: { letter_id: 'not an id' }, not_before: clock.now() },
  ])
  await runDueJobs(ctx, { handlers: lettersBy(async () => undefined), keepGoing: true })
  const waiting = new Map((await rows()).map(({ name, failure, done_at }) => [name, { failure, done_at }]))
  expect(waiting.get('fly_to_mars')).toEqual({ failure: 'unknown_job', done_at: null })
  expect(waiting.get('send_letter')).toEqual({ failure: 'ZodError', done_at: null })
})

test('a row that is done is not done again when its ring comes twice', async () => {
  let calls = 0
  const handlers = lettersBy(async () => (calls += 1))
  await enqueue(ctx, 'send_letter', { letter_id: randomUUID() })
  const [row] = await rows()
  expect(await performJob(ctx, handlers, row?.id ?? '')).toEqual({ kind: 'done' })
  expect(await performJob(ctx, handlers, row?.id ?? '')).toEqual({ kind: 'nothing' })
  expect(calls).toBe(1)
})
