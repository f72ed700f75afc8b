import { describe, expect, test } from 'vitest'

import type { Protected, PurgeRequest } from '../../src/sources/source.ts'
import { opening } from './contract.ts'
import { person, request, shop } from './purge-company.ts'

/** What is due a second before `at`, and at `at`. */
async function around(rule: string, at: string, rest: Partial<PurgeRequest> = {}): Promise<[number, number]> {
  const before = new Date(Date.parse(at) - 1_000).toISOString()
  return [
    (await shop.company.source.schedule.countDue(request(rule, before, rest))).due,
    (await shop.company.source.schedule.countDue(request(rule, at, rest))).due,
  ]
}

describe('a row is due', () => {
  test.each([
    ['2025-01-15T12:00:00Z', '2025-07-15T11:00:00.000Z', 'the same hour on the clock in summer'],
    ['2025-08-31T10:00:00Z', '2026-02-28T11:00:00.000Z', 'the last day of a shorter month'],
    ['2023-08-31T10:00:00Z', '2024-02-29T11:00:00.000Z', 'the leap day'],
    ['2024-09-29T00:30:00Z', '2025-03-29T01:30:00.000Z', 'the day before the clocks change'],
    ['2024-09-30T00:30:00Z', '2025-03-30T01:30:00.000Z', 'an hour that is skipped: the clock says 03:30'],
    ['2025-04-26T00:30:00Z', '2025-10-26T01:30:00.000Z', 'an hour that comes twice: the second one'],
  ])('closed %s, six months later at %s: %s', async (closed_at, due) => {
    await person({ id: 1, closed_at })
    expect(await around('half_year', due)).toEqual([0, 1])
  })

  test('when the earliest of its starts is old enough', async () => {
    await person({ id: 1, closed_at: '2025-01-10T12:00:00Z', asked_at: '2025-01-01T12:00:00Z' })
    await person({ id: 2, asked_at: '2025-01-01T12:00:00Z' })
    await person({ id: 3 })
    expect(await around('with_letters', '2025-04-01T11:00:00.000Z')).toEqual([0, 2])
  })

  test('when the latest of its starts is old enough', async () => {
    await person({ id: 1, closed_at: '2025-01-10T12:00:00Z', asked_at: '2025-01-01T12:00:00Z' })
    expect(await around('latest', '2025-04-10T11:00:00.000Z')).toEqual([0, 1])
  })

  test('seven years after the end of the calendar year, in the zone of the controller', async () => {
    await person({ id: 1, closed_at: '2018-12-31T22:59:59Z' })
    expect(await around('books', '2025-12-31T23:00:00.000Z')).toEqual([0, 1])
    await person({ id: 2, closed_at: '2018-12-31T23:00:00Z' })
    expect(await around('books', '2026-12-31T23:00:00.000Z')).toEqual([1, 2])
  })

  test.each([
    ['03-31', '2018-03-31T21:59:59Z', '2025-03-31T22:00:00.000Z'],
    ['03-31', '2018-03-31T22:00:00Z', '2026-03-31T22:00:00.000Z'],
    ['04-05', '2018-04-05T12:00:00Z', '2025-04-05T22:00:00.000Z'],
    ['04-05', '2018-04-06T12:00:00Z', '2026-04-05T22:00:00.000Z'],
    ['02-28', '2016-02-29T12:00:00Z', '2023-02-28T23:00:00.000Z'],
    ['01-15', '2018-01-16T12:00:00Z', '2026-01-15T23:00:00.000Z'],
  ])('when the financial year ends on %s and the invoice is of %s: at %s', async (fiscal_year_ends, closed_at, due) => {
    await person({ id: 1, closed_at })
    expect(await around('books', due, { fiscal_year_ends })).toEqual([0, 1])
  })

  test('when its own plan says so, and only under the plans that are named', async () => {
    for (const plan of [1, 2, 3, 4, 5, 6]) await person({ id: plan, closed_at: '2025-01-01T12:00:00Z', plan_id: plan })
    expect(await around('by_plan', '2025-01-01T12:00:00.000Z')).toEqual([0, 1])
    expect(await around('by_plan', '2025-01-31T12:00:00.000Z')).toEqual([1, 2])
    expect((await shop.company.source.schedule.countDue(request('by_plan', '2099-01-01T00:00:00Z'))).due).toBe(2)
  })

  test('after the least number of days, when the plan says fewer', async () => {
    for (const plan of [1, 3, 4, 5]) await person({ id: plan, closed_at: '2025-01-01T12:00:00Z', plan_id: plan })
    expect(await around('by_plan_at_least', '2025-02-10T12:00:00.000Z')).toEqual([0, 2])
    expect((await shop.company.source.schedule.countDue(request('by_plan_at_least', '2099-01-01T00:00:00Z'))).due).toBe(2)
  })

  test('by times without a zone, read in the zone of the controller', async () => {
    await person({ id: 1, local_at: '2025-06-01 12:00:00' })
    expect(await around('local_time', '2025-06-02T10:00:00.000Z')).toEqual([0, 1])
  })

  test('by days, at midnight there', async () => {
    await person({ id: 1, on_day: '2025-01-31' })
    expect(await around('by_day', '2025-02-27T23:00:00.000Z')).toEqual([0, 1])
  })

  test('by a start that another row holds', async () => {
    await person({ id: 1, closed_at: '2025-01-01T12:00:00Z' })
    await person({ id: 2 })
    await shop.company.admin.query(`insert into letters values (1, 1, 'x', now()), (2, 2, 'x', now()), (3, null, 'x', now())`)
    expect(await around('of_owner', '2025-04-01T11:00:00.000Z')).toEqual([0, 1])
  })
})

describe('the count', () => {
  test('tells due, held, all rows and the oldest', async () => {
    await person({ id: 1, closed_at: '2025-01-01T12:00:00.5Z' })
    await person({ id: 2, closed_at: '2024-01-01T12:00:00Z' })
    await person({ id: 3 })
    const held: Protected = new Map([['people', [opening('account_id', 'id', ['2', 'nobody'])]]])
    expect(await shop.company.source.schedule.countDue(request('half_year', '2026-01-01T00:00:00Z', { protected: held }))).toEqual({
      due: 1,
      held: 1,
      table_rows: 3,
      oldest: '2025-01-01T12:00:00.500000Z',
    })
  })

  test('of nothing has no oldest', async () => {
    expect(await shop.company.source.schedule.countDue(request('half_year', '2026-01-01T00:00:00Z'))).toEqual({
      due: 0,
      held: 0,
      table_rows: 0,
      oldest: null,
    })
  })

  test('the last due instant of somebody is that of the row that stays longest', async () => {
    await person({ id: 1, closed_at: '2018-05-01T00:00:00Z' })
    await person({ id: 2, closed_at: '2020-05-01T00:00:00Z' })
    const selection = { collection: 'people', openings: [opening('account_id', 'id', ['1', '2'])], side: 'ours' } as const
    expect(await shop.company.source.schedule.lastDue(selection, request('books', ''))).toBe('2027-12-31T23:00:00.000000Z')
    expect(await shop.company.source.schedule.lastDue({ ...selection, openings: [] }, request('books', ''))).toBeNull()
  })

  test('letters that go with their person fall due with that person', async () => {
    await person({ id: 1, closed_at: '2025-01-01T12:00:00Z' })
    await shop.company.admin.query(`insert into letters values (1, 1, 'x', now())`)
    const selection = { collection: 'letters', openings: [opening('account_id', 'person_id', ['1'])], side: 'ours' } as const
    expect(await shop.company.source.schedule.lastDue(selection, request('with_letters', ''))).toBe('2025-04-01T11:00:00.000000Z')
  })
})
