import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { retentionRuns } from '../../src/db/schema/retention.ts'
import { outbox } from '../../src/db/schema/running.ts'
import { receipts } from '../../src/db/schema/work.ts'
import { readRun } from '../../src/retention/read-run.ts'
import { startDueRuns } from '../../src/retention/ring.ts'
import { startRuns } from '../../src/retention/start-runs.ts'
import { openLibrary } from './library.ts'

describe('the nightly ring', () => {
  test('starts nothing before two in the morning in Amsterdam, and every rule from then on', async () => {
    const library = await openLibrary({ demo: true })
    library.moveTo('2026-11-20T00:59:59Z')
    expect(await startDueRuns(library.system)).toBeUndefined()
    library.moveTo('2026-11-20T01:00:00Z')
    const run = await startDueRuns(library.system)
    expect(run?.rules.map(({ rule }) => rule)).toEqual(['visits_nameless', 'left', 'own'])
    expect(run?.trigger).toBe('schedule')
  })

  test('starts one run a night however often and however many ring', async () => {
    const library = await openLibrary({ demo: true })
    const rung = await Promise.all(Array.from({ length: 4 }, () => startDueRuns(library.system)))
    expect(rung.filter((run) => run !== undefined)).toHaveLength(1)
    library.moveTo('2026-11-20T22:59:59Z')
    expect(await startDueRuns(library.system)).toBeUndefined()
    expect(await library.ctx.db.select().from(retentionRuns)).toHaveLength(3)
    library.moveTo('2026-11-21T01:00:00Z')
    expect(await startDueRuns(library.system)).toBeDefined()
  })

  test('is rung and worked off by four workers at once, once', async () => {
    const library = await openLibrary({ demo: true })
    await library.admin.query(`insert into visits select n, n, '2025-01-01' from generate_series(1, 5000) n`)
    await startDueRuns(library.system)
    await Promise.all(Array.from({ length: 4 }, () => library.work()))
    library.moveTo('2026-11-20T11:01:00Z')
    await library.work()
    const rows = await library.ctx.db.select().from(retentionRuns)
    expect(rows.map(({ rule, state, done }) => `${rule} ${state} ${done}`).toSorted()).toEqual([
      'left done 0',
      'own done 0',
      'visits_nameless done 5000',
    ])
    expect(await library.ctx.db.select().from(receipts)).toHaveLength(3)
  })

  test('makes up for nights that were missed', async () => {
    const library = await openLibrary({ demo: true })
    await library.admin.query(`insert into visits values (1, 1, '2025-11-01'), (2, 2, '2025-11-15'), (3, 3, '2025-12-15')`)
    await startDueRuns(library.system)
    await library.work()
    expect(await library.lines('select id from visits where reader_id is null order by id')).toEqual(['1', '2'])
  })

  test('is not in the way of a run that somebody starts by hand', async () => {
    const library = await openLibrary({ demo: true })
    await startDueRuns(library.system)
    await library.work()
    const { id } = await startRuns(library.as('dora'), {})
    await library.work()
    expect((await readRun(library.as('dora'), { id })).run.state).toBe('done')
  })

  test('replaces a run that nobody has confirmed by one with fresh numbers', async () => {
    const library = await openLibrary()
    await library.admin.query(`insert into visits values (1, 1, '2025-01-01')`)
    const first = await startDueRuns(library.system)
    await library.work()
    await library.admin.query(`insert into visits values (2, 2, '2025-01-01')`)
    library.moveTo('2026-11-21T11:00:00Z')
    const second = await startDueRuns(library.system)
    await library.work()
    const of = async (id: string | undefined) =>
      (await readRun(library.as('dora'), { id: id ?? '' })).run.rules.find(({ rule }) => rule === 'visits_nameless')
    expect(await of(first?.id)).toMatchObject({ state: 'stopped', due: 1, done: 0 })
    expect(await of(second?.id)).toMatchObject({ state: 'waiting', due: 2, done: 0 })
  })
})

describe('a run that nobody has a job for', () => {
  test('is rung for again: one that has begun, and one whose turn never came', async () => {
    const library = await openLibrary({ demo: true })
    await library.admin.query(`insert into visits values (1, 1, '2025-01-01')`)
    const { id } = await startRuns(library.as('dora'), {})
    await library.ctx.db.update(outbox).set({ done_at: library.ctx.clock.now() })
    await library.ctx.db.update(retentionRuns).set({ epoch: 3 }).where(eq(retentionRuns.rule, 'own'))
    library.moveTo('2026-11-20T00:30:00Z')
    expect(await startDueRuns(library.system)).toBeUndefined()
    library.moveTo('2026-11-20T12:00:00Z')
    await library.work()
    expect((await readRun(library.as('dora'), { id })).run.rules.map(({ rule, state }) => [rule, state])).toEqual([
      ['visits_nameless', 'done'],
      ['left', 'done'],
      ['own', 'done'],
    ])
  })

  test('is not rung for twice', async () => {
    const library = await openLibrary({ demo: true })
    await startRuns(library.as('dora'), {})
    library.moveTo('2026-11-20T00:30:00Z')
    await startDueRuns(library.system)
    expect(await library.ctx.db.select().from(outbox)).toHaveLength(2)
  })
})

describe('starting by hand', () => {
  test('is for a dpo', async () => {
    const library = await openLibrary()
    await expect(startRuns(library.as('max', 'admin'), {})).rejects.toMatchObject({ code: 'permission_denied' })
    await expect(startRuns(library.ctx, {})).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('refuses a rule that the policy does not have, or that others carry out', async () => {
    const library = await openLibrary()
    for (const rule of ['nothing', 'provider']) {
      await expect(startRuns(library.as('dora'), { rule })).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/rule' }] })
    }
  })

  test('moves the clock in the demonstration only', async () => {
    const now = '2026-12-01T00:00:00Z'
    const real = await openLibrary()
    await expect(startRuns(real.as('dora'), { now })).rejects.toMatchObject({ errors: [{ pointer: '/now' }] })
    const demo = await openLibrary({ demo: true })
    await demo.admin.query(`insert into visits values (1, 1, '2025-11-30')`)
    const { id } = await startRuns(demo.as('dora'), { rule: 'visits_nameless', now })
    await demo.work()
    expect((await readRun(demo.as('dora'), { id })).run).toMatchObject({
      state: 'done',
      started_at: '2026-12-01T00:00:00.000Z',
      rules: [{ done: 1 }],
    })
  })
})
