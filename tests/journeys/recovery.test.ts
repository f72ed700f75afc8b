import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { and, eq } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import { readRecoveryPart } from '../../src/archives/recovery.ts'
import { auditEntries } from '../../src/db/schema/audit.ts'
import { actingAs } from '../../src/context.ts'
import { recoveryCopies, recoveryFindings } from '../../src/db/schema/recovery.ts'
import { requests } from '../../src/db/schema/requests.ts'
import { eraseOwnRecords } from '../../src/retention/own-records.ts'
import { unzip } from '../support/archive.ts'
import { openApp } from '../routes/library.ts'
import { accountOf, rowsAbout, TABLES } from '../support/company-rows.ts'
import { onClose } from '../support/database.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'

let server: Installation
let app: FastifyInstance
let first: Staff
let second: Staff
let approver: Staff
let caseworker: Staff

beforeAll(async () => {
  server = await openInstallation({ policyFolder: await keepingAll() })
  app = await openApp(server.ctx)
  first = await server.staff('dpo')
  second = await server.staff('dpo')
  approver = await server.staff('caseworker', ['approver'])
  caseworker = await server.staff('caseworker')
})

/** The sample's policy with a copy of every category that may have one. */
async function keepingAll(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'habeas-keeping-all-'))
  onClose('policy that keeps copies of all', () => rm(folder, { recursive: true, force: true }))
  await cp('examples/cowork', folder, { recursive: true })
  const path = join(folder, 'data-map.yaml')
  const text = (await readFile(path, 'utf8')).replaceAll('    recovery: P14D\n', '')
  const basis = /^    basis: (?:contract|legitimate_interest|legal_obligation)$/gm
  const feedback = '      message: { label: message, origin: provided }\n'
  if (!text.includes(feedback)) throw new Error('the sample has no feedback that is not redacted')
  const redacted = text.replace(feedback, feedback.replace(' }', ', redact: [email, phone] }'))
  await writeFile(path, redacted.replaceAll(basis, '$&\n    recovery: P14D'))
  return folder
}

/** A call as programs make it; whatever it has set going is worked off. */
async function call(method: 'GET' | 'POST' | 'DELETE', url: string, { token, body }: { token?: string; body?: unknown } = {}) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await app.inject({ method, url, headers: authorization, ...(body !== undefined && { payload: body as object }) })
  if (method !== 'GET') await server.work()
  const json = /json/.test(String(answer.headers['content-type'])) ? (answer.json() as Record<string, unknown>) : {}
  return { status: answer.statusCode, json, bytes: answer.rawPayload }
}

const FACTS = 'The person called: the mailbox was taken over, and the request came from there.'
const post = (staff: Staff, path: string, body: unknown) => call('POST', path, { token: staff.token, body })
const find = (staff: Staff, reference: string, kind = 'impostor') =>
  post(staff, `/v1/cases/${reference}/recovery`, { finding: { kind, facts: FACTS } })
const theCase = async (reference: string) => (await call('GET', `/v1/cases/${reference}`, { token: first.token })).json
const recoveryOf = async (reference: string) => (await theCase(reference))['recovery'] as Record<string, unknown> | null
const sealedFiles = async (): Promise<string[]> => readdir(join(server.home, 'recovery')).catch(() => [])
const whole = async () =>
  Object.fromEntries(
    await Promise.all(
      TABLES.map(async (table) => {
        const { rows } = await server.company.query<{ sum: string }>(
          `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as sum from ${table} t`,
        )
        return [table, rows[0]?.sum] as const
      }),
    ),
  )

/** An erasure that was asked for, approved and carried out. */
async function erased(email: string, ask: Record<string, unknown> = {}): Promise<{ reference: string; letter: string }> {
  const { json } = await call('POST', '/v1/requests', { body: { right: 'erasure', email, ...ask } })
  const reference = String(json['reference'])
  await call('POST', `/v1/requests/${reference}/proof`, { body: { code: server.codeFor(email) } })
  const { plan_hash } = await theCase(reference)
  for (const staff of [first, second]) await post(staff, `/v1/cases/${reference}/approval`, { plan_hash })
  server.clock.advance({ hours: 72 })
  await server.work()
  const letter = server.mails.findLast(({ to, subject }) => to === email && subject.includes('erased'))
  return { reference, letter: letter?.text ?? '' }
}

async function tokenOf(reference: string, email: string): Promise<string> {
  await call('POST', `/v1/requests/${reference}/codes`)
  const proof = await call('POST', `/v1/requests/${reference}/proof`, { body: { code: server.codeFor(email) } })
  return String(proof.json['token'])
}

describe('somebody else had Ada erased', () => {
  it('and two people who find so put everything back as it was, once', async () => {
    const email = 'ada@example.com'
    const account = await accountOf(server.company, email)
    const about = await rowsAbout(server.company, account, email)
    const before = await whole()
    const { reference, letter } = await erased(email)
    const gone = await whole()
    expect(gone['accounts'], 'the premise').not.toBe(before['accounts'])
    expect(letter).toContain('A sealed copy, for a few days')
    expect(letter, 'fourteen days, the last of them whole').toContain('7 December 2026')
    expect(await recoveryOf(reference)).toMatchObject({ state: 'kept', findings: [], rows: { accounts: 1, devices: about['devices'] } })
    expect(await sealedFiles()).not.toEqual([])

    const alone = await find(first, reference)
    expect([alone.status, (alone.json['recovery'] as { state: string }).state]).toEqual([202, 'found'])
    expect((await find(first, reference)).json['code'], 'one person is one voice').toBe('same_person')
    expect([(await find(caseworker, reference)).status, await whole()]).toEqual([403, gone])
    const other = await find(second, reference, 'wrong_person')
    expect(other.status, 'another finding is not the same').toBe(202)
    const together = await find(approver, reference)
    expect([together.status, (together.json['recovery'] as { state: string }).state]).toEqual([200, 'opened'])
    expect(await recoveryOf(reference)).toMatchObject({ state: 'put_back' })

    const now = await whole()
    expect(Object.keys(before).filter((table) => now[table] !== before[table])).toEqual(['marketing_preferences', 'newsletter_subscribers'])
    expect(await recoveryOf(reference)).toMatchObject({ state: 'put_back', conflicts: [] })
    expect(await sealedFiles(), 'it has served').toEqual([])
    const receipts = (await call('GET', `/v1/cases/${reference}/receipts`, { token: first.token })).json['data'] as {
      body: Record<string, unknown>
    }[]
    const stated = receipts.filter(({ body }) => body['kind'] === 'recovery')
    expect(stated).toHaveLength(1)
    expect(stated[0]?.body).toMatchObject({ finding: 'impostor', confirmed_by: 'effect', conflicts: [], rows: { accounts: 1 } })
    expect((await find(second, reference)).json['code'], 'there is nothing more to put back').toBe('recovery_gone')
    expect(JSON.stringify([receipts, await theCase(reference)])).not.toContain('taken over')
  })
})

describe('Chiara was erased and nobody made an error', () => {
  it('gets what is sealed in a copy of her data, has it destroyed at once, and then nobody can open it', async () => {
    const email = 'chiara@example.com'
    const others = await sealedFiles()
    const account = await accountOf(server.company, email)
    const said = `Ask joris@example.org, +31 6 12345678, or me: ${email}`
    const { rowCount } = await server.company.query('update feedback set message = $2 where account_id = $1', [account, said])
    expect(rowCount, 'the premise: she has written').toBe(1)
    const { reference } = await erased(email)
    const { json } = await call('POST', '/v1/requests', { body: { right: 'access', email } })
    const access = String(json['reference'])
    await call('POST', `/v1/requests/${access}/proof`, { body: { code: server.codeFor(email) } })
    const planned = await theCase(access)
    await post(first, `/v1/cases/${access}/approval`, { plan_hash: planned['plan_hash'] })
    const archive = await call('GET', `/v1/cases/${access}/archive`, { token: first.token })
    const entries = await unzip(archive.bytes)
    const text = [...entries]
      .filter(([path]) => path.endsWith('.json'))
      .map(([, bytes]) => bytes.toString())
      .join('\n')
    expect(text).toContain(email)
    expect(text, 'named, never shown').not.toContain('argon2')
    const accounts = [...entries].find(([path]) => /accounts.sealed.copy.*\.json$/.test(path))?.[1].toString() ?? ''
    expect(JSON.parse(accounts)).toMatchObject([{ email }])
    expect(text, 'what is about others').not.toMatch(/joris@|12345678/)
    const feedback = [...entries].filter(([path]) => /feedback.*sealed.copy/.test(path)).map(([, bytes]) => bytes.toString())
    expect(feedback).toHaveLength(2)
    for (const one of feedback) expect(one).toContain(`Ask [removed], [removed], or me: ${email}`)
    const { resources } = JSON.parse(entries.get('datapackage.json')?.toString() ?? '{}') as { resources: Record<string, unknown>[] }
    const [described] = resources.filter(({ path }) => /feedback.*sealed.copy/.test(String(path)))
    expect(described?.['redactions']).toMatchObject([{ field: 'message', cells: 1 }])

    const kept = await Promise.all(
      (await sealedFiles())
        .filter((name) => !others.includes(name))
        .map(async (name) => [name, await readFile(join(server.home, 'recovery', name))] as const),
    )
    expect(kept.length).toBeGreaterThan(5)
    const token = await tokenOf(reference, email)
    const { json: status } = await call('GET', `/v1/requests/${reference}`, { token })
    expect(status['recovery_copy']).toMatchObject({ categories: expect.arrayContaining(['Account', 'Devices']) })
    const path = `/v1/requests/${reference}/recovery-copy`
    expect((await call('DELETE', path, { token: await tokenOf(access, email) })).status, 'the token of another request').toBe(401)
    const destroyed = await call('DELETE', path, { token })
    expect(destroyed.status).toBe(204)
    expect((await call('DELETE', path, { token })).json['code']).toBe('recovery_gone')
    expect(await sealedFiles()).toEqual(others)
    for (const [name, bytes] of kept) await writeFile(join(server.home, 'recovery', name), bytes)
    const [copy] = await server.ctx.db.select().from(recoveryCopies).where(eq(recoveryCopies.state, 'destroyed'))
    const part = { id: copy?.parts[0]?.id ?? '', key_id: copy?.key_id ?? '' }
    await expect(readRecoveryPart(server.ctx, part).next(), 'bytes kept aside').rejects.toMatchObject({ name: 'SealedFileGone' })
    for (const [name] of kept) await rm(join(server.home, 'recovery', name))
    expect((await find(first, reference)).json['code']).toBe('recovery_gone')
    expect((await call('GET', `/v1/requests/${reference}`, { token })).json['recovery_copy']).toBeUndefined()
    expect(await recoveryOf(reference)).toMatchObject({ state: 'destroyed' })
  })
})

describe('a copy', () => {
  it('can be opened until its last second, and is shredded then', async () => {
    const email = 'maria@example.com'
    const { reference } = await erased(email)
    const until = new Date(String((await recoveryOf(reference))?.['until']))
    expect(until.getTime() - server.clock.now().getTime()).toBe(14 * 86_400_000)
    server.clock.set(new Date(until.getTime() - 1_000).toISOString())
    await server.work()
    const { db } = server.ctx
    await db.update(requests).set({ opened_by: first.actor.id }).where(eq(requests.reference, reference))
    expect((await find(first, reference)).json['code'], 'whoever opened the case has no voice').toBe('same_person')
    await db.update(requests).set({ opened_by: null }).where(eq(requests.reference, reference))
    expect((await find(approver, reference)).status).toBe(202)
    const peer = await server.staff('caseworker', ['approver'])
    expect((await find(peer, reference)).status, 'two, and neither of them a DPO').toBe(202)
    expect(await sealedFiles()).not.toEqual([])
    server.clock.advance({ seconds: 1 })
    expect((await find(second, reference)).json['code']).toBe('recovery_gone')
    await server.work()
    expect(await sealedFiles()).toEqual([])
    expect(await recoveryOf(reference)).toMatchObject({ state: 'expired' })
  })

  it('never outlives the due date of its case', async () => {
    const email = 'sean@example.com'
    const { json } = await call('POST', '/v1/requests', { body: { right: 'erasure', email } })
    const reference = String(json['reference'])
    await call('POST', `/v1/requests/${reference}/proof`, { body: { code: server.codeFor(email) } })
    const { plan_hash, due_at } = await theCase(reference)
    server.clock.set(new Date(Date.parse(String(due_at)) - 2 * 86_400_000).toISOString())
    for (const staff of [first, second]) await post(staff, `/v1/cases/${reference}/approval`, { plan_hash })
    await server.work()
    expect(await recoveryOf(reference)).toMatchObject({ state: 'kept', until: due_at })
  })

  it.each([
    ['bram@example.com', 'after a withdrawn consent', { scope: { erasure: 'consent_withdrawn' } }],
    ['finn@example.com', 'of a child', { requester: { role: 'guardian', name: 'Saskia', email: 'finn@example.com' } }],
  ])('is not kept of %s: %s', async (email, _, ask) => {
    const { reference, letter } = await erased(email, ask)
    expect(await recoveryOf(reference)).toBeNull()
    expect(letter).toContain('What is erased cannot be brought back.')
  })

  it('is destroyed when somebody learns of a ground on which none may be kept', async () => {
    const { reference } = await erased('pieter@example.com')
    expect(await recoveryOf(reference)).toMatchObject({ state: 'kept' })
    const excluded = await post(first, `/v1/cases/${reference}/no-recovery`, { ground: 'unlawful' })
    expect([excluded.status, (excluded.json['recovery'] as { state: string }).state]).toEqual([200, 'destroyed'])
    expect((await find(first, reference)).json['code']).toBe('recovery_gone')
  })
})

describe('Olena asks to be erased a second time', () => {
  /** Her second erasure, as far as a decision. */
  async function askAgain(email: string): Promise<string> {
    const { json } = await call('POST', '/v1/requests', { body: { right: 'erasure', email } })
    const reference = String(json['reference'])
    await call('POST', `/v1/requests/${reference}/proof`, { body: { code: server.codeFor(email) } })
    return reference
  }

  async function letItRun(reference: string): Promise<void> {
    const { plan_hash, state } = await theCase(reference)
    if (state === 'awaiting_decision')
      for (const staff of [first, second]) await post(staff, `/v1/cases/${reference}/approval`, { plan_hash })
    server.clock.advance({ hours: 72 })
    await server.work()
    expect((await theCase(reference))['state']).toBe('delivered')
  }

  it('and the copy of the first is destroyed with the answer, which says so; nobody can put her back', async () => {
    const email = 'olena@example.com'
    const { reference } = await erased(email)
    const gone = await whole()
    expect(await recoveryOf(reference), 'the premise').toMatchObject({ state: 'kept' })
    const again = await askAgain(email)
    expect((await find(first, reference)).json['code'], 'proven is enough').toBe('erased_again')
    await letItRun(again)
    const letter = server.mails.findLast(({ to }) => to === email)
    expect(letter?.subject).toContain('We hold nothing about you')
    expect(letter?.text).toContain('is destroyed: nobody can open it')
    expect(await recoveryOf(reference)).toMatchObject({ state: 'destroyed' })
    const destroyed = and(eq(auditEntries.action, 'recovery.destroyed'), eq(auditEntries.case_reference, reference))
    const [entry, ...more] = await server.ctx.db.select().from(auditEntries).where(destroyed)
    expect([entry?.body, more]).toEqual([expect.stringMatching(`"erased_with":"${again}".*"why":"erased_again"`), []])
    for (const staff of [first, second]) expect((await find(staff, reference)).json['code']).toBe('recovery_gone')
    expect(await whole()).toEqual(gone)
  })

  it('and when that was taken back, the copy of the first can be opened again', async () => {
    const email = 'xiaolong@example.com'
    const { reference } = await erased(email)
    const again = await askAgain(email)
    for (const staff of [first, second]) expect((await find(staff, reference)).json['code']).toBe('erased_again')
    const taken = await call('POST', `/v1/requests/${again}/withdrawal`, { token: await tokenOf(again, email) })
    expect(taken.status).toBeLessThan(300)
    for (const staff of [first, second]) await find(staff, reference)
    expect(await recoveryOf(reference)).toMatchObject({ state: 'put_back' })
  })

  it('and what two people found before not to be hers to decide stays, named in the letter, and is not put back', async () => {
    const email = 'yusuf@example.com'
    const { reference } = await erased(email)
    const { json } = await call('POST', '/v1/requests', { body: { right: 'erasure', email } })
    const again = String(json['reference'])
    const send = (url: string, payload: object, token = '') =>
      app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${token}` }, payload })
    const finding = { kind: 'impostor', facts: FACTS }
    for (const { token } of [first, second]) await send(`/v1/cases/${reference}/recovery`, { finding }, token)
    await app.inject({ method: 'POST', url: `/v1/requests/${again}/proof`, payload: { code: server.codeFor(email) } })
    const gone = await whole()
    await server.work()
    expect(await recoveryOf(reference)).toMatchObject({ state: 'blocked', failure: expect.stringContaining('another erasure since') })
    await letItRun(again)
    const letter = server.mails.findLast(({ to }) => to === email)
    expect(letter?.subject).toContain('but a sealed copy')
    expect(letter?.text).toContain('because two people here found an error')
    expect((await find(first, reference)).json['code']).toBe('erased_again')
    expect(await whole()).toEqual(gone)
  })
})

describe('something is in the way', () => {
  it('and nothing is put back until it is gone; the case says what, without a value', async () => {
    const email = 'noor@example.com'
    const account = await accountOf(server.company, email)
    const { rows } = await server.company.query<{ stripe_subscription_id: string }>(
      `select stripe_subscription_id from subscriptions where account_id = $1`,
      [account],
    )
    const taken = rows[0]?.stripe_subscription_id ?? ''
    const before = await whole()
    const { reference } = await erased(email)
    await server.company.query(
      `insert into subscriptions (account_id, plan, status, stripe_customer_id, stripe_subscription_id, started_at, current_period_ends_at)
       select id, 'pro', 'active', 'cus_new', $1, now(), now() from accounts limit 1`,
      [taken],
    )
    const blocked = await whole()
    await find(first, reference, 'wrong_person')
    await find(second, reference, 'wrong_person')
    expect(await recoveryOf(reference)).toMatchObject({ state: 'blocked' })
    expect(await recoveryOf(reference)).toMatchObject({
      conflicts: [
        {
          collection: 'subscriptions',
          constraint: 'subscriptions_stripe_subscription_id_key',
          kind: 'taken',
          rows: 1,
          digests: [expect.stringMatching(/^[0-9a-f]{64}$/)],
        },
      ],
    })
    expect(JSON.stringify(await theCase(reference))).not.toContain(taken)
    expect(await whole()).toEqual(blocked)
    await server.company.query('delete from subscriptions where stripe_subscription_id = $1', [taken])
    expect((await find(first, reference, 'wrong_person')).status, 'whoever found so may try again').toBe(200)
    expect(await recoveryOf(reference)).toMatchObject({ state: 'put_back' })
    const now = await whole()
    const consents = ['marketing_preferences', 'newsletter_subscribers']
    expect(Object.keys(before).filter((table) => now[table] !== before[table] && !consents.includes(table))).toEqual([])
  })
})

describe('the end of a case file', () => {
  it('takes along what is left of its copy: rows, findings, key and bytes', async () => {
    const { reference } = await erased('zoe@example.com')
    await find(first, reference)
    const { db, keys } = server.ctx
    const [request] = await db.select().from(requests).where(eq(requests.reference, reference))
    const id = request?.id ?? ''
    const [copy] = await db.select().from(recoveryCopies).where(eq(recoveryCopies.request_id, id))
    // As if the very shredding at its end had failed for years.
    const late = new Date(server.clock.now().getTime() + 1_000)
    const long = new Date('2020-01-01T00:00:00Z')
    await db.update(requests).set({ closed_at: long, due_at: late }).where(eq(requests.id, id))
    await eraseOwnRecords(actingAs(server.ctx, { kind: 'system', name: 'test' }))
    expect(await db.$count(requests, eq(requests.id, id)), 'the premise').toBe(0)
    expect(await db.$count(recoveryCopies, eq(recoveryCopies.request_id, id))).toBe(0)
    expect(await db.$count(recoveryFindings, eq(recoveryFindings.request_id, id))).toBe(0)
    await expect(keys.streamKey(copy?.key_id ?? '')).rejects.toMatchObject({ name: 'KeyGone' })
    const names = await sealedFiles()
    expect(copy?.parts.filter((part) => names.some((name) => name.startsWith(part.id)))).toEqual([])
  })
})
