import { readFile } from 'node:fs/promises'
import { Writable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { requests } from '../src/db/schema/requests.ts'
import { migrateQueue } from '../src/jobs/queue.ts'
import { bearer, openApp, problemIn, Visitor } from './routes/library.ts'
import { openInstallation, type Installation, type Staff } from './support/installation.ts'

let habeas: Installation
let app: FastifyInstance
let dpo: Staff

beforeAll(async () => {
  habeas = await openInstallation()
  app = await openApp(habeas.ctx)
  dpo = await habeas.staff('dpo')
})

const ask = (on: FastifyInstance, email: string, headers: Record<string, string> = {}) =>
  on.inject({ method: 'POST', url: '/v1/requests', headers, payload: { right: 'access', email } })

describe('every answer', () => {
  test('carries the headers that protect its reader, whatever it is', async () => {
    const urls = [
      '/',
      '/request',
      '/status',
      '/nowhere',
      '/v1/nowhere',
      '/v1/cases',
      '/livez',
      '/console',
      '/console/sign-in',
      '/problems/invalid_input',
      '/metrics',
      '/docs/',
    ]
    for (const url of urls) {
      const { headers } = await app.inject({ method: 'GET', url })
      expect([url, headers['x-content-type-options'], headers['referrer-policy'], headers['x-frame-options']]).toEqual([
        url,
        'nosniff',
        'no-referrer',
        'DENY',
      ])
      expect(String(headers['content-security-policy']), url).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
      expect([url, headers['cross-origin-opener-policy'], headers['cross-origin-resource-policy']]).toEqual([
        url,
        'same-origin',
        'same-origin',
      ])
      expect(String(headers['permissions-policy']), url).toContain('geolocation=()')
      expect(headers['cache-control'], url).toBe('no-store')
      expect(headers['access-control-allow-origin'], url).toBeUndefined()
      expect(headers['strict-transport-security'], url).toBeUndefined()
    }
  })

  test('of a page allows no script and nothing from elsewhere', async () => {
    const { headers, body } = await app.inject({ method: 'GET', url: '/' })
    expect(String(headers['content-security-policy']).split(';')).toEqual([
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      "font-src 'self'",
      "script-src 'none'",
      "object-src 'none'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
    expect(body).not.toMatch(/<script|https?:\/\/(?!cowork|autoriteit)/)
  })

  test('says HSTS and uses __Host- cookies where the public address is https', async () => {
    const secure = await openApp({ ...habeas.ctx, publicUrl: 'https://privacy.example' })
    const answer = await secure.inject({ method: 'GET', url: '/request' })
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
    expect(answer.cookies).toEqual([
      expect.objectContaining({ name: '__Host-habeas-csrf', secure: true, httpOnly: true, sameSite: 'Strict', path: '/' }),
    ])
  })

  test('has an id of its own, which no caller chooses', async () => {
    const headers = { 'x-request-id': 'mine', 'request-id': 'mine' }
    const [one, two] = await Promise.all([app.inject({ url: '/v1/x', headers }), app.inject({ url: '/v1/x', headers })])
    expect(problemIn(one).instance).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(problemIn(one).instance).not.toBe(problemIn(two).instance)
  })

  test('to a file of styles may be kept for an hour, and no file leads out of the folder', async () => {
    const css = await app.inject({ method: 'GET', url: '/static/public.css' })
    expect([css.statusCode, css.headers['content-type'], css.headers['cache-control']]).toEqual([
      200,
      'text/css; charset=utf-8',
      'public, max-age=3600',
    ])
    for (const url of [
      '/static/../app.ts',
      '/static/%2e%2e/render.ts',
      '/static/',
      '/static/.hidden',
      '/static/fonts/',
      '/static/nothing.css',
    ]) {
      expect([url, (await app.inject({ method: 'GET', url })).statusCode]).toEqual([url, 404])
    }
  })
})

describe('the parts that are served', () => {
  test('are chosen: the public port has no console, the console no form, both the API behind its tokens, and neither shows documents unasked', async () => {
    const [outside, inside] = [
      await openApp(habeas.ctx, { public: true, console: false, docs: false }),
      await openApp(habeas.ctx, { public: false, console: true, docs: true }),
    ]
    const status = async (on: FastifyInstance, url: string) => (await on.inject({ method: 'GET', url })).statusCode
    expect(
      await Promise.all(['/', '/console', '/v1/cases', '/docs/', '/metrics', '/openapi.json', '/livez'].map((url) => status(outside, url))),
    ).toEqual([200, 404, 401, 404, 404, 404, 200])
    expect(
      await Promise.all(
        ['/', '/console/sign-in', '/v1/cases', '/docs/', '/metrics', '/openapi.json', '/livez'].map((url) => status(inside, url)),
      ),
    ).toEqual([404, 200, 401, 200, 200, 200, 200])
  })

  test('have a mailbox in a demonstration only, and answer there only to this machine', async () => {
    const mail = {
      to: 'ada@example.com',
      subject: 'Your request',
      text: 'Code: BCDF-GHJK',
      html: '<p>',
      sent_at: '2026-11-20T10:00:00.000Z',
    }
    const mailbox = { list: async () => [mail] }
    const operators = [{ email: 'dina@cowork.example', role: 'dpo', token: dpo.token }]
    const demo: Context = { ...habeas.ctx, demo: { cancelWindowSeconds: 5, mailbox: '' } }
    const shown = await openApp(demo, { mailbox, demoOperators: operators })
    const local = { host: '127.0.0.1:3000' }
    expect((await shown.inject({ url: '/dev/mailbox.json', headers: local })).json()).toEqual([mail])
    expect((await shown.inject({ url: '/dev/mailbox', headers: local })).body).toContain('BCDF-GHJK')
    expect((await shown.inject({ url: '/console/sign-in', headers: local })).body).toContain('dina@cowork.example')
    expect((await shown.inject({ url: '/', headers: local })).body).toContain('5 seconds')
    for (const host of ['evil.example', '127.0.0.1.evil.example', '10.0.0.1:3000']) {
      const answer = await shown.inject({ url: '/dev/mailbox.json', headers: { host } })
      expect([host, answer.statusCode, answer.body.includes('BCDF')]).toEqual([host, 421, false])
    }
    const serious = await openApp(habeas.ctx, { mailbox, demoOperators: operators })
    expect((await serious.inject({ url: '/dev/mailbox.json' })).statusCode).toBe(404)
    expect((await serious.inject({ url: '/console/sign-in' })).body).not.toContain('dina@cowork.example')
  })
})

describe('an idempotency key', () => {
  test('gives the same answer to the same call, and opens one request', async () => {
    const before = await habeas.ctx.db.$count(requests)
    const headers = { 'idempotency-key': 'first' }
    const [first, second] = [await ask(app, 'once@example.com', headers), await ask(app, 'once@example.com', headers)]
    expect([second.statusCode, second.body, second.headers.location]).toEqual([first.statusCode, first.body, first.headers.location])
    expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([undefined, 'true'])
    expect(await habeas.ctx.db.$count(requests)).toBe(before + 1)
  })

  test('with another body is refused', async () => {
    const headers = { 'idempotency-key': 'second' }
    await ask(app, 'body@example.com', headers)
    const answer = await ask(app, 'other-body@example.com', headers)
    expect([answer.statusCode, problemIn(answer).code]).toEqual([422, 'key_reused'])
  })

  test('belongs to its caller: another operator’s key of the same name is another', async () => {
    const { reference } = await habeas.ask({ email: 'keys@example.com' })
    const other = await habeas.staff('dpo')
    const note = (token: string) =>
      app.inject({
        method: 'POST',
        url: `/v1/cases/${reference}/notes`,
        headers: { ...bearer(token), 'idempotency-key': 'note' },
        payload: { text: 'Seen.' },
      })
    expect((await note(dpo.token)).headers['idempotent-replayed']).toBeUndefined()
    expect((await note(other.token)).headers['idempotent-replayed']).toBeUndefined()
    expect((await note(dpo.token)).headers['idempotent-replayed']).toBe('true')
  })

  test('repeats a refusal too, for 24 hours', async () => {
    const headers = { ...bearer(dpo.token), 'idempotency-key': 'refused' }
    const call = () => app.inject({ method: 'POST', url: '/v1/cases/HAB-0000-0000/notes', headers, payload: { text: 'Hello' } })
    const [first, second] = [await call(), await call()]
    expect([second.statusCode, second.body]).toEqual([404, first.body])
  })
})

describe('limits', () => {
  test('hold for an address wherever it is asked from, end with their window, and look like every problem', async () => {
    const own = await openInstallation()
    const limited = await openApp(own.ctx, { limits: { intake_by_address: { limit: 2, seconds: 3_600 } } })
    expect((await ask(limited, 'victim@example.com')).statusCode).toBe(202)
    expect((await ask(limited, 'Victim@example.com')).statusCode).toBe(202)
    const third = await ask(limited, 'victim@example.com')
    expect([third.statusCode, problemIn(third).code, third.headers['retry-after']]).toEqual([429, 'too_many_requests', '3600'])
    expect((await ask(limited, 'somebody-else@example.com')).statusCode).toBe(202)
    own.clock.advance({ minutes: 60 })
    expect((await ask(limited, 'victim@example.com')).statusCode).toBe(202)
  })

  test('hold for a network whatever is asked, and cannot be moved by a header', async () => {
    const own = await openInstallation()
    const limited = await openApp(own.ctx, {
      limits: { intake_by_network: { limit: 1, seconds: 600 }, code_by_network: { limit: 1, seconds: 600 } },
    })
    expect((await ask(limited, 'a@example.com')).statusCode).toBe(202)
    expect((await ask(limited, 'b@example.com', { 'x-forwarded-for': '203.0.113.7', 'x-real-ip': '203.0.113.7' })).statusCode).toBe(429)
    const elsewhere = {
      method: 'POST',
      url: '/v1/requests',
      payload: { right: 'access', email: 'c@example.com' },
      remoteAddress: '203.0.113.7',
    } as const
    expect((await limited.inject(elsewhere)).statusCode).toBe(202)
    const typed = { method: 'POST', url: '/v1/requests/HAB-0000-0000/proof', payload: { code: 'BBBB-BBBB' } } as const
    expect([(await limited.inject(typed)).statusCode, (await limited.inject(typed)).statusCode]).toEqual([403, 429])
  })

  test('hold on the form as on the API, and there they are a page', async () => {
    const own = await openInstallation()
    const limited = await openApp(own.ctx, { limits: { intake_by_network: { limit: 0, seconds: 600 } } })
    const visitor = new Visitor(limited)
    await visitor.get('/request')
    const answer = await visitor.send('/request', { rights: 'access', email: 'a@example.com' })
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['retry-after']]).toEqual([
      429,
      'text/html; charset=utf-8',
      '600',
    ])
  })
})

describe('something nobody has foreseen', () => {
  const broken = (message: string) => {
    const handler: ProxyHandler<Installation['ctx']['db']> = {
      get: () => () => {
        throw Object.assign(new Error(message), { code: 'XX000' })
      },
    }
    return new Proxy(habeas.ctx.db, handler)
  }

  test('shows nothing but an id, and the log has class, code and place, not the message', async () => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, new Writable({ write: (line: Buffer, _encoding, done) => (lines.push(line.toString()), done()) }))
    const odd = await openApp({ ...habeas.ctx, db: broken('canary: ada@example.com'), log })
    const answer = await odd.inject({ method: 'GET', url: '/v1/cases', headers: bearer(dpo.token) })
    expect([answer.statusCode, problemIn(answer).code]).toEqual([500, 'internal_error'])
    expect(answer.body + lines.join('')).not.toContain('canary')
    const line = lines.map((one) => JSON.parse(one) as Record<string, unknown>).find(({ msg }) => msg === 'request failed')
    expect(line).toMatchObject({ codes: ['XX000'], error: 'Error', reqId: problemIn(answer).instance })
  })

  test('is a page to whoever reads pages', async () => {
    const odd = await openApp({ ...habeas.ctx, db: broken('canary') })
    const answer = await odd.inject({ method: 'GET', url: '/privacy/retention' })
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([500, 'text/html; charset=utf-8'])
    expect(answer.body).not.toContain('canary')
  })
})

test('the log names nobody: no address, name, reference, code or token is ever in it', async () => {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, new Writable({ write: (line: Buffer, _encoding, done) => (lines.push(line.toString()), done()) }))
  const own = await openInstallation()
  const ctx = { ...own.ctx, log }
  const watched = await openApp(ctx)
  const staff = await own.staff('dpo')
  const asked = await watched.inject({
    method: 'POST',
    url: '/v1/requests?utm=canary-query',
    headers: { 'user-agent': 'canary-agent', cookie: 'canary=cookie', 'idempotency-key': 'canary-key' },
    payload: { right: 'access', email: 'canary@example.com', name: 'Canary Bird', details: 'canary details' },
  })
  const { reference } = asked.json<{ reference: string }>()
  await own.work()
  const code = own.codeFor('canary@example.com')
  const wrong = await watched.inject({ method: 'POST', url: `/v1/requests/${reference}/proof`, payload: { code: 'BBBB-BBBB' } })
  const proof = await watched.inject({ method: 'POST', url: `/v1/requests/${reference}/proof`, payload: { code } })
  const { token } = proof.json<{ token: string }>()
  await watched.inject({ method: 'GET', url: `/v1/requests/${reference}`, headers: bearer(token) })
  await watched.inject({
    method: 'POST',
    url: `/v1/requests/${reference}/messages`,
    headers: bearer(token),
    payload: { text: 'canary message' },
  })
  await watched.inject({ method: 'GET', url: '/v1/cases?q=canary@example.com', headers: bearer(staff.token) })
  await watched.inject({ method: 'GET', url: `/console/sign-in?token=${token}` })
  await watched.inject({ method: 'GET', url: '/canary/nowhere' })
  const visitor = new Visitor(watched)
  await visitor.get(`/status/${reference}`)
  await visitor.send(`/status/${reference}/proof`, { code: 'CCCC-CCCC' })
  const text = lines.join('')
  expect([asked.statusCode, wrong.statusCode, proof.statusCode]).toEqual([202, 403, 200])
  expect(lines.length).toBeGreaterThanOrEqual(10)
  for (const secret of ['canary', 'Canary', reference, reference.slice(4), code, token, token.slice(4, 20), staff.token, 'BBBB', 'CCCC'])
    expect(text).not.toContain(secret)
  expect(text).toContain('"route":"/v1/requests/:reference/proof"')
})

describe('what watches the process', () => {
  test('is told that it lives, and is ready only once database, schema and queue are there', async () => {
    const own = await openInstallation()
    const watched = await openApp(own.ctx)
    expect((await watched.inject({ url: '/livez' })).json()).toEqual({ status: 'ok' })
    const early = await watched.inject({ url: '/readyz' })
    expect([early.statusCode, early.json()]).toEqual([
      503,
      { status: 'not_ready', checks: { database: 'ok', migrations: 'ok', queue: 'failed' } },
    ])
    await migrateQueue(own.ctx.config.databaseUrl ?? '')
    const late = await watched.inject({ url: '/readyz' })
    expect([late.statusCode, late.json()]).toEqual([200, { status: 'ready', checks: { database: 'ok', migrations: 'ok', queue: 'ok' } }])
  })

  test('reads numbers: open cases, overdue ones, ages', async () => {
    const own = await openInstallation()
    const watched = await openApp(own.ctx)
    await own.ask({ email: 'ada@example.com' })
    own.clock.advance({ seconds: 90 })
    const early = (await watched.inject({ url: '/metrics' })).body
    expect(early).toContain('habeas_cases_open{state="received"} 1')
    expect(early).toContain('habeas_outbox_oldest_seconds 90')
    expect(early).toContain('habeas_audit_unnumbered_oldest_seconds 90')
    expect(early).toContain('habeas_cases_overdue 0')
    own.clock.advance({ days: 31 })
    expect((await watched.inject({ url: '/metrics' })).body).toContain('habeas_cases_overdue 1')
  })
})

describe('the document of the API', () => {
  interface Operation {
    readonly operationId?: string
    readonly summary?: string
    readonly tags?: readonly string[]
    readonly security?: readonly object[]
    readonly requestBody?: object
    readonly responses: Readonly<
      Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
    >
  }

  const operations = () =>
    Object.entries(app.swagger().paths ?? {}).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method,
        operation,
      })),
    )

  test('is the file in the repository', async () => {
    const file = JSON.parse(await readFile('openapi/openapi.json', 'utf8')) as object
    expect(JSON.parse(JSON.stringify(app.swagger())), 'run: npm run build && npm run openapi').toEqual(file)
    expect(app.swagger()).toMatchObject({ openapi: '3.1.1' })
  })

  test('has for every operation a name, a sentence, a tag, who may call it, and schemas of what goes in and out', () => {
    for (const { name, operation } of operations()) {
      expect([name, operation.operationId, operation.summary, operation.tags?.length]).toEqual([
        name,
        expect.any(String),
        expect.any(String),
        1,
      ])
      expect(operation.security, name).toBeDefined()
      const answers = Object.entries(operation.responses)
      expect(
        answers.some(([status]) => status.startsWith('2')),
        name,
      ).toBe(true)
      for (const [status, { description, content }] of answers) {
        expect(description, `${name} ${status}`).not.toBe('Default Response')
        for (const { schema } of Object.values(content ?? {})) expect(Object.keys(schema).length, `${name} ${status}`).toBeGreaterThan(0)
      }
    }
  })

  test('promises problem details wherever something can be refused', () => {
    for (const { name, operation } of operations()) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (status >= '400' && name !== 'GET /readyz')
          expect([name, status, Object.keys(content ?? {})]).toEqual([name, status, ['application/problem+json']])
      }
      if ((operation.security ?? []).length > 0) expect(Object.keys(operation.responses), name).toContain('401')
      if (operation.requestBody !== undefined)
        expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(['400', '413', '415']))
    }
  })

  test('explains every problem code at the address its type names', async () => {
    const answer = await app.inject({ url: '/problems/stale_plan' })
    expect(answer.json()).toEqual({
      code: 'stale_plan',
      status: 409,
      title: expect.any(String),
      meaning: expect.stringContaining('The plan has changed'),
    })
    expect((await app.inject({ url: '/problems/payload_too_large' })).json()).toMatchObject({ status: 413 })
    expect((await app.inject({ url: '/problems/constructor' })).statusCode).toBe(404)
  })
})
