import { and, asc, eq, sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { erasureLedger } from '../../src/db/schema/retention.ts'
import { intents, steps } from '../../src/db/schema/work.ts'
import { advanceRequest } from '../../src/requests/advance.ts'
import { carryOutStep } from '../../src/requests/carrying-out/carry-out-step.ts'
import { retryStep } from '../../src/requests/carrying-out/retry-step.ts'
import { findRequest } from '../../src/requests/find.ts'
import { readCase, readReceipts } from '../../src/requests/read-case.ts'
import { placeHold } from '../../src/standing/place-hold.ts'
import { releaseHold } from '../../src/standing/release-hold.ts'
import { openClub, type Club } from '../support/club.ts'
import type { Staff } from '../support/installation.ts'

let club: Club
let dpo: Staff
let reference: string

beforeAll(async () => {
  club = await openClub()
  dpo = await club.staff('dpo')
})

beforeEach(async () => {
  await club.refill()
  reference = await club.asks(1)
})

const GONE = { members: 0, fees: 0, profiles: 0, posts: 0, likes: 0, votes: 6 }
const FORUM_ROWS = { likes: 2, posts: 10, profiles: 1, votes: 6 }

async function batchesAt(source: string) {
  const { id } = await findRequest(club.ctx, reference)
  const rows = await club.ctx.db
    .select({ intent: intents })
    .from(intents)
    .innerJoin(steps, eq(steps.id, intents.step_id))
    .where(and(eq(steps.request_id, id), eq(steps.source, source)))
    .orderBy(asc(steps.position), asc(intents.batch))
  return rows.map(({ intent }) => intent)
}

async function receiptAt(source: string): Promise<Record<string, unknown> | undefined> {
  const all = await readReceipts(club.as(dpo), { reference })
  return all.map(({ body }) => body).find((body) => body['source'] === source)
}

async function markers(): Promise<number> {
  const { id } = await club.step(reference, 'forum')
  const { rows } = await club.forum.query<{ n: number }>('select count(*)::int as n from habeas.habeas_effects where step = $1', [id])
  return rows[0]?.n ?? 0
}

/** Opens the steps without doing any. */
async function opened(): Promise<string> {
  await advanceRequest(club.ctx, { request_id: (await findRequest(club.ctx, reference)).id })
  return (await club.step(reference, 'forum')).id
}

describe('a step with more rows than one transaction may change', () => {
  it('goes batch by batch, children before parents, with one receipt that sums them', async () => {
    expect(await club.rowsOf(1), 'the premise').toEqual({ members: 1, fees: 2, profiles: 1, posts: 10, likes: 2, votes: 6 })
    await club.work()
    expect((await club.step(reference, 'forum')).parked_reason).toBeNull()
    expect((await club.step(reference, 'office')).parked_reason).toBeNull()
    expect((await readCase(club.as(dpo), { reference })).state).toBe('delivered')
    expect(await club.rowsOf(1)).toEqual(GONE)
    expect(await club.rowsOf(2)).toEqual({ members: 1, fees: 1, profiles: 1, posts: 1, likes: 1, votes: 1 })
    const batches = await batchesAt('forum')
    const order = batches.map(({ rows }) =>
      Object.entries(rows ?? {})
        .map(([collection, n]) => `${collection} ${n}`)
        .join(),
    )
    expect(order.filter((one) => !one.startsWith('votes'))).toEqual(['likes 2', 'posts 4', 'posts 4', 'posts 2', 'profiles 1'])
    expect(order.filter((one) => one.startsWith('votes'))).toEqual(['votes 4', 'votes 2'])
    expect(await receiptAt('forum')).toMatchObject({ batches: 7, confirmed_by: 'effect', expected: FORUM_ROWS, rows: FORUM_ROWS })
    expect(await receiptAt('forum')).toMatchObject({ left: { likes: 0, posts: 0, profiles: 0, votes: 0 } })
    expect(await markers()).toBe(7)
    expect(
      batches.map(({ keys }) => keys),
      'which rows they were is forgotten',
    ).toEqual(batches.map(() => null))
    const said = await club.forum.query('select distinct nick, said from votes where member = 1')
    expect(said.rows).toEqual([{ nick: 'former member', said: null }])
  })

  it('and one with no more than that is one transaction: at the very limit, and not one row beyond it', async () => {
    await club.forum.query('delete from likes where id = 1')
    reference = await club.asks(2)
    await club.work()
    expect((await batchesAt('forum')).map(({ rows }) => rows)).toEqual([{ likes: 1, posts: 1, profiles: 1, votes: 1 }])
    expect(await receiptAt('forum')).toMatchObject({ batches: 1, confirmed_by: 'effect' })
    await club.refill()
    await club.forum.query(`delete from likes where id = 1; insert into likes values (4, 2, 'oars', 99)`)
    reference = await club.asks(2)
    await club.work()
    expect((await batchesAt('forum')).map(({ rows }) => rows)).toHaveLength(4)
  })

  it('writes the erased person into the ledger once, and nobody else', async () => {
    const ledger = async () => (await club.ctx.db.select().from(erasureLedger)).map(({ collection }) => collection)
    const before = await ledger()
    await club.work()
    expect(await ledger()).toEqual([...before, 'members'])
  })
})

describe('a process that dies between the batches', () => {
  it.each([
    ['after_intent', 3, 'effect'],
    ['after_source_commit', 3, 'marker'],
    ['before_outcome', 1, 'marker'],
    ['between_batches', 2, 'effect'],
    ['after_source_commit', 7, 'marker'],
  ] as const)('%s, the time number %i: the next one goes on there, and no row is taken twice', async (name, time, confirmed_by) => {
    const id = await opened()
    let times = 0
    const dying = {
      ...club.ctx,
      failpoint: (at: string) => {
        if (at === name && ++times === time) throw new Error('killed')
      },
    }
    await expect(carryOutStep(dying, { step_id: id })).rejects.toThrow('killed')
    const before = await batchesAt('forum')
    await retryStep(club.as(dpo), { reference, step_id: id })
    await club.work()
    expect(await club.rowsOf(1)).toEqual(GONE)
    expect(await receiptAt('forum')).toMatchObject({ batches: 7, confirmed_by, expected: FORUM_ROWS, rows: FORUM_ROWS })
    expect(await markers()).toBe(7)
    expect((await batchesAt('forum')).slice(0, before.length).map(({ id: intent }) => intent)).toEqual(
      before.map(({ id: intent }) => intent),
    )
    expect((await readCase(club.as(dpo), { reference })).state).toBe('delivered')
  })

  it('takes the rows of its intent, not those that have come before them since', async () => {
    const id = await opened()
    let times = 0
    const failpoint = (at: string): void => {
      if (at === 'after_intent' && ++times === 4) throw new Error('killed')
    }
    await expect(carryOutStep({ ...club.ctx, failpoint }, { step_id: id })).rejects.toThrow('killed')
    const [last] = (await batchesAt('forum')).slice(-1)
    expect(last?.settled_at).toBeNull()
    expect(last?.keys, 'sealed').toMatch(/^v1\./)
    await club.forum.query(`insert into posts values ('aft', 1, 1, 1, 'new'), ('bow', 1, 1, 1, 'new')`)
    await retryStep(club.as(dpo), { reference, step_id: id })
    await club.work()
    expect(await club.rowsOf(1)).toEqual(GONE)
    const rows = await receiptAt('forum')
    expect(rows).toMatchObject({ rows: { ...FORUM_ROWS, posts: 12 } })
    expect((await readCase(club.as(dpo), { reference })).state).toBe('delivered')
  })
})

describe('a hold that is placed while a batch is at work', () => {
  it('waits for this batch alone, and wins over the next', async () => {
    const id = await opened()
    const { rows: members } = await club.office.query<{ email: string }>('select email from members where id = 1')
    const scope = { subject: members[0]?.email ?? '' }
    // Somebody at the forum keeps a row of one batch busy.
    await club.forum.query(`begin; select 1 from posts where topic = 'oars' and n = 6 for update`)
    const { rows: me } = await club.forum.query<{ pid: number }>('select pg_backend_pid() as pid')
    const work = carryOutStep(club.ctx, { step_id: id })
    const blocked = `select 1 from pg_stat_activity where ${me[0]?.pid} = any(pg_blocking_pids(pid))`
    await expect.poll(async () => (await club.office.query(blocked)).rows.length, { timeout: 5_000 }).toBe(1)
    const placed = placeHold(club.as(dpo), { matter: 'Case 9', reason: 'claim', scope, review_at: '2027-03-01' })
    const waiting = sql`select 1 from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`
    await expect.poll(async () => (await club.ctx.db.execute(waiting)).rows.length, { timeout: 5_000 }).toBe(1)
    await club.forum.query('rollback')
    const hold = await placed
    await work
    expect((await club.step(reference, 'forum')).parked_reason).toContain('has changed since the approval')
    const settled = await batchesAt('forum')
    expect(settled.every(({ settled_at }) => settled_at !== null)).toBe(true)
    expect((await club.rowsOf(1))['profiles']).toBe(1)
    expect(settled.flatMap(({ rows }) => Object.keys(rows ?? {})).at(-1)).toBe('posts')

    const other = await club.staff('dpo')
    for (const staff of [dpo, other]) await releaseHold(club.as(staff), { id: hold.id })
    await retryStep(club.as(dpo), { reference, step_id: id })
    await club.work()
    expect(await club.rowsOf(1)).toEqual(GONE)
    expect(await receiptAt('forum')).toMatchObject({ batches: 7, expected: FORUM_ROWS, rows: FORUM_ROWS })
  })
})

describe('limits', () => {
  it('of a source hold for the whole step: one row more and nothing is done', async () => {
    const id = await opened()
    // 19 rows were planned; the limit of the source is 30, that of the votes 6 × 1.2 + 2.
    await club.forum.query(`insert into votes select n, 1, 'ada', 'aye' from generate_series(100, 101) n;
      insert into posts select 'aft', n, 1, 1, 'x' from generate_series(1, 4) n; insert into likes values (10, 1, 'oars', 99), (11, 1, 'oars', 99), (12, 1, 'oars', 99);
      insert into profiles values (10, 1, 'x'), (11, 1, 'x'), (12, 1, 'x')`)
    const before = await club.rowsOf(1)
    await carryOutStep(club.ctx, { step_id: id })
    expect((await club.step(reference, 'forum')).parked_reason).toBe(
      'forum: more than 30 rows of this source would be changed, so nothing was',
    )
    expect(await club.rowsOf(1)).toEqual(before)
    await club.forum.query('delete from profiles where id = 12')
    await retryStep(club.as(dpo), { reference, step_id: id })
    await club.work()
    expect(await club.rowsOf(1)).toMatchObject({ posts: 0, likes: 0, profiles: 0 })
  })

  it('of a collection hold for the whole step', async () => {
    const id = await opened()
    await club.forum.query(`insert into posts select 'aft', n, 1, 1, 'x' from generate_series(1, 5) n`)
    await carryOutStep(club.ctx, { step_id: id })
    expect((await club.step(reference, 'forum')).parked_reason).toBe('forum.posts: more than 14 rows would be changed, so nothing was')
    await club.forum.query(`delete from posts where topic = 'aft' and n = 5`)
    await retryStep(club.as(dpo), { reference, step_id: id })
    await club.work()
    expect(await club.rowsOf(1)).toEqual(GONE)
  })
})
