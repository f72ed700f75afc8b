import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { requests } from '../../src/db/schema/requests.ts'
import { archives } from '../../src/db/schema/work.ts'
import { previewRuns } from '../../src/retention/preview.ts'
import { readRun } from '../../src/retention/read-run.ts'
import { startRuns } from '../../src/retention/start-runs.ts'
import { liftStandingFacts } from '../../src/standing/lift-fact.ts'
import { placeHold } from '../../src/standing/place-hold.ts'
import { releaseHold } from '../../src/standing/release-hold.ts'
import { setStandingFacts } from '../../src/standing/set-fact.ts'
import { openLibrary, openRequest, type Library } from './library.ts'

/** Ada and Ben have left long ago; each has a loan. */
async function openWithPeople(): Promise<Library> {
  const library = await openLibrary({ demo: true })
  await library.admin.query(`
    insert into readers values (1, 'Ada@example.com', '2026-01-01'), (2, 'ben@example.com', '2026-01-01');
    insert into loans values (11, 1, 'Emma', null), (12, 2, 'Dubliners', null)`)
  return library
}

async function purge(library: Library): Promise<{ left: string[]; held: number | undefined }> {
  const { id } = await startRuns(library.as('dora'), { rule: 'left' })
  await library.work()
  const { run } = await readRun(library.as('dora'), { id })
  return { left: await library.lines('select id from readers order by id'), held: run.rules[0]?.held }
}

describe('a request', () => {
  test('that nobody has proven stops nothing', async () => {
    const library = await openWithPeople()
    await openRequest(library, { right: 'access', state: 'verifying', email: 'ada@example.com' })
    // Even one that has come further, as long as it names no proof.
    const named = { proven: { email: [['ada@example.com']] }, proven_at: null }
    await openRequest(library, { right: 'access', state: 'planning', ...named })
    expect(await purge(library)).toEqual({ left: [], held: 0 })
  })

  test.each(['access', 'portability', 'know'])('for %s that is proven keeps her rows until the archive is built', async (right) => {
    const library = await openWithPeople()
    const id = await openRequest(library, { right, state: 'carrying_out', proven: { email: [['ada@example.com']] } })
    expect(await purge(library)).toEqual({ left: ['1'], held: 1 })
    expect(await library.lines('select id from loans')).toEqual(['11'])
    const at = library.ctx.clock.now()
    const key_id = await library.ctx.keys.create('archive')
    const file = { id: randomUUIDv7(), request_id: id, part: 1, key_id, bytes: 1, sha256: '', manifest: {} }
    await library.ctx.db.insert(archives).values({ ...file, built_at: at, expires_at: at })
    expect(await purge(library)).toEqual({ left: [], held: 0 })
  })

  test('for erasure keeps nothing, nor does an access that is over', async () => {
    const library = await openWithPeople()
    await openRequest(library, { right: 'erasure', state: 'planning', proven: { email: [['ada@example.com']] } })
    const id = await openRequest(library, { right: 'access', state: 'planning', proven: { email: [['ada@example.com']] } })
    await library.ctx.db.update(requests).set({ state: 'withdrawn' }).where(eq(requests.id, id))
    expect((await purge(library)).left).toEqual([])
  })
})

describe('a hold', () => {
  test('on a person keeps all that is hers, and lets go when two people have released it', async () => {
    const library = await openWithPeople()
    const scope = { subject: 'ada@example.com' }
    const { id } = await placeHold(library.as('noa'), { matter: 'Claim', reason: 'claim', scope, review_at: '2027-05-20' })
    expect(await purge(library)).toEqual({ left: ['1'], held: 1 })
    expect(await releaseHold(library.as('dora'), { id })).toBe('asked')
    expect(await purge(library)).toEqual({ left: ['1'], held: 1 })
    expect(await releaseHold(library.as('dirk'), { id })).toBe('released')
    expect(await purge(library)).toEqual({ left: [], held: 0 })
  })

  test('on her loans alone keeps the reader they point at as well, and nobody else', async () => {
    const library = await openWithPeople()
    const scope = { account: '1', collection: 'loans' }
    await placeHold(library.as('noa'), { matter: 'Lost book', reason: 'book', scope, review_at: '2027-05-20' })
    expect(await purge(library)).toEqual({ left: ['1'], held: 1 })
  })

  test('on the collection of the loans keeps every reader, since loans would go with them', async () => {
    const library = await openWithPeople()
    await placeHold(library.as('noa'), { matter: 'Audit', reason: 'audit', scope: { collection: 'loans' }, review_at: '2027-05-20' })
    expect(await purge(library)).toEqual({ left: ['1', '2'], held: 2 })
  })

  test('on an address of two readers keeps both', async () => {
    const library = await openWithPeople()
    await library.admin.query(`insert into readers values (3, 'ADA@example.com', '2026-01-01')`)
    const scope = { subject: 'ada@example.com' }
    await placeHold(library.as('noa'), { matter: 'Claim', reason: 'claim', scope, review_at: '2027-05-20' })
    expect((await purge(library)).left).toEqual(['1', '3'])
    expect(await library.lines('select id from loans')).toEqual(['11'])
  })
})

describe('a restriction', () => {
  test('keeps the rows of the person until it is lifted, while an objection keeps none', async () => {
    const library = await openWithPeople()
    const fact = { purpose: 'all', case_reference: 'HAB-1111-1111' }
    await setStandingFacts(library.system, { ...fact, kind: 'restriction', identifiers: [{ kind: 'email', value: 'ada@example.com' }] })
    await setStandingFacts(library.system, { ...fact, kind: 'objection', identifiers: [{ kind: 'email', value: 'ben@example.com' }] })
    expect(await purge(library)).toEqual({ left: ['1'], held: 1 })
    const told_at = '2026-11-19T12:00:00Z'
    await liftStandingFacts(library.as('dora'), { kind: 'restriction', case_reference: 'HAB-1111-1111', reason: 'settled', told_at })
    expect(await purge(library)).toEqual({ left: [], held: 0 })
  })
})

test('a preview says how many rows may go and how many must stay, and changes nothing', async () => {
  const library = await openWithPeople()
  await placeHold(library.as('noa'), { matter: 'Claim', reason: 'c', scope: { subject: 'ada@example.com' }, review_at: '2027-05-20' })
  const { rules } = await previewRuns(library.as('ann', 'auditor'), {})
  expect(rules.find(({ rule }) => rule === 'left')).toEqual({
    rule: 'left',
    mode: 'enforce',
    cutoff: '2026-08-26T10:00:00.000Z',
    due: 1,
    held: 1,
    oldest: expect.stringMatching(/^2026-01-01|^2025-12-31/),
    table_rows: 2,
    next_run: '2026-11-20T11:00:00.000Z',
  })
  expect(await library.lines('select count(*) from readers')).toEqual(['2'])
})
