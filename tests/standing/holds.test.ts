import { describe, expect, test } from 'vitest'
import { holds } from '../../src/db/schema/standing.ts'
import { newHold, placeHold } from '../../src/standing/place-hold.ts'
import { listHolds } from '../../src/standing/list-holds.ts'
import { holdsFor, protectedRows } from '../../src/standing/protected.ts'
import { releaseHold } from '../../src/standing/release-hold.ts'
import { throughGate } from '../../src/standing/gate.ts'
import { auditOf, openLibrary } from '../retention/library.ts'

const noor = { matter: 'Fire of 2025', reason: 'claim of the insurer', scope: { subject: 'Noor@example.com' }, review_at: '2027-03-01' }

describe('a legal hold', () => {
  test('binds at once on one word, its scope sealed and shown masked', async () => {
    const library = await openLibrary()
    const hold = await placeHold(library.as('noa', 'caseworker'), {
      ...noor,
      scope: { ...noor.scope, account: '1234567', collection: 'loans' },
    })
    expect(hold.scope).toEqual({ subject: 'N***@example.com', account: '***67', collection: 'loans' })
    const [row] = await library.ctx.db.select().from(holds)
    expect(JSON.stringify(row)).not.toMatch(/noor@|1234567/i)
    expect(await auditOf(library)).toEqual(['hold.placed'])
    expect((await listHolds(library.as('ann', 'auditor'), {})).data).toEqual([hold])
  })

  test('is reviewed within six months by the calendar', async () => {
    const library = await openLibrary()
    library.moveTo('2026-08-31T10:00:00Z')
    const place = (review_at: string) => placeHold(library.as('noa'), { ...noor, review_at })
    // Six months after 31 August is 28 February, noon in Amsterdam like today.
    expect((await place('2027-02-28T11:00:00Z')).review_at).toBe('2027-02-28T11:00:00.000Z')
    expect((await place('2027-02-28')).review_at).toBe('2027-02-27T23:00:00.000Z')
    for (const review_at of ['2027-02-28T11:00:01Z', '2027-03-01', '2026-08-31T10:00:00Z', '2026-08-31']) {
      await expect(place(review_at)).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/review_at' }] })
    }
  })

  test.each([
    [{}, '/scope'],
    [{ from: '2026-01-01' }, '/scope'],
    [{ collection: 'nothing' }, '/scope/collection'],
    [{ subject: 'not an address' }, '/scope/subject'],
    [{ collection: 'loans', from: '2026-02-01', to: '2026-01-01' }, '/scope/to'],
  ])('of the scope %j is refused at %s', async (scope, pointer) => {
    const library = await openLibrary()
    await expect(placeHold(library.as('noa'), { ...noor, scope })).rejects.toMatchObject({ errors: [{ pointer }] })
  })

  test('has a matter, a reason, and nothing that is not asked for', () => {
    expect(newHold.safeParse(noor).success).toBe(true)
    for (const wrong of [{ matter: '' }, { reason: '' }, { review_at: 'soon' }, { more: 1 }])
      expect(newHold.safeParse({ ...noor, ...wrong }).success).toBe(false)
  })

  test('is released by two different people, and by nobody twice', async () => {
    const library = await openLibrary()
    const { id } = await placeHold(library.as('noa'), noor)
    await expect(releaseHold(library.as('cas', 'caseworker'), { id })).rejects.toMatchObject({ code: 'permission_denied' })
    expect(await releaseHold(library.as('dora'), { id })).toBe('asked')
    await expect(releaseHold(library.as('dora'), { id })).rejects.toMatchObject({ code: 'same_person' })
    expect((await protectedRows(library.system)).protected.size).toBeGreaterThan(0)
    expect(await releaseHold(library.as('dirk'), { id })).toBe('released')
    await expect(releaseHold(library.as('dirk'), { id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await auditOf(library)).toEqual(['hold.placed', 'hold.release_asked', 'hold.released'])
    expect((await listHolds(library.as('dora'), {})).data).toEqual([])
    expect((await listHolds(library.as('dora'), { all: true })).data).toMatchObject([{ id, released_at: '2026-11-20T11:00:00.000Z' }])
  })

  test('is released by two people who press at the same time, in whatever order', async () => {
    const library = await openLibrary()
    const { id } = await placeHold(library.as('noa'), noor)
    const both = await Promise.all(['dora', 'dirk'].map((name) => releaseHold(library.as(name), { id })))
    expect(both.toSorted()).toEqual(['asked', 'released'])
  })

  test('waits for the purge batch that is under way, and keeps the next one out until it binds', async () => {
    const library = await openLibrary()
    const order: string[] = []
    let placing: Promise<unknown> = Promise.resolve()
    await throughGate(library.ctx, 'shop', async () => {
      placing = placeHold(library.as('noa'), noor).then(() => order.push('hold'))
      // The hold cannot commit while this batch could still miss it.
      while (!(await isWaiting(library.ctx))) continue
      order.push('batch')
    })
    await placing
    expect(order).toEqual(['batch', 'hold'])
    await throughGate(library.ctx, 'shop', async () => {
      expect((await protectedRows(library.system)).protected.has('readers')).toBe(true)
    })
  })
})

describe('the planner', () => {
  test('hears of a hold on the person, on an account of hers, and on a whole collection, and of no other', async () => {
    const library = await openLibrary()
    await library.admin.query(`insert into readers values (1, 'noor@example.com', null), (2, 'ben@example.com', null)`)
    await placeHold(library.as('noa'), noor)
    await placeHold(library.as('noa'), { ...noor, matter: 'Lost book', scope: { account: '1', collection: 'loans' } })
    await placeHold(library.as('noa'), { ...noor, matter: 'Audit', scope: { collection: 'visits' } })
    const whole = { matter: 'Audit', collection: 'visits', review_on: '2027-03-01' }
    const hers = [
      { matter: 'Fire of 2025', collection: undefined, review_on: '2027-03-01' },
      { matter: 'Lost book', collection: 'loans', review_on: '2027-03-01' },
      whole,
    ]
    expect(await holdsFor(library.system, { email: [['NOOR@example.com']] })).toEqual(hers)
    expect(await holdsFor(library.system, { account_no: [['1']] })).toEqual(hers)
    expect(await holdsFor(library.system, { email: [['ben@example.com']] })).toEqual([whole])
  })

  test('hears of a hold until a second person has released it, and not after', async () => {
    const library = await openLibrary()
    const { id } = await placeHold(library.as('noa'), noor)
    await releaseHold(library.as('dora'), { id })
    expect(await holdsFor(library.system, { email: [['noor@example.com']] })).toHaveLength(1)
    await releaseHold(library.as('dirk'), { id })
    expect(await holdsFor(library.system, { email: [['noor@example.com']] })).toEqual([])
  })

  test('hears of a hold on one of two people who share an address', async () => {
    const library = await openLibrary()
    await library.admin.query(`insert into readers values (1, 'house@example.com', null), (2, 'House@example.com', null)`)
    await placeHold(library.as('noa'), { ...noor, scope: { account: '2' } })
    expect(await holdsFor(library.system, { email: [['house@example.com']] })).toHaveLength(1)
  })
})

async function isWaiting({ db }: Parameters<typeof throughGate>[0]): Promise<boolean> {
  const { rows } = await db.execute(
    `select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
  )
  return rows.length > 0
}
