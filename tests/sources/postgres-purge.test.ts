import { describe, expect, test } from 'vitest'

import type { Protected } from '../../src/sources/source.ts'
import { opening } from './contract.ts'
import { person, purge, request, shop } from './purge-company.ts'

describe('a purge', () => {
  test('takes the oldest first, a batch at a time, until nothing is left', async () => {
    for (let id = 1; id <= 5; id++) await person({ id, closed_at: `2024-01-0${6 - id}T00:00:00Z` })
    const first = await purge('half_year', '2026-01-01T00:00:00Z', { size: 2 })
    expect(first).toEqual({
      confirmed_by: 'effect',
      rows: 2,
      with: {},
      range: ['2024-01-01T00:00:00.000000Z', '2024-01-02T00:00:00.000000Z'],
    })
    expect(await shop.company.lines('select id from people order by id')).toEqual(['1', '2', '3'])
    const after = first.range?.[1] ?? ''
    expect((await purge('half_year', '2026-01-01T00:00:00Z', { size: 10, batch: 2, after })).rows).toBe(3)
    expect(await purge('half_year', '2026-01-01T00:00:00Z', { size: 10, batch: 3 })).toEqual({
      confirmed_by: 'effect',
      rows: 0,
      with: {},
      range: null,
    })
  })

  test('keeps to its size where many rows start at the same instant', async () => {
    for (let id = 1; id <= 9; id++) await person({ id, closed_at: '2024-01-01T00:00:00Z' })
    const rows: number[] = []
    for (let batch = 1; rows.at(-1) !== 0; batch++) rows.push((await purge('half_year', '2026-01-01T00:00:00Z', { size: 4, batch })).rows)
    expect(rows).toEqual([4, 4, 1, 0])
  })

  test('of a batch whose marker exists does nothing, also when the rows are back', async () => {
    await person({ id: 1, closed_at: '2024-01-01T00:00:00Z' })
    const first = await purge('half_year', '2026-01-01T00:00:00Z')
    await person({ id: 1, closed_at: '2024-01-01T00:00:00Z' })
    expect(await purge('half_year', '2026-01-01T00:00:00Z')).toEqual({ ...first, confirmed_by: 'marker' })
    expect(await shop.company.lines('select id from people')).toEqual(['1'])
  })

  test('leaves protected rows, and rows whose letters are protected, and rows without an owner to ask', async () => {
    for (const id of [1, 2, 3]) await person({ id, closed_at: '2024-01-01T00:00:00Z' })
    await shop.company.admin.query(`insert into letters values (1, 1, 'x', now()), (2, 3, 'x', now()), (3, null, 'x', now())`)
    const held: Protected = new Map([
      ['people', [opening('account_id', 'id', ['2'])]],
      ['letters', [opening('account_id', 'person_id', ['3'])]],
    ])
    expect(await purge('with_letters', '2026-01-01T00:00:00Z', { protected: held })).toMatchObject({ rows: 1, with: { letters: 1 } })
    expect(await shop.company.lines('select id from people order by id')).toEqual(['2', '3'])
    expect(await shop.company.lines('select id from letters order by id')).toEqual(['2', '3'])
  })

  test('does not keep a row because the column that could protect it is empty', async () => {
    await shop.company.admin.query(`insert into letters values (1, null, 'x', '2024-01-01')`)
    const held: Protected = new Map([['letters', [opening('account_id', 'person_id', ['1'])]]])
    expect((await purge('strip', '2026-01-01T00:00:00Z', { protected: held })).rows).toBe(1)
  })

  test('leaves a row that somebody has locked for the next time', async () => {
    for (const id of [1, 2]) await person({ id, closed_at: '2024-01-01T00:00:00Z' })
    await shop.company.admin.query('begin; select from people where id = 1 for update')
    expect((await purge('half_year', '2026-01-01T00:00:00Z')).rows).toBe(1)
    await shop.company.admin.query('rollback')
    expect((await purge('half_year', '2026-01-01T00:00:00Z', { batch: 2 })).rows).toBe(1)
  })

  test('strips once: a second run finds nothing to do', async () => {
    await person({ id: 1 })
    await shop.company.admin.query(
      `insert into letters values (1, 1, 'hello', '2024-03-31 10:11:12+00'), (2, 1, 'young', '2025-12-31 10:00:00+00')`,
    )
    expect((await purge('strip', '2026-01-01T00:00:00Z')).rows).toBe(1)
    expect(await shop.company.lines(`select id, person_id, body, sent_at at time zone 'UTC' || '' from letters order by id`)).toEqual([
      '1|∅|gone|2024-03-30 23:00:00',
      '2|1|young|2025-12-31 10:00:00',
    ])
    expect((await purge('strip', '2026-01-01T00:00:00Z', { batch: 2 })).rows).toBe(0)
    expect((await shop.company.source.schedule.countDue(request('strip', '2026-01-01T00:00:00Z'))).due).toBe(0)
  })

  test('that would take rows along that nobody counted is rolled back and says which', async () => {
    await shop.company.admin.query(`create table stowaways (person_id int references people on delete cascade)`)
    await person({ id: 1, closed_at: '2024-01-01T00:00:00Z' })
    await shop.company.admin.query('insert into stowaways values (1), (1)')
    const purging = purge('half_year', '2026-01-01T00:00:00Z')
    await expect(purging).rejects.toMatchObject({ cause_kind: 'unexpected_rows', transient: false })
    await expect(purging).rejects.toThrow(/stowaways \(2 deleted, expected 0\)/)
    expect(await shop.company.lines('select count(*) from people')).toEqual(['1'])
    await shop.company.admin.query('drop table stowaways')
  })

  test('by a rule that only observes changes nothing', async () => {
    await person({ id: 1, closed_at: '2024-01-01T00:00:00Z' })
    await expect(purge('watching', '2026-01-01T00:00:00Z')).rejects.toMatchObject({ cause_kind: 'denied' })
    expect(await shop.company.lines('select count(*) from people')).toEqual(['1'])
  })
})

describe('an anonymising purge', () => {
  async function event(id: number, at: string, person_id: number | null, name: string | null): Promise<void> {
    await shop.company.admin.query('insert into events values ($1, $2, $3, $4, $5)', [id, at, person_id, `device ${id}`, name])
  }
  const NOW = '2026-02-02T01:00:00Z'
  const counted = () => shop.company.lines('select day::text, name, n, people from daily order by day, name nulls last')

  test('counts a group that three people stand behind under its name, and smaller ones of the day together', async () => {
    for (const [id, who] of [1, 2, 3, 3].entries()) await event(id, '2025-01-31T12:00:00Z', who, 'open')
    await event(10, '2025-01-31T12:00:00Z', 1, 'rare')
    await event(11, '2025-01-31T12:00:00Z', 2, 'odd')
    await event(12, '2025-01-31T12:00:00Z', 4, null)
    await event(13, '2025-02-01T12:00:00Z', 1, 'rare')
    await event(14, '2025-02-03T12:00:00Z', 1, 'young')
    expect((await purge('anonymise', NOW)).rows).toBe(8)
    expect(await counted()).toEqual(['2025-01-31|(other)|3|3', '2025-01-31|open|4|3'])
    expect(await shop.company.lines('select id from events where person_id is not null or device is not null')).toEqual(['14'])
  })

  test('counts a row once however small the batches, and those of too few people nowhere', async () => {
    for (let id = 0; id < 12; id++)
      await event(id, `2025-01-31T12:00:${String(id).padStart(2, '0')}Z`, id % 4, id % 2 === 0 ? 'open' : 'close')
    for (let id = 20; id < 26; id++) await event(id, '2025-01-31T13:00:00Z', id, 'close')
    for (let batch = 1, rows = 1; rows > 0; batch++) ({ rows } = await purge('anonymise', NOW, { size: 4, batch }))
    expect(await counted()).toEqual(['2025-01-31|close|12|8'])
  })

  test('of a day in two nights keeps the name that the whole day earned', async () => {
    for (const [id, hour] of ['00', '05', '15', '16'].entries()) await event(id, `2025-01-31T${hour}:00:00Z`, id, 'open')
    expect((await purge('anonymise', '2026-01-31T01:00:00Z')).rows).toBe(1)
    expect(await counted()).toEqual(['2025-01-31|open|1|4'])
    expect((await purge('anonymise', NOW, { batch: 2 })).rows).toBe(3)
    expect(await counted()).toEqual(['2025-01-31|open|4|4'])
    expect((await purge('anonymise', NOW, { batch: 3 })).rows).toBe(0)
  })
})
