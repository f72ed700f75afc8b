import { buffer } from 'node:stream/consumers'
import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { openArchive } from '../../src/archives/store.ts'
import { auditEntries } from '../../src/db/schema/audit.ts'
import { readCase, readPlan } from '../../src/requests/read-case.ts'
import { hideTexts } from '../../src/requests/reply/hide-texts.ts'
import { markReviewed } from '../../src/requests/reply/mark-reviewed.ts'
import { readTexts } from '../../src/requests/reply/review-texts.ts'
import { unpack } from '../archives/unpack.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { archiveOf, release } from './reply-people.ts'

let habeas: Installation
let dpo: Staff

beforeAll(async () => {
  habeas = await openInstallation()
  dpo = await habeas.staff('dpo')
})

async function built(email: string): Promise<string> {
  const { reference } = await habeas.askAndProve({ email, right: 'access' })
  await habeas.work()
  return reference
}

const read = (reference: string, collection = 'support_messages', from = 0) => readTexts(habeas.as(dpo), { reference, collection, from })

describe('texts in which other people may appear', () => {
  it('are read before the copy leaves, as it gives them, and only the person’s own', async () => {
    const reference = await built('ada@example.com')
    const texts = await read(reference)
    expect(texts.collections.map(({ id }) => id)).toContain('support_messages')
    const { rows } = await habeas.company.query<{ id: string }>(
      `select m.id::text from support_messages m join accounts a on a.email = 'ada@example.com'
       where sender_account_id = a.id or lower(sender_email) = a.email or lower(recipient_email) = a.email order by m.id`,
    )
    expect(texts.rows.map(({ key }) => key[0])).toEqual(rows.map(({ id }) => id))
  })

  it('are marked as read or not, and the entry of the release says which', async () => {
    const said = async (reference: string) => {
      const entries = await habeas.ctx.db.select().from(auditEntries).where(eq(auditEntries.case_reference, reference))
      const body = entries.find(({ action }) => action === 'request.released')?.body ?? '{}'
      return (JSON.parse(body) as { detail: { reviewed: boolean } }).detail.reviewed
    }
    const [unread, read] = [await built('chiara@example.com'), await built('sean@example.com')]
    await markReviewed(habeas.as(dpo), { reference: read, archive_sha256: (await archiveOf(habeas, read)).sha256 })
    for (const reference of [unread, read]) await release(habeas, dpo, reference)
    expect([await said(unread), await said(read)]).toEqual([false, true])
  })

  it('can be left out one by one: the copy is built again without them, and plan, case and letter say so', async () => {
    const reference = await built('pieter@example.com')
    const before = await archiveOf(habeas, reference)
    const { hash } = await readPlan(habeas.as(dpo), { reference })
    const [first, second] = (await read(reference)).rows
    await hideTexts(habeas.as(dpo), { reference, collection: 'support_messages', cells: [{ field: 'body', key: [...(first?.key ?? [])] }] })
    await habeas.work()
    const after = await archiveOf(habeas, reference)
    expect(after.sha256).not.toBe(before.sha256)
    const entries = await unpack(await buffer(await openArchive(habeas.ctx, after)))
    const csv = [...entries].find(([name]) => /support_messages.*csv$/.test(name))?.[1].toString() ?? ''
    expect(csv).toContain('[left out: about other people]')
    expect(csv.match(/left out: about/g)).toHaveLength(1)
    const json = [...entries].find(([name]) => /support_messages.*json$/.test(name))?.[1].toString() ?? ''
    expect((JSON.parse(json) as unknown[]).slice(0, 2)).toMatchObject([
      { body: '[left out: about other people]' },
      { body: second?.cells[0]?.text },
    ])
    const texts = (await read(reference)).rows
    expect(texts[0]?.cells).toEqual([{ field: 'body', text: first?.cells[0]?.text, hidden: true }])
    expect(texts[1]).toEqual(second)
    const plan = await readPlan(habeas.as(dpo), { reference })
    expect(plan.hash).not.toBe(hash)
    expect(plan.hidden).toMatchObject([{ collection: 'support_messages', field: 'body', cells: 1 }])
    const cell = { field: 'body', key: [...(first?.key ?? [])] }
    await hideTexts(habeas.as(dpo), { reference, collection: 'support_messages', cells: [{ ...cell, hidden: false }] })
    await habeas.work()
    expect((await read(reference)).rows[0]).toEqual(first)
    expect(await readPlan(habeas.as(dpo), { reference })).toMatchObject({ hash, hidden: [] })
    await hideTexts(habeas.as(dpo), { reference, collection: 'support_messages', cells: [cell] })
    await habeas.work()
    await release(habeas, dpo, reference)
    expect(await readCase(habeas.as(dpo), { reference })).toMatchObject({ state: 'delivered', outcome: 'partly' })
    expect(habeas.mails.at(-1)?.text).toContain('1 text is about other people (Art. 15(4) GDPR)')
  })

  it.each([
    ['a table without such texts', { collection: 'devices', cells: [{ field: 'name', key: ['1'] }] }],
    ['a row that is not there', { collection: 'support_messages', cells: [{ field: 'body', key: ['999999999'] }] }],
    ['a key of another type', { collection: 'support_messages', cells: [{ field: 'body', key: ['abc'] }] }],
    ['a key of more parts', { collection: 'support_messages', cells: [{ field: 'body', key: ['1', '2'] }] }],
    ['what is given anyway', { collection: 'support_messages', cells: [{ field: 'body', key: ['1'], hidden: false }] }],
    ['a field that is no such text', { collection: 'support_messages', cells: [{ field: 'sent_at', key: ['1'] }] }],
  ])('%s is refused, and the copy stays', async (_, input) => {
    const reference = await (cases.noor ??= built('noor@example.com'))
    const { sha256 } = await archiveOf(habeas, reference)
    await expect(hideTexts(habeas.as(dpo), { reference, ...input })).rejects.toMatchObject({ code: 'unknown_item' })
    expect((await archiveOf(habeas, reference)).sha256).toBe(sha256)
  })
})

const cases: { noor?: Promise<string> } = {}
