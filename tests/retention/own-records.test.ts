import { randomUUIDv7 } from 'node:crypto'
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eq, isNotNull } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { codes, letters, requests } from '../../src/db/schema/requests.ts'
import { idempotencyKeys, operators, operatorSecrets, outbox, rateLimits } from '../../src/db/schema/running.ts'
import { archives, intents, plans, receipts, steps } from '../../src/db/schema/work.ts'
import { eraseOwnRecords } from '../../src/retention/own-records.ts'
import { readRun } from '../../src/retention/read-run.ts'
import { startRuns } from '../../src/retention/start-runs.ts'
import { placeHold } from '../../src/standing/place-hold.ts'
import { auditOf, openLibrary, openRequest, type Library } from './library.ts'

const at = (text: string) => new Date(text)

/** A closed case with all that hangs on it. */
async function openCase(library: Library, closed_at: Date, email = 'ada@example.com'): Promise<{ id: string; key_id: string }> {
  const { db, keys } = library.ctx
  const id = await openRequest(library, { right: 'erasure', state: 'closed', email, proven: { email: [[email]] }, closed_at })
  const [request] = await db.select().from(requests).where(eq(requests.id, id))
  const key_id = request?.key_id ?? ''
  const step = randomUUIDv7()
  const text = await keys.seal(key_id, 'x', 'x')
  const made = { id: randomUUIDv7(), request_id: id, made_at: closed_at }
  await db.insert(plans).values({ ...made, hash: 'h', policy_hash: 'p', body: {}, findings: {}, identities: text })
  await db.insert(steps).values({ id: step, request_id: id, plan_id: made.id, kind: 'apply', source: 'shop', position: 1, state: 'done' })
  await db.insert(intents).values({ ...made, step_id: step, epoch: 1, batch: 1, predicate: {}, key_digests: [], expected: {} })
  await db.insert(receipts).values({ id: randomUUIDv7(), request_id: id, body: {}, hash: 'h', signature: 's', at: closed_at })
  const letter = { id: randomUUIDv7(), request_id: id, kind: 'reply', key_id, recipient: text, recipient_lookup: 'l', subject: 's' }
  await db.insert(letters).values({ ...letter, text, html: text, created_at: closed_at })
  return { id, key_id }
}

async function openArchive(
  library: Library,
  request_id: string,
  dates: { built_at: Date; expires_at: Date; released_at?: Date },
): Promise<string> {
  const id = randomUUIDv7()
  const key_id = await library.ctx.keys.create('archive')
  const folder = join(library.ctx.config.home, 'archives')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${id}.sealed`), 'sealed')
  await library.ctx.db.insert(archives).values({ id, request_id, part: 1, key_id, bytes: 6, sha256: '', manifest: {}, ...dates })
  return id
}

const filesOf = async (library: Library) => readdir(join(library.ctx.config.home, 'archives'))
const erasedOf = async (library: Library) =>
  (await library.ctx.db.select({ id: archives.id }).from(archives).where(isNotNull(archives.erased_at))).map(({ id }) => id)
const remaining = async (library: Library) => (await library.ctx.db.select({ id: requests.id }).from(requests)).map(({ id }) => id)

describe('a case file', () => {
  test('goes 36 months after it was closed, not a second before, and takes its key and everything that hangs on it along', async () => {
    const library = await openLibrary()
    const over = await openCase(library, at('2023-11-20T11:00:00Z'))
    const young = await openCase(library, at('2023-11-20T11:00:01Z'))
    expect(await eraseOwnRecords(library.system)).toMatchObject({ by_kind: { case_files: 1 }, held: 0 })
    expect(await remaining(library)).toEqual([young.id])
    for (const table of [plans, steps, intents, receipts, letters]) expect(await library.ctx.db.select().from(table)).toHaveLength(1)
    await expect(library.ctx.keys.seal(over.key_id, 'x', 'x')).rejects.toMatchObject({ name: 'KeyGone' })
    await expect(library.ctx.keys.seal(young.key_id, 'x', 'x')).resolves.toBeTypeOf('string')
    expect(await auditOf(library)).toEqual(['request.erased_by_retention'])
  })

  test('stays 24 months at least, whatever the policy says', async () => {
    const library = await openLibrary()
    const policy = { ...library.ctx.policy, own_records: { ...library.ctx.policy.own_records, case_file: 'P1M' } }
    await openCase(library, at('2024-11-20T11:00:00Z'))
    const young = await openCase(library, at('2024-11-20T11:00:01Z'))
    await eraseOwnRecords({ ...library.system, policy })
    expect(await remaining(library)).toEqual([young.id])
  })

  test('that is open stays for ever', async () => {
    const library = await openLibrary()
    const id = await openRequest(library, { right: 'access', state: 'delivered', received_at: at('2010-01-01T00:00:00Z') })
    await eraseOwnRecords(library.system)
    expect(await remaining(library)).toEqual([id])
  })

  test('of somebody under legal hold stays, and is counted as held', async () => {
    const library = await openLibrary()
    const noor = await openCase(library, at('2020-01-01T00:00:00Z'), 'noor@example.com')
    await openCase(library, at('2020-01-01T00:00:00Z'), 'ada@example.com')
    await placeHold(library.as('noa'), { matter: 'Claim', reason: 'c', scope: { subject: 'noor@example.com' }, review_at: '2027-03-01' })
    expect(await eraseOwnRecords(library.system)).toMatchObject({ by_kind: { case_files: 1 }, held: 1 })
    expect(await remaining(library)).toEqual([noor.id])
  })

  test('takes an archive of it along, bytes and key', async () => {
    const library = await openLibrary()
    const { id } = await openCase(library, at('2020-01-01T00:00:00Z'))
    await openArchive(library, id, { built_at: at('2026-11-19T00:00:00Z'), expires_at: at('2027-01-01T00:00:00Z') })
    await eraseOwnRecords(library.system)
    expect(await filesOf(library)).toEqual([])
    expect(await library.ctx.db.select().from(archives)).toEqual([])
  })
})

describe('a request that was never proven', () => {
  test('goes 90 days after it came, and one a second younger stays', async () => {
    const library = await openLibrary()
    const unproven = { right: 'access', state: 'expired', email: 'eve@example.com' } as const
    await openRequest(library, { ...unproven, received_at: at('2026-08-22T10:00:00Z') })
    const young = await openRequest(library, { ...unproven, received_at: at('2026-08-22T10:00:01Z') })
    expect(await eraseOwnRecords(library.system)).toMatchObject({ by_kind: { never_proven: 1 } })
    expect(await remaining(library)).toEqual([young])
  })

  test('under Californian law leaves its six fields without a person until the log may go', async () => {
    const library = await openLibrary()
    const closed_at = at('2026-08-01T00:00:00Z')
    const received_at = at('2026-07-01T00:00:00Z')
    const id = await openRequest(library, {
      right: 'know',
      state: 'expired',
      regime: 'ccpa',
      email: 'eve@example.com',
      received_at,
      closed_at,
    })
    const code = { id: randomUUIDv7(), request_id: id, hash: 'h', sent_at: received_at, expires_at: library.ctx.clock.now() }
    await library.ctx.db.insert(codes).values(code)
    await eraseOwnRecords(library.system)
    const [kept] = await library.ctx.db.select().from(requests)
    expect(kept).toMatchObject({ right: 'know', channel: 'web', received_at, closed_at, email: null, email_lookup: null, proven: null })
    expect(await library.ctx.db.select().from(codes)).toEqual([])
    expect(await eraseOwnRecords(library.system)).toMatchObject({ due: 0 })
  })
})

describe('an archive', () => {
  test('goes when it has expired, and one that expires a second later stays', async () => {
    const library = await openLibrary()
    const id = await openRequest(library, { right: 'access', state: 'delivered' })
    const built_at = at('2026-11-06T11:00:00Z')
    const over = await openArchive(library, id, { built_at, expires_at: at('2026-11-20T11:00:00Z') })
    const alive = await openArchive(library, id, { built_at, expires_at: at('2026-11-20T11:00:01Z') })
    expect(await eraseOwnRecords(library.system)).toMatchObject({ by_kind: { archives: 1 } })
    expect(await filesOf(library)).toEqual([`${alive}.sealed`])
    const [row] = await library.ctx.db.select().from(archives).where(eq(archives.id, over))
    expect(row?.erased_at).toEqual(library.ctx.clock.now())
    expect(await auditOf(library)).toEqual(['archive.erased'])
  })

  test('goes 30 days after its release, however long it was to be available, and one released a second later stays', async () => {
    const library = await openLibrary()
    const id = await openRequest(library, { right: 'access', state: 'delivered' })
    const dates = { built_at: at('2026-10-01T00:00:00Z'), expires_at: at('2027-11-20T00:00:00Z') }
    const over = await openArchive(library, id, { ...dates, released_at: at('2026-10-21T10:00:00Z') })
    const young = await openArchive(library, id, { ...dates, released_at: at('2026-10-21T10:00:01Z') })
    expect(await eraseOwnRecords(library.system)).toMatchObject({ by_kind: { archives: 1 } })
    expect(await erasedOf(library)).toEqual([over])
    expect(await filesOf(library)).toEqual([`${young}.sealed`])
  })

  test('that waits for its release stays, although it has expired, until 30 days after the day on which it was owed', async () => {
    const library = await openLibrary()
    const waiting = { right: 'access', state: 'awaiting_release' }
    const expired = { built_at: at('2026-09-01T00:00:00Z'), expires_at: at('2026-10-01T00:00:00Z') }
    const kept = await openArchive(library, await openRequest(library, { ...waiting, due_at: at('2026-10-21T10:00:01Z') }), expired)
    const over = await openArchive(library, await openRequest(library, { ...waiting, due_at: at('2026-10-21T10:00:00Z') }), expired)
    expect(await eraseOwnRecords(library.system)).toMatchObject({ by_kind: { archives: 1 } })
    expect(await erasedOf(library)).toEqual([over])
    expect(await filesOf(library)).toEqual([`${kept}.sealed`])
  })

  test('of a case that was refused or withdrawn instead of released goes at its day', async () => {
    const library = await openLibrary()
    const dates = { built_at: at('2026-11-06T11:00:00Z'), expires_at: at('2026-11-20T11:00:00Z') }
    for (const state of ['refused', 'withdrawn'])
      await openArchive(library, await openRequest(library, { right: 'access', state, due_at: at('2027-01-01T00:00:00Z') }), dates)
    expect(await eraseOwnRecords(library.system)).toMatchObject({ by_kind: { archives: 2 } })
  })

  test('without a case, left behind by a process that died, goes after a day, and is written down', async () => {
    const library = await openLibrary()
    const id = await openRequest(library, { right: 'access', state: 'delivered' })
    const built_at = at('2026-11-19T00:00:00Z')
    const known = await openArchive(library, id, { built_at, expires_at: at('2026-12-19T00:00:00Z') })
    const lost = join(library.ctx.config.home, 'archives', `${randomUUIDv7()}.sealed`)
    await writeFile(lost, 'sealed')
    expect(await eraseOwnRecords(library.system), 'it may be written down in a moment').toMatchObject({ by_kind: { archives: 0 } })
    for (const path of [lost, join(library.ctx.config.home, 'archives', `${known}.sealed`)]) {
      const made = (await stat(path)).mtimeMs / 1000 - 86_460
      await utimes(path, made, made)
    }
    expect(await eraseOwnRecords(library.system)).toMatchObject({ by_kind: { archives: 1 } })
    expect(await filesOf(library)).toEqual([`${known}.sealed`])
    expect(await auditOf(library)).toEqual(['archive.erased'])
  })
})

test("sign-ins, codes, tokens, callers' keys, jobs and counters go at their own limits", async () => {
  const library = await openLibrary()
  const { db } = library.ctx
  const operator_id = randomUUIDv7()
  await db.insert(operators).values({ id: operator_id, email: 'o@example.com', role: 'dpo', added_at: at('2020-01-01T00:00:00Z') })
  const session = { operator_id, kind: 'session' as const, made_at: at('2025-01-01T00:00:00Z') }
  await db.insert(operatorSecrets).values([
    { ...session, hash: 'over', expires_at: at('2025-11-20T11:00:00Z') },
    { ...session, hash: 'young', expires_at: at('2025-11-20T11:00:01Z') },
    { ...session, hash: 'ended', expires_at: at('2026-01-01T00:00:00Z'), ended_at: at('2025-06-01T00:00:00Z') },
  ])
  const key = { caller: 'c', request_digest: 'd' }
  await db.insert(idempotencyKeys).values([
    { ...key, key: 'over', started_at: at('2026-11-19T11:00:00Z') },
    { ...key, key: 'young', started_at: at('2026-11-19T11:00:01Z') },
  ])
  const job = { name: 'send_letter', payload: {}, not_before: at('2020-01-01T00:00:00Z') }
  await db.insert(outbox).values([
    { ...job, id: randomUUIDv7(), done_at: at('2026-11-13T11:00:00Z') },
    { ...job, id: randomUUIDv7(), done_at: at('2026-11-13T11:00:01Z') },
    { ...job, id: randomUUIDv7() },
  ])
  await db.insert(rateLimits).values([
    { key: 'k', window_at: at('2026-11-18T11:00:00Z'), hits: 1 },
    { key: 'k', window_at: at('2026-11-18T11:00:01Z'), hits: 1 },
  ])
  expect(await eraseOwnRecords(library.system)).toEqual({
    due: 5,
    held: 0,
    by_kind: {
      archives: 0,
      recovery_copies: 0,
      case_files: 0,
      never_proven: 0,
      sign_ins: 2,
      codes: 0,
      tokens: 0,
      idempotency_keys: 1,
      jobs: 1,
      rate_limits: 1,
    },
  })
  expect((await db.select().from(operatorSecrets)).map(({ hash }) => hash)).toEqual(['young'])
  expect((await db.select().from(idempotencyKeys)).map((row) => row.key)).toEqual(['young'])
  expect(await db.select().from(outbox)).toHaveLength(2)
  expect(await eraseOwnRecords(library.system)).toMatchObject({ due: 0 })
})

test('they are a rule like the others: counted, receipted, and in observe mode left alone', async () => {
  const own = (mode: 'observe' | 'enforce') => ({ own: { category: 'people', promise: 'p', action: 'own_records' as const, mode } })
  const library = await openLibrary({ rules: own('enforce') })
  await openCase(library, at('2020-01-01T00:00:00Z'))
  const { id } = await startRuns(library.as('dora'), { rule: 'own' })
  await library.work()
  const { run, receipts: signed } = await readRun(library.as('dora'), { id })
  expect(run.rules).toMatchObject([{ rule: 'own', state: 'done', due: 1, done: 1, batches: 1 }])
  expect(signed[0]?.body).toMatchObject({ along: { case_files: 1 }, predicate: { kind: 'own_records' } })

  const watching = await openLibrary({ rules: own('observe') })
  const { id: kept } = await openCase(watching, at('2020-01-01T00:00:00Z'))
  const observed = await startRuns(watching.as('dora'), { rule: 'own' })
  await watching.work()
  expect((await readRun(watching.as('dora'), { id: observed.id })).run.rules).toMatchObject([
    { state: 'done', mode: 'observe', due: 1, done: 0 },
  ])
  expect(await remaining(watching)).toEqual([kept])
})
