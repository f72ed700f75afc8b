import { describe, expect, test } from 'vitest'
import { confirmedRules } from '../../src/db/schema/retention.ts'
import { confirmRulesForDemo } from '../../src/retention/confirm-for-demo.ts'
import { confirmRun } from '../../src/retention/confirm-run.ts'
import { allowance, reasonToWait } from '../../src/retention/guard.ts'
import { readRun } from '../../src/retention/read-run.ts'
import { startRuns } from '../../src/retention/start-runs.ts'
import { stopRun } from '../../src/retention/stop-run.ts'
import { openLibrary, type Library } from './library.ts'

const agreed = { confirmed: true, by_demo: false }
const counted = (due: number, table_rows: number) => ({ due, table_rows, held: 0, oldest: null })

describe('the guard', () => {
  test('lets 20 % of a table go and stops one row more', () => {
    expect(reasonToWait(counted(200, 1_000), agreed, 20)).toBeUndefined()
    expect(reasonToWait(counted(201, 1_000), agreed, 20)).toBe('It would take 201 rows of 1000 (20 %); more than 20 % needs a person.')
  })

  test('stops the first run under a wording however small it is, but not one that finds nothing', () => {
    expect(reasonToWait(counted(1, 1_000_000), { confirmed: false, by_demo: false }, 20)).toContain('first run')
    expect(reasonToWait(counted(0, 1_000_000), { confirmed: false, by_demo: false }, 20)).toBeUndefined()
  })

  test('lets the demonstration take a whole table', () => {
    expect(reasonToWait(counted(10, 10), { confirmed: true, by_demo: true }, 20)).toBeUndefined()
  })

  test('allows what was counted, a fifth more and a hundred rows', () => {
    expect(allowance(1_000, { factor: 1.2, plus: 100 })).toBe(1_300)
    expect(allowance(0, { factor: 1.2, plus: 100 })).toBe(100)
  })
})

/** 10 of 100 visits are due. */
async function openWithVisits(options: Parameters<typeof openLibrary>[0] = {}): Promise<Library> {
  const library = await openLibrary(options)
  await library.admin.query(`
    insert into visits select n, n, case when n <= 10 then '2025-01-01'::timestamptz else '2026-11-01' end from generate_series(1, 100) n`)
  return library
}

const nameless = (library: Library) => library.lines('select count(*) from visits where reader_id is null')

async function start(library: Library): Promise<string> {
  const { id } = await startRuns(library.as('dora'), { rule: 'visits_nameless' })
  await library.work()
  return id
}

describe('a run that waits', () => {
  test('changes nothing until another person has confirmed it, and then goes on to its end', async () => {
    const library = await openWithVisits()
    const id = await start(library)
    const { run } = await readRun(library.as('dora'), { id })
    expect(run).toMatchObject({ state: 'waiting', waits_for: expect.stringContaining('10 rows'), rules: [{ due: 10, done: 0 }] })
    expect(await nameless(library)).toEqual(['0'])
    await expect(confirmRun(library.as('dora'), { id })).rejects.toMatchObject({ code: 'same_person' })
    expect(await confirmRun(library.as('dirk'), { id })).toMatchObject({ state: 'running', waits_for: null })
    await library.work()
    expect((await readRun(library.as('dora'), { id })).run).toMatchObject({ state: 'done', rules: [{ due: 10, done: 10 }] })
    expect(await nameless(library)).toEqual(['10'])
  })

  test('is not asked for again under the same wording, but for a large one it is', async () => {
    const library = await openWithVisits()
    await confirmRun(library.as('dirk'), { id: await start(library) })
    await library.work()
    await library.admin.query(`update visits set came_at = '2025-01-01' where id between 11 and 30`)
    const twenty = await start(library)
    expect((await readRun(library.as('dora'), { id: twenty })).run).toMatchObject({ state: 'done', rules: [{ done: 20 }] })
    await library.admin.query(`update visits set came_at = '2025-01-01' where id between 31 and 51`)
    const more = await start(library)
    expect((await readRun(library.as('dora'), { id: more })).run).toMatchObject({ state: 'waiting', rules: [{ due: 21, done: 0 }] })
  })

  test('waits again when the rule is worded otherwise', async () => {
    const library = await openWithVisits()
    await confirmRun(library.as('dirk'), { id: await start(library) })
    await library.work()
    const rule = library.ctx.policy.rules.get('visits_nameless')
    if (rule === undefined) throw new Error('no rule')
    const shorter = { ...library.ctx.policy, hash: 'other', rules: new Map([['visits_nameless', { ...rule, period: 'P1D' }]]) }
    const ctx = { ...library.system, policy: shorter }
    const { id } = await startRuns({ ...library.as('dora'), policy: shorter }, { rule: 'visits_nameless' })
    await library.work(ctx)
    expect((await readRun(library.as('dora'), { id })).run.state).toBe('waiting')
    await expect(confirmRun(library.as('dirk'), { id })).rejects.toMatchObject({ code: 'stale_plan' })
  })

  test('is stopped by one person, who need not be another', async () => {
    const library = await openWithVisits()
    const id = await start(library)
    await stopRun(library.as('dora'), { id })
    await library.work()
    const { run, receipts } = await readRun(library.as('dora'), { id })
    expect(run).toMatchObject({ state: 'stopped', rules: [{ done: 0 }] })
    expect(receipts).toHaveLength(1)
    await expect(confirmRun(library.as('dirk'), { id })).rejects.toMatchObject({ code: 'wrong_state' })
    await expect(stopRun(library.as('dora'), { id })).rejects.toMatchObject({ code: 'wrong_state' })
    expect(await nameless(library)).toEqual(['0'])
  })

  test('is confirmed by a dpo and by nobody below', async () => {
    const library = await openWithVisits()
    const id = await start(library)
    for (const role of ['caseworker', 'auditor', 'admin'] as const) {
      await expect(confirmRun(library.as('max', role), { id })).rejects.toMatchObject({ code: 'permission_denied' })
    }
  })

  test('that takes more than was counted waits too', async () => {
    const library = await openWithVisits({ demo: true })
    await library.admin.query(`insert into visits select n, n, '2026-11-01' from generate_series(1001, 1300) n`)
    const { id } = await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    const growing = library.withSource(({ schedule, ...source }) => ({
      ...source,
      schedule: schedule && {
        ...schedule,
        // Rows that fall due behind the count: somebody rewrites old dates while the run is under way.
        purge: async (batch) => {
          await library.admin.query(`update visits set came_at = '2025-01-01'`)
          return schedule.purge(batch)
        },
      },
    }))
    await library.work(growing)
    const { run } = await readRun(library.as('dora'), { id })
    // 10 were counted: 10 × 1.2 + 100.
    expect(run).toMatchObject({ state: 'waiting', rules: [{ due: 10, done: 112 }] })
    expect(await nameless(library)).toEqual(['112'])
  })
})

describe('the demonstration', () => {
  test('has agreed to all rules beforehand; nobody else can agree so', async () => {
    const library = await openWithVisits({ demo: true })
    await library.admin.query(`update visits set came_at = '2025-01-01'`)
    const id = await start(library)
    expect((await readRun(library.as('dora'), { id })).run).toMatchObject({ state: 'done', rules: [{ done: 100 }] })
    const rows = await library.ctx.db.select().from(confirmedRules)
    expect(rows.map(({ rule, by_demo }) => `${rule} ${by_demo}`).toSorted()).toEqual(['left true', 'own true', 'visits_nameless true'])
    await expect(confirmRulesForDemo({ ...library.system, demo: undefined })).rejects.toThrow('only the demonstration')
  })

  test('confirms nothing for a service that later runs on its database', async () => {
    const library = await openWithVisits({ demo: true })
    const ctx = { ...library.system, demo: undefined }
    const { id } = await startRuns({ ...library.as('dora'), demo: undefined }, { rule: 'visits_nameless' })
    await library.work(ctx)
    expect((await readRun(library.as('dora'), { id })).run.state).toBe('waiting')
  })
})
