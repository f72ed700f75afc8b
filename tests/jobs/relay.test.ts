import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { inTransaction, type Context } from '../../src/context.ts'
import { outbox } from '../../src/db/schema/running.ts'
import type { Bell, Ring } from '../../src/jobs/queue.ts'
import { ringDue } from '../../src/jobs/relay.ts'
import { enqueue } from '../../src/outbox.ts'
import { openWorkContext, signal, type MovableClock } from './work-context.ts'

let ctx: Context
let clock: MovableClock

beforeEach(async () => {
  ;({ ctx, clock } = await openWorkContext())
})

function countingBell(ring: (ring: Ring & { id: string }) => Promise<void> = async () => undefined): Bell & { rings: string[] } {
  const rings: string[] = []
  return {
    rings,
    ring: async (one) => {
      rings.push(one.id)
      await ring(one)
    },
    schedule: async () => undefined,
    close: async () => undefined,
  }
}

async function enqueueLetter(notBefore?: Date): Promise<string> {
  const letter = randomUUID()
  await enqueue(ctx, 'send_letter', { letter_id: letter }, notBefore)
  const [row] = await ctx.db
    .select()
    .from(outbox)
    .where(sql`payload->>'letter_id' = ${letter}`)
  return row?.id ?? ''
}

const rungAgo = (interval: string) => ctx.db.update(outbox).set({ rung_at: sql`clock_timestamp() - ${interval}::interval` })

test('what has been rung is not rung again for a minute, then it is, as another job', async () => {
  const id = await enqueueLetter()
  const bell = countingBell()
  expect(await ringDue(ctx, bell)).toBe(1)
  expect(await ringDue(ctx, bell)).toBe(0)
  await rungAgo('59 seconds')
  expect(await ringDue(ctx, bell)).toBe(0)
  await rungAgo('61 seconds')
  expect(await ringDue(ctx, bell)).toBe(1)
  expect(bell.rings).toEqual([`outbox-${id}-1`, `outbox-${id}-2`])
})

test('a row that is done never rings again', async () => {
  await enqueueLetter()
  await ctx.db.update(outbox).set({ done_at: clock.now(), rung_at: sql`clock_timestamp() - interval '1 day'` })
  expect(await ringDue(ctx, countingBell())).toBe(0)
})

test('a cancel window is kept to the millisecond of the clock', async () => {
  await enqueueLetter(new Date(clock.now().getTime() + 1))
  const bell = countingBell()
  expect(await ringDue(ctx, bell)).toBe(0)
  clock.move(1)
  expect(await ringDue(ctx, bell)).toBe(1)
})

test('nothing rings before its transaction has committed, nor after it was rolled back', async () => {
  const bell = countingBell()
  await inTransaction(ctx, async (tx) => {
    await enqueue(tx, 'send_letter', { letter_id: randomUUID() })
    expect(await ringDue(ctx, bell)).toBe(0)
  })
  expect(await ringDue(ctx, bell)).toBe(1)
  const failing = inTransaction(ctx, async (tx) => {
    await enqueue(tx, 'send_letter', { letter_id: randomUUID() })
    throw new Error('rolled back')
  })
  await expect(failing).rejects.toThrow('rolled back')
  expect(await ringDue(ctx, bell)).toBe(0)
})

test('two relays share the work: each row rings once, none is left', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, () => enqueueLetter()))
  const [first, second] = [signal(), signal()]
  const slow = countingBell(async () => {
    first.give()
    await second.given
  })
  const slowRelay = ringDue(ctx, slow)
  await first.given
  // The first relay holds its rows; the second finds nothing to do and does not wait.
  const quick = countingBell()
  expect(await ringDue(ctx, quick)).toBe(0)
  second.give()
  expect(await slowRelay).toBe(30)
  expect(slow.rings.toSorted()).toEqual(ids.map((id) => `outbox-${id}-1`).toSorted())
  expect(await ringDue(ctx, quick)).toBe(0)
})

test('a queue that refuses leaves the rows as they were, to be rung next time', async () => {
  await enqueueLetter()
  const broken = countingBell(async () => {
    throw new Error('the queue is down')
  })
  await expect(ringDue(ctx, broken)).rejects.toThrow('the queue is down')
  expect(await ctx.db.select().from(outbox)).toMatchObject([{ rings: 0, rung_at: null }])
  expect(await ringDue(ctx, countingBell())).toBe(1)
})

test('more rows than one round takes are all rung, oldest first', async () => {
  await ctx.db.execute(sql`insert into outbox (id, name, payload, not_before)
    select gen_random_uuid(), 'send_letter', '{}', ${clock.now().toISOString()}::timestamptz - n * interval '1 second' from generate_series(1, 205) n`)
  const bell = countingBell()
  const rounds = [await ringDue(ctx, bell), await ringDue(ctx, bell), await ringDue(ctx, bell), await ringDue(ctx, bell)]
  expect(rounds).toEqual([100, 100, 5, 0])
  expect(new Set(bell.rings).size).toBe(205)
})
