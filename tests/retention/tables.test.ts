import { describe, expect, test } from 'vitest'
import { listRules } from '../../src/retention/list-rules.ts'
import { listRuns } from '../../src/retention/list-runs.ts'
import { publicRetention } from '../../src/retention/public-table.ts'
import { readRun } from '../../src/retention/read-run.ts'
import { startRuns } from '../../src/retention/start-runs.ts'
import { openLibrary } from './library.ts'

describe('the published table', () => {
  test('has a line for every rule, also for those that others carry out, and the date of the last run that ended well', async () => {
    const library = await openLibrary({ demo: true })
    const before = await publicRetention(library.ctx)
    expect(before.rules.map(({ promise, period, then, last_success_at }) => [promise, period, then, last_success_at])).toEqual([
      ['Readers are erased 90 days after they leave.', 'P90D', 'erased', null],
      ['Visits lose the reader after 12 months.', 'P12M', 'loses what points at you', null],
      ['The printer forgets after 30 days.', 'P30D', 'deleted by the recipient, who confirms it', null],
      ['Our own records go too.', null, 'erased', null],
    ])
    expect(before.rules[0]).toMatchObject({ kept: '90 days', starts: 'left_at' })
    expect(before.checked_on).toBeNull()
    await startRuns(library.as('dora'), {})
    await library.work()
    const after = await publicRetention(library.ctx)
    const now = '2026-11-20T11:00:00.000Z'
    expect(after.rules.map(({ last_success_at }) => last_success_at)).toEqual([now, now, null, now])
  })

  test('claims no run for a rule that only observes', async () => {
    const library = await openLibrary({ demo: true, mode: 'observe' })
    await startRuns(library.as('dora'), {})
    await library.work()
    const { rules } = await publicRetention(library.ctx)
    expect(rules.slice(0, 2).map(({ last_success_at }) => last_success_at)).toEqual([null, null])
  })
})

describe('the schedule', () => {
  test('says of every rule when it ran and when it will', async () => {
    const library = await openLibrary({ demo: true })
    await library.admin.query(`insert into visits values (1, 1, '2025-01-01')`)
    const { id } = await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    await library.work()
    library.moveTo('2026-11-20T00:00:00Z')
    const { data } = await listRules(library.as('ann', 'auditor'))
    expect(data.find(({ rule }) => rule === 'visits_nameless')).toMatchObject({
      mode: 'enforce',
      sentence: '12 months after came_at, then loses what points at you',
      next_run: '2026-11-20T01:00:00.000Z',
      last_run: { id, state: 'done', due: 1, done: 1, held: 0 },
    })
    expect(data.find(({ rule }) => rule === 'provider')).toMatchObject({ cutoff: null, next_run: null, last_run: null })
  })

  test('is not for people without a role', async () => {
    const library = await openLibrary()
    await expect(listRules(library.ctx)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('the list of runs', () => {
  test('goes from the last to the first, page by page', async () => {
    const library = await openLibrary({ demo: true })
    const started: string[] = []
    for (let run = 0; run < 3; run += 1) started.push((await startRuns(library.as('dora'), { rule: 'left' })).id)
    const first = await listRuns(library.as('ann', 'auditor'), { limit: 2 })
    expect(first.data.map(({ id }) => id)).toEqual([started[2], started[1]])
    const second = await listRuns(library.as('ann', 'auditor'), { limit: 2, after: first.next_cursor ?? '' })
    expect(second).toMatchObject({ data: [{ id: started[0] }], next_cursor: null })
    await expect(listRuns(library.as('ann', 'auditor'), { after: 'x' })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('has nothing for an id that is not a run', async () => {
    const library = await openLibrary()
    for (const id of ['x', '00000000-0000-7000-8000-000000000000']) {
      await expect(readRun(library.as('dora'), { id })).rejects.toMatchObject({ code: 'not_found' })
    }
  })
})
