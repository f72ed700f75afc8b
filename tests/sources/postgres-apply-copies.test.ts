import { beforeEach, expect, test } from 'vitest'

import type { Change, Copying, Effect, Outcome } from '../../src/sources/source.ts'
import { openCompany, opening, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const policy = policyOf({
  collections: {
    members: {
      source: 'shop',
      table: 'members',
      label: 'Members',
      key: 'id',
      is_person: true,
      opened_by: [{ identifier: 'account_id', columns: 'id' }],
    },
    loans: {
      source: 'shop',
      table: 'loans',
      label: 'Loans',
      key: ['book', 'n'],
      opened_by: [
        { identifier: 'account_id', columns: 'member' },
        { identifier: 'account_id', columns: 'guarantor' },
      ],
    },
  },
})

let company: Company
let step = 0

interface Copy {
  readonly collection: string
  readonly action: string
  readonly columns: readonly string[]
  readonly rows: (readonly (string | null)[])[]
}

beforeEach(async () => {
  company ??= await openCompany(
    policy,
    `create table members (id int generated always as identity primary key, mail text, shout text generated always as (upper(mail)) stored);
    create table loans (book text, n int, member int references members, guarantor int, at timestamptz, tags text[], primary key (book, n));`,
  )
  await company.admin.query(`
    truncate members, loans restart identity;
    insert into members (mail) values ('ada@example.com'), ('noor@example.com');
    insert into loans select 'b', n, 1, case when n > 250 then 1 end, '2026-01-02 03:04:05+00', array['x','"y"'] from generate_series(1, 450) n;
    insert into loans values ('c', 1, 2, 2, null, null);`)
  step++
})

/** Somebody who keeps everything that is handed over. */
function keeper(collections: readonly string[]): Copying & { readonly copies: Copy[] } {
  const copies: Copy[] = []
  return {
    collections,
    copies,
    async write({ rows, ...copied }) {
      const copy: Copy = { ...copied, rows: [] }
      copies.push(copy)
      for await (const row of rows) copy.rows.push(row)
    },
  }
}

function of(collection: 'members' | 'loans', column: string, action: Change['action'] = { kind: 'delete' }): Change {
  return { selection: { collection, side: 'ours', openings: [opening('account_id', column, ['1'])] }, action, limit: 1_000 }
}

const apply = (changes: readonly Change[], copying: Copying, rest: Partial<Effect> = {}): Promise<Outcome> =>
  company.source.apply({ step: `copy ${step}`, batch: 0, changes, copying, ...rest })

test('rows are handed over as they were, whole, before they go', async () => {
  const copying = keeper(['members', 'loans'])
  const outcome = await apply([of('members', 'id'), of('loans', 'member')], copying)
  expect(outcome).toMatchObject({ rows: { members: 1, loans: 450 }, left: { members: 0, loans: 0 } })
  expect(copying.copies.map(({ collection, action, columns, rows }) => [collection, action, columns, rows.length])).toEqual([
    ['loans', 'delete', ['book', 'n', 'member', 'guarantor', 'at', 'tags'], 450],
    ['members', 'delete', ['id', 'mail'], 1],
  ])
  const byNumber = (copying.copies[0]?.rows ?? []).toSorted((a, b) => Number(a[1]) - Number(b[1]))
  expect(byNumber[0]).toEqual(['b', '1', '1', null, expect.stringMatching(/^2026-01-0[12] /), '{x,"\\"y\\""}'])
  expect(copying.copies[1]?.rows).toEqual([['1', 'ada@example.com']])
})

test('a row that stays is handed over with its key and what is set', async () => {
  const copying = keeper(['loans'])
  await apply([of('loans', 'member', { kind: 'set', set: { tags: null, member: null } }), of('members', 'id')], copying)
  expect(copying.copies).toHaveLength(1)
  expect(copying.copies[0]).toMatchObject({ action: 'set', columns: ['book', 'n', 'tags', 'member'] })
  expect(copying.copies[0]?.rows).toHaveLength(450)
  expect(copying.copies[0]?.rows[0]).toEqual(['b', expect.any(String), '{x,"\\"y\\""}', '1'])
})

test('a row that two changes take is handed over once, and no row of a collection that is not listed', async () => {
  const copying = keeper(['loans'])
  const outcome = await apply([of('loans', 'guarantor'), of('loans', 'member'), of('members', 'id')], copying)
  expect(outcome.rows).toEqual({ loans: 450, members: 1 })
  expect(copying.copies.map(({ collection, rows }) => [collection, rows.length])).toEqual([
    ['loans', 200],
    ['loans', 250],
  ])
})

test('a row that comes while the copy is written stays, and is not in the copy', async () => {
  const copying = keeper(['loans'])
  const slow: Copying = {
    ...copying,
    async write(copied) {
      await copying.write(copied)
      await company.admin.query(`insert into loans values ('late', 1, 1, null, null, null)`)
    },
  }
  const outcome = await apply([of('loans', 'member')], slow)
  expect(outcome).toMatchObject({ rows: { loans: 450 }, left: { loans: 1 } })
  expect(await company.lines(`select book from loans where member = 1`)).toEqual(['late'])
})

test.each([
  ['fails', () => Promise.reject(new Error('disk full of ada@example.com'))],
  ['does not take all rows', () => Promise.resolve()],
])('a keeper that %s lets nothing go', async (_, write) => {
  const erased = apply([of('loans', 'member')], { collections: ['loans'], write })
  await expect(erased).rejects.toMatchObject({ cause_kind: 'other', collection: 'loans' })
  await expect(erased).rejects.toThrow('shop.loans: its recovery copy could not be written, so nothing was changed')
  expect(await company.lines('select count(*) from loans')).toEqual(['451'])
})

test('more rows than the limit are neither handed over nor changed', async () => {
  const copying = keeper(['loans'])
  await expect(apply([{ ...of('loans', 'member'), limit: 449 }], copying)).rejects.toMatchObject({ cause_kind: 'too_many' })
  expect(copying.copies).toEqual([])
  expect(await apply([{ ...of('loans', 'member'), limit: 450 }], copying)).toMatchObject({ rows: { loans: 450 } })
})
