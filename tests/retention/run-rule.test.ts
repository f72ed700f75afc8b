import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { canonicalJson, sha256Hex } from '../../src/canonical.ts'
import { retentionBatches, retentionRuns } from '../../src/db/schema/retention.ts'
import { receipts } from '../../src/db/schema/work.ts'
import { actingRule } from '../../src/retention/acting-rules.ts'
import { readRun } from '../../src/retention/read-run.ts'
import { runBatch, settleBatch } from '../../src/retention/run-batch.ts'
import { runRule } from '../../src/retention/run-rule.ts'
import { startRuns } from '../../src/retention/start-runs.ts'
import { stopRun } from '../../src/retention/stop-run.ts'
import { takeRun } from '../../src/retention/take-run.ts'
import { SourceError, type DataSource, type Schedule } from '../../src/sources/source.ts'
import { throughGate } from '../../src/standing/gate.ts'
import { nothingUnsealed } from '../../src/standing/kept-people.ts'
import { placeHold } from '../../src/standing/place-hold.ts'
import { auditOf, openLibrary, type Library } from './library.ts'

/** Ten thousand old visits of nobody in particular, so that a run needs several batches and stays under every guard. */
async function fillVisits(library: Library, due: number, kept: number): Promise<void> {
  await library.admin.query(`
    insert into visits select n, n, '2025-01-01T00:00:00Z'::timestamptz + n * interval '1 second' from generate_series(1, ${due}) n`)
  await library.admin.query(`insert into visits select 1000000 + n, n, '2026-11-01T00:00:00Z' from generate_series(1, ${kept}) n`)
}

/** A library in which every rule was confirmed beforehand, so that no run waits for a person. */
async function openTrusted(options: Parameters<typeof openLibrary>[0] = {}): Promise<Library> {
  return openLibrary({ demo: true, ...options })
}

async function runToEnd(library: Library, rule: string, name = 'dora'): Promise<Awaited<ReturnType<typeof readRun>>> {
  const { id } = await startRuns(library.as(name), { rule })
  await library.work()
  return readRun(library.as('dirk'), { id })
}

/** The source, counting nothing else than what `purge` is wrapped into. */
function purging(source: DataSource, purge: (act: Schedule['purge']) => Schedule['purge']): DataSource {
  const { schedule } = source
  if (schedule === undefined) throw new Error('the source keeps no schedule')
  return { ...source, schedule: { ...schedule, purge: purge((batch) => schedule.purge(batch)) } }
}

describe('a run of a rule', () => {
  test('erases the reader who left 90 days ago to the second, with her loans, and nobody who left a second later', async () => {
    const library = await openTrusted()
    // 22 August 2026, noon in Amsterdam, summer time; 90 days later it is winter, and noon again.
    await library.admin.query(`
      insert into readers values (1, 'ada@example.com', '2026-08-22T10:00:00Z'), (2, 'ben@example.com', '2026-08-22T10:00:01Z'), (3, 'cleo@example.com', null);
      insert into loans values (11, 1, 'Emma', null), (12, 2, 'Dubliners', null)`)
    library.moveTo('2026-11-20T11:00:00Z')
    const { run, batches } = await runToEnd(library, 'left')
    expect(run).toMatchObject({
      state: 'done',
      rules: [{ rule: 'left', state: 'done', due: 1, done: 1, held: 0, batches: 1, oldest_left: null }],
    })
    expect(batches.map(({ rows, along, confirmed_by }) => ({ rows, along, confirmed_by }))).toEqual([
      { rows: 1, along: { loans: 1 }, confirmed_by: 'effect' },
      { rows: 0, along: {}, confirmed_by: 'effect' },
    ])
    expect(await library.lines('select id from readers order by id')).toEqual(['2', '3'])
    expect(await library.lines('select id from loans order by id')).toEqual(['12'])
  })

  test('does nothing when it is run again', async () => {
    const library = await openTrusted()
    await fillVisits(library, 30, 10)
    expect((await runToEnd(library, 'visits_nameless')).run.rules[0]?.done).toBe(30)
    const before = await library.lines('select * from visits order by id')
    const again = await runToEnd(library, 'visits_nameless')
    expect(again.run.rules[0]).toMatchObject({ state: 'done', due: 0, done: 0, batches: 0 })
    expect(await library.lines('select * from visits order by id')).toEqual(before)
  })

  test('ends with a signed receipt that states counts, predicate and range, and no value of a row', async () => {
    const library = await openTrusted()
    await library.admin.query(`insert into readers values (1, 'ada@example.com', '2026-01-01T00:00:00Z'), (2, 'ben@example.com', null)`)
    const { receipts: signed } = await runToEnd(library, 'left')
    const [receipt] = signed
    expect(receipt?.body).toMatchObject({
      rule: 'left',
      policy: 'test',
      mode: 'enforce',
      due: 1,
      done: 1,
      held: 0,
      left: 0,
      predicate: { collection: 'readers', period: 'P90D', action: 'delete', zone: 'Europe/Amsterdam' },
      range: ['2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z'],
      confirmed_by: { effect: 1 },
    })
    const text = canonicalJson(receipt?.body)
    expect(receipt?.hash).toBe(sha256Hex(text))
    expect(library.ctx.keys.verifySignature(text, receipt?.signature ?? '')).toBe(true)
    expect(text).not.toContain('ada@')
  })

  test('audits every batch before and after it', async () => {
    const library = await openTrusted()
    await fillVisits(library, 4_100, 0)
    await runToEnd(library, 'visits_nameless')
    const batches = (await auditOf(library)).filter((action) => action.startsWith('retention.batch'))
    // 2,000 + 2,000 + 100, and one that finds nothing.
    expect(batches).toEqual(Array.from({ length: 4 }, () => ['retention.batch_intended', 'retention.batch_done']).flat())
  })

  test('in observe mode counts what it would do and changes nothing', async () => {
    const library = await openTrusted({ mode: 'observe', demo: false })
    await fillVisits(library, 30, 10)
    const before = await library.lines('select * from visits order by id')
    const { id } = await startRuns(library.as('dora'), {})
    await library.work()
    const { run, receipts: signed, batches } = await readRun(library.as('dora'), { id })
    expect(run.rules.find(({ rule }) => rule === 'visits_nameless')).toMatchObject({ state: 'done', mode: 'observe', due: 30, done: 0 })
    expect(signed.find(({ rule }) => rule === 'visits_nameless')?.body).toMatchObject({ would: 30, done: 0, mode: 'observe' })
    expect(batches.filter(({ rule }) => rule === 'visits_nameless')).toEqual([])
    expect(await library.lines('select * from visits order by id')).toEqual(before)
  })
})

describe('what must stay', () => {
  test('a hold that is placed between two batches wins for the second', async () => {
    const library = await openTrusted()
    await fillVisits(library, 4_000, 0)
    await library.admin.query(`insert into readers values (3999, 'noor@example.com', null)`)
    await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    let batches = 0
    const ctx = library.withSource((source) =>
      purging(source, (purge) => async (batch) => {
        const outcome = await purge(batch)
        batches += 1
        return outcome
      }),
    )
    const holding = {
      ...ctx,
      failpoint: (name: string) => {
        if (name === 'purge_after_outcome' && batches === 1) throw new Error('a pause between two batches')
      },
    }
    await expect(library.work(holding)).rejects.toThrow('a pause between two batches')
    await placeHold(library.as('noa', 'caseworker'), {
      matter: 'Fire of 2025',
      reason: 'claim',
      scope: { subject: 'noor@example.com' },
      review_at: '2027-03-01',
    })
    library.moveTo('2026-11-20T12:00:00Z')
    await library.work(ctx)
    expect(await library.lines('select id from visits where reader_id is not null')).toEqual(['3999'])
    const [row] = await library.ctx.db.select().from(retentionRuns)
    expect(row).toMatchObject({ state: 'done', done: 3_999, held: 1 })
  })

  test('a hold on a whole collection leaves all of it, and says so', async () => {
    const library = await openTrusted()
    await fillVisits(library, 30, 10)
    await placeHold(library.as('noa'), { matter: 'Audit', reason: 'audit', scope: { collection: 'visits' }, review_at: '2027-03-01' })
    const { run } = await runToEnd(library, 'visits_nameless')
    expect(run.rules[0]).toMatchObject({ state: 'done', due: 0, done: 0, held: 30 })
    expect(await library.lines('select count(*) from visits where reader_id is null')).toEqual(['0'])
  })
})

describe('a crash', () => {
  test('between the commit at the source and the outcome is taken up without counting twice', async () => {
    const library = await openTrusted()
    await fillVisits(library, 4_000, 0)
    const { id } = await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    let crash = true
    const ctx = library.withSource((source) =>
      purging(source, (purge) => async (batch) => {
        const outcome = await purge(batch)
        if (crash) throw new Error('killed')
        return outcome
      }),
    )
    await expect(library.work(ctx)).rejects.toThrow('killed')
    expect(await library.lines('select count(*) from visits where reader_id is null')).toEqual(['2000'])
    expect(await library.ctx.db.select().from(retentionBatches)).toMatchObject([{ batch: 1, settled_at: null }])
    crash = false
    library.moveTo('2026-11-20T12:00:00Z')
    await library.work(ctx)
    const { run, batches } = await readRun(library.as('dora'), { id })
    expect(run.rules[0]).toMatchObject({ state: 'done', due: 4_000, done: 4_000, batches: 2 })
    expect(batches.map(({ batch, rows, confirmed_by }) => [batch, rows, confirmed_by])).toEqual([
      [1, 2_000, 'marker'],
      [2, 2_000, 'effect'],
      [3, 0, 'effect'],
    ])
  })

  test('after the intent and before the source has done anything loses no row', async () => {
    const library = await openTrusted()
    await fillVisits(library, 30, 0)
    await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    const dying = {
      ...library.system,
      failpoint: (name: string) => {
        if (name === 'purge_after_intent') throw new Error('killed')
      },
    }
    await expect(library.work(dying)).rejects.toThrow('killed')
    library.moveTo('2026-11-20T12:00:00Z')
    await library.work()
    const [row] = await library.ctx.db.select().from(retentionRuns)
    expect(row).toMatchObject({ state: 'done', done: 30, batches: 1 })
  })

  test('of a stopped run still leaves a receipt that counts what was done', async () => {
    const library = await openTrusted()
    await fillVisits(library, 4_000, 0)
    const { id } = await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    const ctx = library.withSource((source) =>
      purging(source, (purge) => async (batch) => {
        await purge(batch)
        throw new Error('killed')
      }),
    )
    await expect(library.work(ctx)).rejects.toThrow('killed')
    const stopped = await stopRun(library.as('dirk'), { id })
    expect(stopped.state).toBe('stopped')
    library.moveTo('2026-11-20T12:00:00Z')
    await library.work()
    const { run, receipts: signed } = await readRun(library.as('dora'), { id })
    expect(run.rules[0]).toMatchObject({ state: 'stopped', done: 2_000 })
    expect(signed.map(({ body }) => [body['state'], body['done']])).toEqual([['stopped', 2_000]])
    expect(await library.lines('select count(*) from visits where reader_id is null')).toEqual(['2000'])
  })
})

describe('somebody else', () => {
  test('who takes the run at the same moment leaves it to one of them', async () => {
    const library = await openTrusted()
    await fillVisits(library, 30, 0)
    await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    const rule = actingRule(library.ctx.policy, 'visits_nameless')
    const found = async () => (await library.ctx.db.select().from(retentionRuns))[0]
    // Counted for the first time, and then again when it has been.
    for (let round = 1; round <= 2; round += 1) {
      const run = await found()
      if (run === undefined || rule === undefined) throw new Error('no run')
      const taken = await Promise.all(Array.from({ length: 3 }, () => takeRun(library.system, run, rule)))
      expect(taken.filter((one) => one !== undefined)).toHaveLength(1)
      expect((await found())?.epoch).toBe(round)
    }
  })

  test('who comes with an outcome that is written down already adds nothing', async () => {
    const library = await openTrusted()
    await fillVisits(library, 30, 10)
    const { id } = (await runToEnd(library, 'visits_nameless')).run
    const [run] = await library.ctx.db.select().from(retentionRuns)
    if (run === undefined) throw new TypeError('no run')
    await settleBatch(library.system, { run, batch: 1, outcome: { confirmed_by: 'effect', rows: 30, with: {}, range: null } })
    expect((await readRun(library.as('dora'), { id })).run.rules[0]).toMatchObject({ done: 30, batches: 1 })
  })

  test('who has taken the run leaves the first worker nothing to begin', async () => {
    const library = await openTrusted()
    await fillVisits(library, 4_000, 0)
    await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    const slow: Library['system'] = {
      ...library.system,
      failpoint: (name: string) => {
        if (name === 'purge_after_outcome') throw new Error('asleep')
      },
    }
    await expect(library.work(slow)).rejects.toThrow('asleep')
    const [before] = await library.ctx.db.select().from(retentionRuns)
    await library.ctx.db.update(retentionRuns).set({ epoch: 9 })
    library.moveTo('2026-11-20T12:00:00Z')
    // A worker that still believes in the old epoch.
    const rule = actingRule(library.ctx.policy, 'visits_nameless')
    if (before === undefined || rule?.kind !== 'purge') throw new Error('no run')
    const result = await runBatch(library.system, { run: before, rule, unsealed: nothingUnsealed(), after: undefined, size: 10 })
    expect(result).toEqual({ kind: 'overtaken' })
    expect(await library.lines('select count(*) from visits where reader_id is null')).toEqual(['2000'])
  })

  test('who is at work at the same source is waited for by coming back, not by holding a connection', async () => {
    const library = await openTrusted()
    await fillVisits(library, 30, 0)
    await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    const [row] = await library.ctx.db.select().from(retentionRuns)
    await throughGate(library.ctx, 'shop', async () => runRule(library.ctx, { run_id: row?.id ?? '' }))
    expect(await library.lines('select count(*) from visits where reader_id is null')).toEqual(['0'])
    library.moveTo('2026-11-20T11:00:05Z')
    await library.work()
    expect(await library.lines('select count(*) from visits where reader_id is null')).toEqual(['30'])
  })
})

describe('a source', () => {
  test('that does not answer leaves the run to be tried again', async () => {
    const library = await openTrusted()
    await fillVisits(library, 30, 0)
    await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    const down = library.withSource((source) =>
      purging(source, () => async () => {
        throw new SourceError('shop', 'visits', 'down', 'it cannot be reached')
      }),
    )
    await expect(library.work(down)).rejects.toThrow('cannot be reached')
    const [row] = await library.ctx.db.select().from(retentionRuns)
    expect(row).toMatchObject({ state: 'running', failure: 'shop.visits: it cannot be reached' })
    library.moveTo('2026-11-20T12:00:00Z')
    await library.work()
    const [after] = await library.ctx.db.select().from(retentionRuns)
    expect(after).toMatchObject({ state: 'done', done: 30, failure: null })
  })

  test('that refuses for good ends the run as failed, with a receipt', async () => {
    const library = await openTrusted()
    await fillVisits(library, 30, 0)
    const { id } = await startRuns(library.as('dora'), { rule: 'visits_nameless' })
    const denied = library.withSource((source) =>
      purging(source, () => async () => {
        throw new SourceError('shop', 'visits', 'denied', 'its role may not do this')
      }),
    )
    await library.work(denied)
    const { run } = await readRun(library.as('dora'), { id })
    expect(run.rules[0]).toMatchObject({ state: 'failed', done: 0, failure: 'shop.visits: its role may not do this' })
    const signed = await library.ctx.db.select().from(receipts)
    expect(signed.map(({ body }) => body['state'])).toEqual(['failed'])
  })
})

test('one rule of a source runs after the other, what takes fields away before what deletes', async () => {
  const library = await openTrusted()
  await fillVisits(library, 30, 0)
  await library.admin.query(`insert into readers values (5000, 'ada@example.com', '2026-01-01T00:00:00Z')`)
  const { id } = await startRuns(library.as('dora'), {})
  const waiting = await library.ctx.db.query.outbox.findMany()
  // One bell for the library's database, one for the service's own records.
  expect(waiting.length).toBe(2)
  await library.work()
  const { run } = await readRun(library.as('dora'), { id })
  expect(run.rules.map(({ rule, state, done }) => [rule, state, done])).toEqual([
    ['visits_nameless', 'done', 30],
    ['left', 'done', 1],
    ['own', 'done', 0],
  ])
  const rows = await library.ctx.db.select().from(retentionRuns).where(eq(retentionRuns.batch_id, id))
  expect(rows.every(({ finished_at }) => finished_at !== null)).toBe(true)
})
