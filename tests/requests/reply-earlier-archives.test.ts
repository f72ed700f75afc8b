import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { requests } from '../../src/db/schema/requests.ts'
import { archives, plans } from '../../src/db/schema/work.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { readCase } from '../../src/requests/read-case.ts'
import { beginDownload, endDownload } from '../../src/requests/reply/download.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { archiveOf, release, typeFreshCode } from './reply-people.ts'

const ADA = 'ada@example.com'

let habeas: Installation
let first: Staff
let second: Staff

beforeEach(async () => {
  habeas = await openInstallation({ accounts: 150 })
  first = await habeas.staff('dpo')
  second = await habeas.staff('dpo')
})

/** A copy that was built, released, or fetched too. */
async function copyFor(
  email: string,
  until: 'built' | 'released' | 'fetched',
  right: 'access' | 'portability' = 'access',
): Promise<string> {
  const { reference } = await habeas.askAndProve({ email, residence: 'NL', right })
  if (until === 'built') return reference
  await release(habeas, first, reference)
  if (until === 'released') return reference
  const { ctx } = await typeFreshCode(habeas, reference, email)
  const { archive } = await beginDownload(ctx, { reference, part: 1, readRange: () => undefined })
  await endDownload(ctx, { reference, archive_id: archive.id, complete: true })
  return reference
}

/** Has somebody erased; the text of the reply. */
async function erase(email: string): Promise<string> {
  // Three codes a day go to an address.
  habeas.clock.advance({ days: 1, seconds: 1 })
  const { reference } = await habeas.askAndProve({ email, residence: 'NL', right: 'erasure' })
  for (const dpo of [first, second]) {
    const { plan_hash } = await readCase(habeas.as(dpo), { reference })
    await approveRequest(habeas.as(dpo), { reference, plan_hash: plan_hash ?? '' })
  }
  habeas.clock.advance({ hours: 72 })
  await habeas.work()
  expect((await readCase(habeas.as(first), { reference })).state).toBe('delivered')
  return habeas.mails.findLast(({ to }) => to === email)?.text ?? ''
}

/** Whether the archive of a case is still there: its row, its file, its key. */
async function remains(reference: string): Promise<boolean> {
  const { id, key_id, erased_at } = await archiveOf(habeas, reference)
  const file = existsSync(join(habeas.home, 'archives', `${id}.sealed`))
  const key = await habeas.ctx.keys.streamKey(key_id).then(
    () => true,
    () => false,
  )
  expect([file, key], 'row, file and key agree').toEqual([erased_at === null, erased_at === null])
  return file
}

describe('an erasure reaches the copies that were made before it', () => {
  it('erases one that was fetched, bytes and key, and says nothing of it', async () => {
    const reference = await copyFor(ADA, 'fetched')
    const text = await erase(ADA)
    expect(await remains(reference)).toBe(false)
    expect(text).not.toContain(reference)
    const { rows } = await habeas.ctx.db.execute<{ body: string }>("select body from audit_entries where action = 'archive.erased'")
    expect(rows.map(({ body }) => (JSON.parse(body) as { case: string }).case)).toEqual([reference])
  })

  it('leaves one that was released and never fetched until its day, and one that is still being looked at, and says so', async () => {
    const released = await copyFor(ADA, 'released')
    const waiting = await copyFor(ADA, 'built', 'portability')
    const text = await erase(ADA)
    expect([await remains(released), await remains(waiting)]).toEqual([true, true])
    expect(text).toContain(`The copy under ${released}: you can fetch it until Friday 4 December 2026, then it is erased.`)
    expect(text).toContain(`The copy you asked for under ${waiting}: it is being looked at`)
    const { ctx } = await typeFreshCode(habeas, released, ADA)
    expect((await beginDownload(ctx, { reference: released, part: 1, readRange: () => undefined })).place).toBe(true)
  })

  it('erases one that was never fetched and has expired, before the purge comes to it', async () => {
    const reference = await copyFor(ADA, 'released')
    await habeas.ctx.db.update(archives).set({ expires_at: habeas.clock.now() })
    await erase(ADA)
    expect(await remains(reference)).toBe(false)
  })

  it('touches no copy of anybody else, nor of the same address where a decision has said whose it is', async () => {
    const pieter = await copyFor('pieter@example.com', 'fetched')
    const decided = await copyFor(ADA, 'fetched')
    const [row] = await habeas.ctx.db.select().from(requests).where(eq(requests.reference, decided))
    const [plan] = await habeas.ctx.db
      .select()
      .from(plans)
      .where(eq(plans.id, row?.plan_id ?? ''))
    const body = plan?.body as { identities: object[] }
    const other = { kind: 'account_id', digest: 'f'.repeat(64), masked: '•••', proven_by: 'decision' }
    await habeas.ctx.db
      .update(plans)
      .set({ body: { ...body, identities: [other] } })
      .where(eq(plans.id, plan?.id ?? ''))
    await erase(ADA)
    expect([await remains(pieter), await remains(decided)]).toEqual([true, true])
  })
})
