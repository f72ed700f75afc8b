import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { requests } from '../../src/db/schema/requests.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { bearer, openApp, problemIn } from './library.ts'

let habeas: Installation
let app: FastifyInstance
let dpo: Staff

beforeAll(async () => {
  habeas = await openInstallation()
  app = await openApp(habeas.ctx)
  dpo = await habeas.staff('dpo')
})

const ask = (payload: object) => app.inject({ method: 'POST', url: '/v1/requests', payload })
const countRequests = () => habeas.ctx.db.$count(requests)

describe('asking', () => {
  test('answers 202 with a reference, dates and the page to follow it on', async () => {
    const answer = await ask({ right: 'access', email: 'Ada@Example.com', residence: 'NL' })
    expect(answer.statusCode).toBe(202)
    const body = answer.json<{ reference: string }>()
    expect(body).toEqual({
      reference: expect.stringMatching(/^HAB-[0-9A-Z]{4}-[0-9A-Z]{4}$/),
      state: 'received',
      received_at: '2026-11-20T10:00:00.000Z',
      due_at: '2026-12-20T23:00:00.000Z',
      status_url: `http://127.0.0.1:3000/status/${body.reference}`,
    })
    expect(answer.headers.location).toBe(`/v1/requests/${body.reference}`)
  })

  test('for several rights gives a reference each', async () => {
    const answer = await ask({ rights: ['access', 'erasure'], email: 'both@example.com' })
    expect(answer.json<{ references: string[] }>().references).toHaveLength(2)
  })

  test('again while one is open looks the same and opens no second case', async () => {
    const first = await ask({ right: 'access', email: 'again@example.com' })
    const before = await countRequests()
    const second = await ask({ right: 'access', email: 'again@example.com' })
    expect(Object.keys(second.json<object>())).toEqual(Object.keys(first.json<object>()))
    expect(second.json<{ reference: string }>().reference).not.toBe(first.json<{ reference: string }>().reference)
    expect(await countRequests()).toBe(before)
  })
})

describe('wrong input', () => {
  const wrong: readonly (readonly [what: string, body: unknown, code: string, pointer: string])[] = [
    ['an unknown right', { right: 'everything', email: 'ada@example.com' }, 'invalid_input', '/right'],
    ['no right', { email: 'ada@example.com' }, 'invalid_input', '/right'],
    [
      'six rights',
      { rights: ['access', 'erasure', 'portability', 'restriction', 'know', 'limit'], email: 'a@b.example' },
      'invalid_input',
      '/rights',
    ],
    ['a right twice', { rights: ['access', 'access'], email: 'ada@example.com' }, 'invalid_input', '/rights'],
    ['a bad address', { right: 'access', email: 'ada@' }, 'bad_email', '/email'],
    [
      'an address with a second one hidden in it',
      { right: 'access', email: '"attacker@evil.example x"@victim.example' },
      'bad_email',
      '/email',
    ],
    ['an address with a line end', { right: 'access', email: 'ada@example.com\r\nBcc: eve@evil.example' }, 'bad_email', '/email'],
    ['a name of two lines', { right: 'access', email: 'ada@example.com', name: 'Ada\r\nBcc: x@evil.example' }, 'invalid_input', '/name'],
    ['a list for a text', { right: 'access', email: ['ada@example.com'] }, 'invalid_input', '/email'],
    ['a field nobody knows', { right: 'access', email: 'ada@example.com', admin: true }, 'invalid_input', ''],
    ['a rectification that corrects nothing', { right: 'rectification', email: 'ada@example.com' }, 'invalid_input', '/corrections'],
    ['a NUL in a text', { right: 'access', email: 'ada@example.com', details: 'a\u0000b' }, 'invalid_input', '/details'],
    ['no object', [], 'invalid_input', ''],
  ]

  test.each(wrong)('%s is refused with a pointer to it, and nothing is opened', async (_what, body, code, pointer) => {
    const before = await countRequests()
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/requests',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    })
    const problem = problemIn(answer)
    expect([answer.statusCode, problem.status, problem.code, problem.type]).toEqual([400, 400, code, `/problems/${code}`])
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
    expect(problem.instance).toMatch(/^[0-9a-f-]{36}$/)
    expect(await countRequests()).toBe(before)
  })

  const raw: readonly (readonly [what: string, type: string | undefined, text: string, status: number, code: string])[] = [
    [
      'a megabyte',
      'application/json',
      JSON.stringify({ right: 'access', email: 'a@b.example', details: 'x'.repeat(1_000_000) }),
      413,
      'payload_too_large',
    ],
    ['a form', 'application/x-www-form-urlencoded', 'right=access&email=a%40b.example', 415, 'unsupported_media_type'],
    ['plain text', 'text/plain', '{"right":"access","email":"a@b.example"}', 415, 'unsupported_media_type'],
    ['a type with a tab', 'application/json\t;x', '{"right":"access","email":"a@b.example"}', 415, 'unsupported_media_type'],
    ['a type with an odd end', 'application/json ;', '{"right":"access","email":"a@b.example"}', 415, 'unsupported_media_type'],
    ['two types', 'application/json, text/plain', '{"right":"access","email":"a@b.example"}', 415, 'unsupported_media_type'],
    ['half a JSON text', 'application/json', '{"right":"access"', 400, 'invalid_input'],
    ['a key twice', 'application/json', '{"right":"access","email":"a@b.example","email":"c@d.example"}', 400, 'invalid_input'],
    [
      'a key twice, once escaped',
      'application/json',
      '{"right":"access","email":"a@b.example","\\u0065mail":"c@d.example"}',
      400,
      'invalid_input',
    ],
    [
      'a poisoned prototype',
      'application/json',
      '{"right":"access","email":"a@b.example","__proto__":{"admin":true}}',
      400,
      'invalid_input',
    ],
    ['nothing', 'application/json', '', 400, 'invalid_input'],
    ['nothing without a type', undefined, '', 400, 'invalid_input'],
  ]

  test.each(raw)('%s is refused before it reaches anything', async (_what, type, text, status, code) => {
    const before = await countRequests()
    const headers = type === undefined ? {} : { 'content-type': type }
    const answer = await app.inject({ method: 'POST', url: '/v1/requests', headers, ...(text !== '' && { payload: text }) })
    expect([answer.statusCode, problemIn(answer).code]).toEqual([status, code])
    expect(await countRequests()).toBe(before)
  })

  test('a method nobody answers is a 405 that names those that are', async () => {
    const answer = await app.inject({ method: 'PATCH', url: '/v1/requests' })
    expect([answer.statusCode, problemIn(answer).code, answer.headers.allow]).toEqual([405, 'method_not_allowed', 'POST'])
    const other = await app.inject({ method: 'DELETE', url: '/v1/cases/HAB-0000-0000' })
    expect([other.statusCode, other.headers.allow]).toEqual([405, 'GET, HEAD'])
  })

  test('an address nobody knows is a 404', async () => {
    const answer = await app.inject({ method: 'GET', url: '/v1/nothing' })
    expect([answer.statusCode, problemIn(answer).code]).toEqual([404, 'not_found'])
  })
})

describe('the code', () => {
  test('is sent again with the same empty answer for a reference that is none', async () => {
    const { reference } = await habeas.ask({ email: 'codes@example.com' })
    const [known, unknown] = await Promise.all(
      [reference, 'HAB-0000-0000'].map((name) => app.inject({ method: 'POST', url: `/v1/requests/${name}/codes` })),
    )
    expect([known?.statusCode, known?.body]).toEqual([202, ''])
    expect([unknown?.statusCode, unknown?.body]).toEqual([202, ''])
  })

  test('wrong, spent, for another case, and for none are the same refusal; six wrong tries leave a right one useless', async () => {
    const { reference } = await habeas.ask({ email: 'tries@example.com' })
    await habeas.work()
    const code = habeas.codeFor('tries@example.com')
    const tryIt = (name: string, typed: string) =>
      app.inject({ method: 'POST', url: `/v1/requests/${name}/proof`, payload: { code: typed } })
    const answers = []
    for (let n = 0; n < 6; n += 1) answers.push(await tryIt(reference, 'BBBB-BBBB'))
    answers.push(await tryIt(reference, code), await tryIt('HAB-0000-0000', code), await tryIt('nonsense', 'nonsense'))
    const shown = answers.map((answer) => [answer.statusCode, { ...problemIn(answer), instance: '' }])
    expect(new Set(shown.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(shown[0]?.[0]).toBe(403)
    expect(problemIn(answers[0] ?? (await tryIt(reference, code))).code).toBe('code_refused')
  })

  test('gives a token for half an hour, which opens this request and no other', async () => {
    const { reference } = await habeas.ask({ email: 'token@example.com' })
    await habeas.work()
    const proof = await app.inject({
      method: 'POST',
      url: `/v1/requests/${reference}/proof`,
      payload: { code: habeas.codeFor('token@example.com') },
    })
    expect(proof.statusCode).toBe(200)
    const { token, expires_at } = proof.json<{ token: string; expires_at: string }>()
    expect(expires_at).toBe('2026-11-20T10:30:00.000Z')
    const status = await app.inject({ method: 'GET', url: `/v1/requests/${reference}`, headers: bearer(token) })
    expect(status.json()).toMatchObject({ reference, right: 'access', regime: 'gdpr', state: 'planning', extended: false })
  })
})

describe('a token', () => {
  test('that is missing, made up, expired, foreign, or for a reference that is none gets the same 401, byte for byte', async () => {
    const own = await openInstallation()
    const ownApp = await openApp(own.ctx)
    const ada = await own.askAndProve({ email: 'ada@example.com' })
    const grace = await own.askAndProve({ email: 'grace@example.com' })
    own.clock.advance({ minutes: 29 })
    expect((await ownApp.inject({ method: 'GET', url: `/v1/requests/${ada.reference}`, headers: bearer(ada.token) })).statusCode).toBe(200)
    const calls = [
      { url: `/v1/requests/${ada.reference}`, headers: {} },
      { url: `/v1/requests/${ada.reference}`, headers: { authorization: 'Basic YTpi' } },
      { url: `/v1/requests/${ada.reference}`, headers: bearer('hab_nonsense') },
      { url: `/v1/requests/${ada.reference}`, headers: bearer(grace.token) },
      { url: '/v1/requests/HAB-0000-0000', headers: bearer(ada.token) },
      { url: '/v1/requests/not-a-reference', headers: bearer(ada.token) },
      { url: `/v1/requests/${ada.reference}/messages`, headers: bearer(grace.token) },
      { url: `/v1/requests/${ada.reference}/archive`, headers: bearer(grace.token) },
    ]
    const answers = []
    for (const call of calls) answers.push(await ownApp.inject({ method: 'GET', ...call }))
    own.clock.advance({ minutes: 1 })
    answers.push(await ownApp.inject({ method: 'GET', url: `/v1/requests/${ada.reference}`, headers: bearer(ada.token) }))
    const bytes = answers.map((answer) => {
      const { date: _date, ...headers } = answer.headers
      return JSON.stringify([answer.statusCode, headers, answer.body.replace(/"instance":"[^"]+"/, '')])
    })
    expect(new Set(bytes).size).toBe(1)
    expect(answers[0]?.statusCode).toBe(401)
    expect(answers[0]?.headers['www-authenticate']).toBe('Bearer')
  })

  test('of an operator opens no request, and a person’s no case', async () => {
    const { reference, token } = await habeas.askAndProve({ email: 'apart@example.com' })
    expect((await app.inject({ method: 'GET', url: `/v1/requests/${reference}`, headers: bearer(dpo.token) })).statusCode).toBe(401)
    expect((await app.inject({ method: 'GET', url: `/v1/cases/${reference}`, headers: bearer(token) })).statusCode).toBe(401)
  })
})

describe('messages and withdrawal', () => {
  test('are for the person of the case', async () => {
    const { reference } = await habeas.ask({ email: 'letters@example.com' })
    await habeas.work()
    const proof = { code: habeas.codeFor('letters@example.com') }
    const { token } = (await app.inject({ method: 'POST', url: `/v1/requests/${reference}/proof`, payload: proof })).json<{
      token: string
    }>()
    const headers = bearer(token)
    const url = `/v1/requests/${reference}/messages`
    expect((await app.inject({ method: 'GET', url, headers })).json()).toEqual({ data: [], next_cursor: null })
    const written = await app.inject({ method: 'POST', url, headers, payload: { text: 'Hello' } })
    expect(written.json()).toMatchObject({ data: [{ from: 'you', text: 'Hello', at: '2026-11-20T10:00:00.000Z' }], next_cursor: null })
    expect(problemIn(await app.inject({ method: 'POST', url, headers, payload: { text: '' } })).errors?.[0]?.pointer).toBe('/text')
    const withdrawn = await app.inject({ method: 'POST', url: `/v1/requests/${reference}/withdrawal`, headers })
    expect([withdrawn.statusCode, withdrawn.json<{ state: string }>().state]).toEqual([200, 'withdrawn'])
    const late = await app.inject({ method: 'POST', url: `/v1/requests/${reference}/withdrawal`, headers })
    expect([late.statusCode, problemIn(late).code]).toEqual([409, 'too_late'])
  })
})

describe('the copy', () => {
  test('is downloaded whole or in ranges with a fresh code, and counted when its last byte is out', async () => {
    const own = await openInstallation()
    const ownApp = await openApp(own.ctx)
    const [first, second] = [await own.staff('dpo'), await own.staff('dpo')]
    const { rows } = await own.company.query<{ email: string }>(
      `select email from accounts a where email ~ '^[a-z0-9.]+@' and exists (select from invoices i where i.account_id = a.id)
        and not exists (select from accounts b where lower(b.email) = lower(a.email) and b.id <> a.id) order by id limit 1`,
    )
    const email = rows[0]?.email ?? ''
    const { reference, token } = await own.askAndProve({ email })
    const url = `/v1/requests/${reference}/archive?part=1`
    const get = (headers: Record<string, string>) => ownApp.inject({ method: 'GET', url, headers })
    expect(problemIn(await get(bearer(token))).code).toBe('fresh_code_required')
    await decide(ownApp, own, reference, [first, second])

    const review = await ownApp.inject({ method: 'GET', url: `/v1/cases/${reference}/archive`, headers: bearer(first.token) })
    const sha256 = createHash('sha256').update(review.rawPayload).digest('hex')
    expect([review.statusCode, review.headers['content-type'], review.headers.etag]).toEqual([200, 'application/zip', `"${sha256}"`])
    const wrong = await ownApp.inject({
      method: 'POST',
      url: `/v1/cases/${reference}/release`,
      headers: bearer(first.token),
      payload: { archive_sha256: 'f'.repeat(64) },
    })
    expect(problemIn(wrong).code).toBe('archive_changed')
    const released = await ownApp.inject({
      method: 'POST',
      url: `/v1/cases/${reference}/release`,
      headers: bearer(first.token),
      payload: { archive_sha256: sha256 },
    })
    expect([released.statusCode, released.json<{ state: string }>().state]).toEqual([200, 'delivered'])

    const size = review.rawPayload.length
    const head = await ownApp.inject({ method: 'HEAD', url, headers: bearer(token) })
    expect([head.statusCode, head.headers['content-length'], head.body]).toEqual([200, String(size), ''])
    const part = await get({ ...bearer(token), range: 'bytes=0-99' })
    expect([part.statusCode, part.headers['content-range'], part.headers['content-length']]).toEqual([206, `bytes 0-99/${size}`, '100'])
    expect(part.rawPayload.equals(review.rawPayload.subarray(0, 100))).toBe(true)
    const tail = await get({ ...bearer(token), range: 'bytes=-50' })
    expect(tail.rawPayload.equals(review.rawPayload.subarray(-50))).toBe(true)
    const beyond = await get({ ...bearer(token), range: `bytes=${size}-` })
    expect([beyond.statusCode, problemIn(beyond).code, beyond.headers['content-range']]).toEqual([
      416,
      'range_not_satisfiable',
      `bytes */${size}`,
    ])
    const other = await get({ ...bearer(token), range: 'bytes=0-99', 'if-range': '"another"' })
    expect([other.statusCode, other.rawPayload.length]).toEqual([200, size])
    expect(other.headers['content-disposition']).toBe(`attachment; filename="${reference}-1.zip"`)

    // The tail and the whole are two; three more are allowed, the sixth is refused before it begins.
    for (let n = 0; n < 3; n += 1) expect((await get(bearer(token))).statusCode).toBe(200)
    await counted(own, reference, 5)
    expect([(await get(bearer(token))).statusCode, problemIn(await get(bearer(token))).code]).toEqual([410, 'downloads_used_up'])

    own.clock.advance({ minutes: 10, seconds: 1 })
    const stale = await get(bearer(token))
    expect([stale.statusCode, problemIn(stale).code]).toEqual([403, 'fresh_code_required'])
  })
})

async function decide(on: FastifyInstance, own: Installation, reference: string, people: readonly Staff[]): Promise<void> {
  for (const { token } of people) {
    const headers = bearer(token)
    const one = (await on.inject({ method: 'GET', url: `/v1/cases/${reference}`, headers })).json<{ state: string; plan_hash: string }>()
    if (one.state !== 'awaiting_decision') break
    await on.inject({ method: 'POST', url: `/v1/cases/${reference}/approval`, headers, payload: { plan_hash: one.plan_hash } })
  }
  await own.work()
}

/** Downloads are counted after the answer has gone. */
async function counted(own: Installation, reference: string, downloads: number): Promise<void> {
  for (let look = 0; look < 200; look += 1) {
    const { rows } = await own.ctx.db.execute<{ downloads: number }>(
      `select a.downloads from archives a join requests r on r.id = a.request_id where r.reference = '${reference}'`,
    )
    if (rows[0]?.downloads === downloads) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error(`the downloads of ${reference} never became ${downloads}`)
}
