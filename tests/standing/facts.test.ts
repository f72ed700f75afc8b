import { describe, expect, test } from 'vitest'
import { standingFacts } from '../../src/db/schema/standing.ts'
import { checkRestrictions, restrictionsCheck } from '../../src/standing/check-restrictions.ts'
import { liftStandingFacts } from '../../src/standing/lift-fact.ts'
import { setStandingFacts } from '../../src/standing/set-fact.ts'
import { auditOf, openLibrary } from '../retention/library.ts'

const ada = { kind: 'email', value: 'Ada@Example.com' }
const card = { kind: 'account_no', value: '42' }
const nothing = { restricted: false, objected: false, opted_out: false, suppressed: false, purposes: [] }

describe('a standing fact', () => {
  test('is one row an identifier, sealed, and the same again for the same case adds nothing', async () => {
    const library = await openLibrary()
    const fact = { kind: 'objection', purpose: 'marketing', identifiers: [ada, card], case_reference: 'HAB-1111-1111' } as const
    expect(await setStandingFacts(library.system, fact)).toEqual({ set: 2 })
    expect(await setStandingFacts(library.system, fact)).toEqual({ set: 0 })
    const rows = await library.ctx.db.select().from(standingFacts)
    expect(rows.map(({ identifier_kind }) => identifier_kind)).toEqual(['email', 'account_no'])
    expect(JSON.stringify(rows)).not.toMatch(/ada@/i)
    const [row] = rows
    expect(await library.ctx.keys.open(`standing_facts.identifier:${row?.id}`, row?.identifier ?? '')).toBe('["ada@example.com"]')
    expect(await auditOf(library)).toEqual(['standing.set'])
  })

  test('is set once by two jobs of one case at the same time', async () => {
    const library = await openLibrary()
    const fact = { kind: 'opt_out', purpose: 'sale', identifiers: [ada], case_reference: 'HAB-1111-1111' } as const
    const set = await Promise.all(Array.from({ length: 4 }, () => setStandingFacts(library.system, fact)))
    expect(set.filter((one) => one.set === 1)).toHaveLength(1)
  })

  test('of another case is another fact, and outlives the first', async () => {
    const library = await openLibrary()
    const fact = { kind: 'opt_out', purpose: 'sale', identifiers: [ada] } as const
    await setStandingFacts(library.system, { ...fact, case_reference: 'HAB-1111-1111' })
    await setStandingFacts(library.system, { ...fact, case_reference: 'HAB-2222-2222' })
    await liftStandingFacts(library.as('dora'), { kind: 'opt_out', case_reference: 'HAB-1111-1111', reason: 'opted in again, twice asked' })
    expect((await checkRestrictions(library.as('max', 'admin'), { identifiers: [ada] })).data[0]?.opted_out).toBe(true)
  })

  test('is set by the service only', async () => {
    const library = await openLibrary()
    const fact = { kind: 'opt_out', purpose: 'sale', identifiers: [ada], case_reference: 'HAB-1111-1111' } as const
    await expect(setStandingFacts(library.as('dora'), fact)).rejects.toMatchObject({ code: 'permission_denied' })
    await expect(setStandingFacts(library.ctx, fact)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('a restriction', () => {
  test('is lifted only after the person was told, and not by a date to come', async () => {
    const library = await openLibrary()
    const fact = { kind: 'restriction', purpose: 'all', identifiers: [ada], case_reference: 'HAB-1111-1111' } as const
    await setStandingFacts(library.system, fact)
    const lift = { kind: 'restriction', case_reference: 'HAB-1111-1111', reason: 'accuracy settled' } as const
    for (const told_at of [undefined, 'yesterday', '2026-11-20T11:00:01Z']) {
      const refused = liftStandingFacts(library.as('dora'), told_at === undefined ? lift : { ...lift, told_at })
      await expect(refused).rejects.toMatchObject({ code: 'forbidden_by_law', errors: [{ pointer: '/told_at' }] })
    }
    expect(await liftStandingFacts(library.as('dora'), { ...lift, told_at: '2026-11-20T11:00:00Z' })).toEqual({ lifted: 1 })
    expect(await liftStandingFacts(library.as('dora'), { ...lift, told_at: '2026-11-20T11:00:00Z' })).toEqual({ lifted: 0 })
    expect((await checkRestrictions(library.as('dora'), { identifiers: [ada] })).data).toEqual([nothing])
  })
})

describe('what other programs ask', () => {
  test('is answered in the order asked, whatever the spelling of an address, and false for whoever is unknown', async () => {
    const library = await openLibrary()
    const base = { case_reference: 'HAB-1111-1111' }
    const all = { ...base, identifiers: [ada] }
    await setStandingFacts(library.system, { ...all, kind: 'restriction', purpose: 'all' })
    await setStandingFacts(library.system, { ...all, kind: 'objection', purpose: 'marketing' })
    await setStandingFacts(library.system, { ...base, identifiers: [card], kind: 'limit', purpose: 'sensitive' })
    await setStandingFacts(library.system, { ...base, identifiers: [card], kind: 'suppression', purpose: 're-import' })
    const { data } = await checkRestrictions(library.as('max', 'admin'), {
      identifiers: [
        { kind: 'email', value: 'nobody@example.com' },
        { kind: 'email', value: 'ADA@example.COM' },
        card,
        { kind: 'account_no', value: '43' },
        { kind: 'unheard-of', value: '42' },
        { kind: 'email', value: '42' },
      ],
    })
    expect(data).toEqual([
      nothing,
      { ...nothing, restricted: true, objected: true, purposes: ['all', 'marketing'] },
      { ...nothing, opted_out: true, suppressed: true, purposes: ['re-import', 'sensitive'] },
      nothing,
      nothing,
      nothing,
    ])
    expect((await auditOf(library)).at(-1)).toBe('standing.checked')
  })

  test('is for 1 to 100 identifiers', () => {
    const asking = (count: number) => restrictionsCheck.safeParse({ identifiers: Array.from({ length: count }, () => card) }).success
    expect([0, 1, 100, 101].map(asking)).toEqual([false, true, true, false])
  })

  test('is not for a stranger, nor for an auditor', async () => {
    const library = await openLibrary()
    await expect(checkRestrictions(library.ctx, { identifiers: [ada] })).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(checkRestrictions(library.as('ann', 'auditor'), { identifiers: [ada] })).rejects.toMatchObject({
      code: 'permission_denied',
    })
  })
})
