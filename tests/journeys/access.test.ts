import { beforeAll, describe, expect, it } from 'vitest'
import { sha256, unzip, wrongInManifest } from '../support/archive.ts'
import { accountOf, rowsAbout } from '../support/company-rows.ts'
import type { Staff } from '../support/installation.ts'
import { openServer, type Server } from '../support/server.ts'

let server: Server
let dpo: Staff

beforeAll(async () => {
  server = await openServer()
  dpo = await server.staff('dpo')
})

/** Asks and proves; the token of the person. */
async function prove(email: string, body: object = {}): Promise<{ reference: string; token: string }> {
  const before = server.arrived.filter(({ to, text }) => to === email && text.includes('Code: ')).length
  const { json } = await server.call('POST', '/v1/requests', { body: { right: 'access', email, ...body } })
  const reference = String(json['reference'])
  const code = await server.codeOf(email, before + 1)
  const proof = await server.call('POST', `/v1/requests/${reference}/proof`, { body: { code } })
  expect(proof.status).toBe(200)
  return { reference, token: String(proof.json['token']) }
}

/** Asks for another code, the `n`th to this address, and types it; the token it gives. */
async function typeFreshCode(reference: string, email: string, n: number): Promise<string> {
  expect((await server.call('POST', `/v1/requests/${reference}/codes`)).status).toBe(202)
  const proof = await server.call('POST', `/v1/requests/${reference}/proof`, { body: { code: await server.codeOf(email, n) } })
  expect(proof.status).toBe(200)
  return String(proof.json['token'])
}

describe('Ada asks for a copy of her data', () => {
  it('gets everything that is hers, sealed until she types a fresh code, and nothing of anybody else', async () => {
    const email = 'ada@example.com'
    const account = await accountOf(server.company, email)
    const about = await rowsAbout(server.company, account, email)
    expect(Object.values(about).filter((rows) => rows > 0).length, 'the premise: she is in most tables').toBeGreaterThan(12)

    const asked = await server.call('POST', '/v1/requests', { body: { right: 'access', email, residence: 'NL' } })
    expect(asked.status).toBe(202)
    expect(asked.json).toMatchObject({ state: 'received', received_at: '2026-11-20T10:00:00.000Z', due_at: '2026-12-20T23:00:00.000Z' })
    const reference = String(asked.json['reference'])
    expect(asked.headers.get('location')).toBe(`/v1/requests/${reference}`)

    const proof = await server.call('POST', `/v1/requests/${reference}/proof`, { body: { code: await server.codeOf(email) } })
    const token = String(proof.json['token'])
    const ready = await server.until(dpo, reference, 'awaiting_release')
    const [built] = ready['archives'] as { sha256: string; bytes: number }[]
    if (built === undefined) throw new Error('no archive was built')

    const early = await server.call('GET', `/v1/requests/${reference}/archive?part=1`, { token })
    expect(early.status, 'nothing leaves before a person has looked').toBe(403)

    const reviewed = await server.call('GET', `/v1/cases/${reference}/archive`, { token: dpo.token })
    expect(sha256(reviewed.bytes)).toBe(built.sha256)
    const wrong = await server.call('POST', `/v1/cases/${reference}/release`, {
      token: dpo.token,
      body: { archive_sha256: '0'.repeat(64) },
    })
    expect([wrong.status, wrong.json['code']]).toEqual([409, 'archive_changed'])
    server.clock.advance({ seconds: 1 })
    const released = await server.call('POST', `/v1/cases/${reference}/release`, {
      token: dpo.token,
      body: { archive_sha256: built.sha256 },
    })
    expect([released.status, released.json['state']]).toEqual([200, 'delivered'])

    const old = await server.call('GET', `/v1/requests/${reference}/archive?part=1`, { token })
    expect([old.status, old.json['code']], 'its code was typed before the reply').toEqual([403, 'fresh_code_required'])
    const fresh = await typeFreshCode(reference, email, 2)
    const download = await server.call('GET', `/v1/requests/${reference}/archive?part=1`, { token: fresh })
    expect(download.status).toBe(200)
    expect(download.headers.get('content-type')).toBe('application/zip')
    expect(download.headers.get('etag')).toBe(`"${built.sha256}"`)
    expect(download.headers.get('content-length')).toBe(String(built.bytes))
    const entries = await unzip(download.bytes)
    expect(wrongInManifest(entries)).toEqual([])
    for (const path of ['bagit.txt', 'bag-info.txt', 'datapackage.json', 'metadata/notice.json', 'index.html', 'tagmanifest-sha256.txt']) {
      expect([...entries.keys()]).toContain(path)
    }
    for (const [table, rows] of Object.entries(about)) {
      const file = [...entries].find(([path]) => path.endsWith(`${table}.json`))
      expect(file === undefined ? 0 : (JSON.parse(file[1].toString()) as unknown[]).length, table).toBe(rows)
    }
    await expectNobodyElse(entries, email)

    server.clock.advance({ minutes: 10, seconds: 1 })
    const late = await server.call('GET', `/v1/requests/${reference}/archive?part=1`, { token: fresh })
    expect([late.status, late.json['code']]).toEqual([403, 'fresh_code_required'])
  })

  it('tells what is held but never shown by its kind, not by its value', async () => {
    const { reference } = await prove('pieter@example.com')
    await server.until(dpo, reference, 'awaiting_release')
    const { bytes } = await server.call('GET', `/v1/cases/${reference}/archive`, { token: dpo.token })
    const all = Buffer.concat([...(await unzip(bytes)).values()]).toString()
    const { rows } = await server.company.query<{ password_hash: string }>('select password_hash from accounts where email = $1', [
      'pieter@example.com',
    ])
    expect(rows[0]?.password_hash.length).toBeGreaterThan(10)
    expect(all).not.toContain(rows[0]?.password_hash)
    expect(all).toContain('password hash')
  })
})

describe('somebody whom the company does not know', () => {
  it('is told, after proof, where we searched and that nothing is held', async () => {
    const { reference, token } = await prove('stranger@example.net')
    await server.until(dpo, reference, 'delivered')
    const { json } = await server.call('GET', `/v1/requests/${reference}`, { token })
    expect(json).toMatchObject({ state: 'delivered', outcome: 'nothing_held' })
    expect((json['reply'] as { text: string }).text).toContain('hold nothing about you but this request')
    expect((json['reply'] as { text: string }).text).toContain('Cowork')
  })

  it('gets not one row more for typing the device id of somebody else', async () => {
    const { rows } = await server.company.query<{ id: string }>(
      'select d.id from devices d join accounts a on a.id = d.account_id where a.email = $1',
      ['ada@example.com'],
    )
    expect(rows.length, 'the premise: Ada has a device').toBeGreaterThan(0)
    const identifiers = [
      { kind: 'device_id', value: rows[0]?.id },
      { kind: 'account_id', value: '1' },
    ]
    const { reference } = await prove('curious@example.net', { identifiers })
    const found = await server.until(dpo, reference, 'delivered')
    expect(found['outcome']).toBe('nothing_held')
    const plan = await server.call('GET', `/v1/cases/${reference}/plan`, { token: dpo.token })
    expect((plan.json['items'] as { source: string }[]).filter(({ source }) => source !== 'habeas')).toEqual([])
  })
})

describe('an address that two people have, differing in case only', () => {
  it('proves neither: the case waits for a decision and nothing of either is planned', async () => {
    const { reference } = await prove('SAM.okafor@example.com')
    const waiting = await server.until(dpo, reference, 'awaiting_decision')
    const [question] = waiting['questions'] as { id: string; kind: string; choices: string[] }[]
    expect(question).toMatchObject({ id: 'identity', kind: 'ambiguous_identity' })
    expect(question?.choices).toHaveLength(3)
    expect(JSON.stringify(waiting)).not.toMatch(/samuel|samantha/i)
    const plan = await server.call('GET', `/v1/cases/${reference}/plan`, { token: dpo.token })
    expect(plan.json['items']).toEqual([])
    const approval = await server.call('POST', `/v1/cases/${reference}/approval`, {
      token: dpo.token,
      body: { plan_hash: waiting['plan_hash'] },
    })
    expect([approval.status, approval.json['code']]).toEqual([422, 'questions_open'])
  })

  it('goes on for the one person a DPO has chosen, and the other stays out of it', async () => {
    const { reference } = await prove('familie.jansen@example.com')
    const waiting = await server.until(dpo, reference, 'awaiting_decision')
    const [question] = waiting['questions'] as { choices: string[] }[]
    const choice = question?.choices[0]
    expect(choice).not.toBe('none')
    await server.call('POST', `/v1/cases/${reference}/questions/identity`, { token: dpo.token, body: { choice } })
    await server.until(dpo, reference, 'awaiting_release')
    const { bytes } = await server.call('GET', `/v1/cases/${reference}/archive`, { token: dpo.token })
    const entries = await unzip(bytes)
    const accounts = JSON.parse([...entries].find(([path]) => path.endsWith('accounts.json'))?.[1].toString() ?? '[]') as {
      id: number
      display_name: string
    }[]
    expect(accounts).toHaveLength(1)
    const { rows } = await server.company.query<{ name: string }>(
      'select display_name as name from accounts where email = $1 and id <> $2',
      ['familie.jansen@example.com', accounts[0]?.id],
    )
    expect(rows).toHaveLength(1)
    expect(Buffer.concat([...entries.values()]).toString()).not.toContain(rows[0]?.name)
  })
})

/** No address of anybody else in the company stands in the archive, but those of people who wrote with this person. */
async function expectNobodyElse(entries: ReadonlyMap<string, Buffer>, email: string): Promise<void> {
  const all = Buffer.concat([...entries.values()]).toString()
  const { rows } = await server.company.query<{ email: string }>('select email from accounts where lower(email) <> lower($1)', [email])
  expect(rows.length).toBeGreaterThan(100)
  expect(rows.map((row) => row.email).filter((other) => all.includes(other))).toEqual([])
}
