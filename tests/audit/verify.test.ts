import { beforeAll, describe, expect, test } from 'vitest'
import { append } from '../../src/audit/append.ts'
import { readCheckpoint } from '../../src/audit/read.ts'
import { sequence } from '../../src/audit/sequencer.ts'
import { leafHash } from '../../src/audit/tree.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import { openTestContext, type TestContext } from './open-context.ts'

/** Nine entries under three tree heads: of 3, 6 and 9. */
async function openLog(): Promise<TestContext> {
  const ctx = await openTestContext()
  for (let i = 1; i <= 9; i++) {
    await append(ctx, i % 2 === 0 ? 'request.viewed' : 'request.noted', { case: `HAB-0000-000${i}`, i })
    ctx.later(1_000)
    if (i % 3 === 0) await sequence(ctx)
  }
  return ctx
}

const forgedBody =
  '{"action":"request.noted","actor":"system:test","at":"2026-11-20T12:00:04.000Z","case":"HAB-0000-0005","detail":{"i":55}}'

describe('a log nobody touched', () => {
  test('is in order', async () => {
    expect(await verifyLog((await openLog()).db)).toEqual({ ok: true, entries: 9, problems: [] })
  })

  test('is in order when it is empty, and while entries wait for their number', async () => {
    const ctx = await openTestContext()
    expect(await verifyLog(ctx.db)).toEqual({ ok: true, entries: 0, problems: [] })
    await append(ctx, 'request.noted', {})
    expect(await verifyLog(ctx.db)).toEqual({ ok: true, entries: 0, problems: [] })
  })

  test('agrees with every checkpoint that was kept', async () => {
    const ctx = await openLog()
    const kept = await readCheckpoint(ctx)
    await append(ctx, 'request.noted', {})
    await sequence(ctx)
    expect(await verifyLog(ctx.db, kept)).toEqual({ ok: true, entries: 10, problems: [] })
  })
})

describe('a log that somebody who owns the server tampered with', () => {
  const cases: { what: string; statement: string; number: number | null; says: RegExp }[] = [
    { what: 'a changed text', statement: `update audit_entries set body = '${forgedBody}' where id = 5`, number: 5, says: /was changed/ },
    {
      what: 'a changed text with its hash',
      statement: `update audit_entries set body = '${forgedBody}', hash = '${leafHash(forgedBody)}' where id = 5`,
      number: 6,
      says: /of the entries 4 to 6 one was changed/,
    },
    {
      what: 'a changed hash',
      statement: `update audit_entries set hash = '${leafHash('x')}' where id = 5`,
      number: 5,
      says: /does not have its hash/,
    },
    {
      what: 'another actor in the column',
      statement: `update audit_entries set actor = 'operator:eve' where id = 5`,
      number: 5,
      says: /its columns say something else/,
    },
    {
      what: 'another time in the column',
      statement: `update audit_entries set at = at - interval '1 ms' where id = 5`,
      number: 5,
      says: /its columns/,
    },
    {
      what: 'another case in the column',
      statement: `update audit_entries set case_reference = null where id = 5`,
      number: 5,
      says: /its columns/,
    },
    {
      what: 'another act in the column',
      statement: `update audit_entries set action = 'request.viewed' where id = 5`,
      number: 5,
      says: /its columns/,
    },
    { what: 'a deleted entry', statement: 'delete from audit_entries where id = 5', number: 5, says: /is missing/ },
    {
      what: 'a deleted entry with its number',
      statement: 'delete from audit_entries where id = 5; delete from audit_numbers where number = 5',
      number: 5,
      says: /number is missing/,
    },
    {
      what: 'a deleted entry, the numbers closed up',
      statement: `delete from audit_entries where id = 5; delete from audit_numbers where number = 5;
        update audit_numbers set number = number - 1000 where number > 5; update audit_numbers set number = number + 999 where number < 0`,
      number: 6,
      says: /one was changed, exchanged or added/,
    },
    {
      what: 'two numbers exchanged',
      statement: `update audit_numbers set entry_id = -1 where number = 4; update audit_numbers set entry_id = 4 where number = 5;
        update audit_numbers set entry_id = 5 where number = 4`,
      number: 6,
      says: /exchanged/,
    },
    { what: 'the last entries cut off', statement: 'delete from audit_entries where id > 7', number: 8, says: /is missing/ },
    {
      what: 'the last entries and numbers cut off',
      statement: 'delete from audit_entries where id > 7; delete from audit_numbers where number > 7',
      number: 8,
      says: /end was cut off: a tree head over 9 entries/,
    },
    {
      what: 'the last tree head cut off',
      statement: 'delete from audit_roots where tree_size = 9',
      number: 7,
      says: /without a tree head/,
    },
    {
      what: 'a tree head in the middle removed',
      statement: 'delete from audit_roots where tree_size = 6',
      number: 9,
      says: /head before this one is missing/,
    },
    {
      what: 'another root',
      statement: `update audit_roots set root = '${leafHash('x')}' where tree_size = 6`,
      number: 6,
      says: /another root/,
    },
    {
      what: 'another frontier',
      statement: `update audit_roots set frontier = array['${leafHash('x')}'] where tree_size = 6`,
      number: 6,
      says: /does not agree with itself/,
    },
    {
      what: 'an entry slipped in where the log has passed',
      statement: `insert into audit_entries (id, at, action, actor, body, hash) overriding system value
        values (-1, '2026-11-20T12:00:00Z', 'request.noted', 'system:test', '{}', '${leafHash('{}')}')`,
      number: null,
      says: /added behind the log's back/,
    },
    {
      what: 'an entry added at the end with a number but no head',
      statement: `insert into audit_entries (id, at, action, actor, case_reference, body, hash) overriding system value
        values (10, '2026-11-20T12:00:04Z', 'request.noted', 'system:test', 'HAB-0000-0005', '${forgedBody}', '${leafHash(forgedBody)}'); insert into audit_numbers values (10, 10)`,
      number: 10,
      says: /without a tree head/,
    },
  ]

  test.each(cases)('shows $what', async ({ statement, number, says }) => {
    const ctx = await openLog()
    await ctx.tamper(statement)
    const verdict = await verifyLog(ctx.db)
    expect(verdict.ok).toBe(false)
    expect(verdict.problems[0]).toEqual({ number, sentence: expect.stringMatching(says) })
  })

  test('shows a second change behind a first one', async () => {
    const ctx = await openLog()
    await ctx.tamper(`delete from audit_entries where id = 2; update audit_entries set hash = '${leafHash('x')}' where id = 8`)
    expect((await verifyLog(ctx.db)).problems.map((problem) => problem.number)).toEqual([2, 8, 9])
  })

  test('shows an end that was cut off without a trace, to whoever kept a checkpoint', async () => {
    const ctx = await openLog()
    const kept = await readCheckpoint(ctx)
    await ctx.tamper(
      'delete from audit_entries where id > 6; delete from audit_numbers where number > 6; delete from audit_roots where tree_size > 6',
    )
    expect((await verifyLog(ctx.db)).ok).toBe(true)
    expect((await verifyLog(ctx.db, kept)).problems).toEqual([{ number: 7, sentence: expect.stringContaining('checkpoint') }])
  })

  test('shows a wholly rewritten log, to whoever kept a checkpoint', async () => {
    const kept = await readCheckpoint(await openLog())
    const ctx = await openTestContext()
    for (let i = 1; i <= 12; i++) await append(ctx, 'request.noted', { i })
    await sequence(ctx)
    expect((await verifyLog(ctx.db)).ok).toBe(true)
    expect((await verifyLog(ctx.db, kept)).problems).toEqual([{ number: 9, sentence: expect.stringContaining('checkpoint') }])
  })

  test('lists at most a hundred problems and says that there are more', async () => {
    const ctx = await openTestContext()
    for (let i = 0; i < 150; i++) await append(ctx, 'request.noted', { i })
    await sequence(ctx)
    await ctx.tamper(`update audit_entries set actor = 'system:eve'`)
    const { problems } = await verifyLog(ctx.db)
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)?.sentence).toContain('more problems')
  })
})

describe('the tables of the log', () => {
  let ctx: TestContext
  beforeAll(async () => {
    ctx = await openLog()
  })

  const tables = ['audit_entries', 'audit_numbers', 'audit_roots']
  const acts = tables.flatMap((table) => [`delete from ${table}`, `truncate ${table}`, `delete from ${table} where false`])

  test.each([
    ...acts,
    'update audit_entries set actor = actor',
    'update audit_numbers set number = number',
    'update audit_roots set at = at',
  ])('refuse: %s', async (statement) => {
    const refused = await ctx.db.execute(statement).catch((error: unknown) => error)
    expect(refused).toMatchObject({ cause: { code: '42501', message: expect.stringContaining('append-only') } })
    expect((await verifyLog(ctx.db)).entries).toBe(9)
  })
})
