import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { requests } from '../../src/db/schema/requests.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { openApp, textOf, Visitor } from './library.ts'

let habeas: Installation
let app: FastifyInstance

beforeAll(async () => {
  habeas = await openInstallation()
  app = await openApp(habeas.ctx)
})

async function askByForm(visitor: Visitor, fields: Record<string, string | readonly string[]>) {
  await visitor.get('/request')
  return visitor.send('/request', { requester_role: 'self', ...fields })
}

function referenceIn(html: string): string {
  const reference = /HAB-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(textOf(html))?.[0]
  if (reference === undefined) throw new Error('the page names no reference')
  return reference
}

describe('somebody who asks by the form', () => {
  test('finds what can be asked and who is responsible on the first page', async () => {
    const page = await new Visitor(app).get('/')
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(textOf(page.body)).toContain('Your data at Cowork B.V.')
    expect(textOf(page.body)).toContain('Autoriteit Persoonsgegevens')
  })

  test('is told a reference, types the code of the mail and sees the request', async () => {
    const visitor = new Visitor(app)
    const sent = await askByForm(visitor, { rights: 'access', email: 'ada@example.com', name: 'Ada' })
    expect(sent.statusCode).toBe(200)
    expect(textOf(sent.body)).toContain('We have your request')
    const reference = referenceIn(sent.body)
    await habeas.work()
    const status = await visitor.sendAndFollow(`/status/${reference}/proof`, { code: habeas.codeFor('ada@example.com') })
    expect(status.statusCode).toBe(200)
    expect(textOf(status.body)).toContain('In progress')
    expect(visitor.cookies).toMatch(/habeas-status=hab_/)
  })

  test('who forgets everything is told what is missing, and keeps what was typed', async () => {
    const page = await askByForm(new Visitor(app), { email: 'not an address', name: 'Ada' })
    expect(page.statusCode).toBe(400)
    expect(textOf(page.body)).toContain('Tick at least one thing')
    expect(page.body).toContain('value="not an address"')
  })

  test('who types a bad address gets a sentence at that field, and nothing is opened', async () => {
    const before = await habeas.ctx.db.$count(requests)
    const page = await askByForm(new Visitor(app), { rights: 'access', email: '"attacker@evil.example x"@victim.example' })
    expect(page.statusCode).toBe(400)
    expect(page.body).toContain('email-error')
    expect(await habeas.ctx.db.$count(requests)).toBe(before)
  })

  test('who wants something corrected says what, in fields that belong together', async () => {
    const visitor = new Visitor(app)
    const sent = await askByForm(visitor, {
      rights: 'rectification',
      email: 'corrector@example.com',
      correction_field: ['name', ''],
      correction_from: ['Ada Byron', ''],
      correction_to: ['Ada Lovelace', ''],
    })
    expect(sent.statusCode).toBe(200)
    const incomplete = await askByForm(new Visitor(app), { rights: 'rectification', email: 'corrector@example.com' })
    expect(incomplete.statusCode).toBe(400)
  })

  test('for two things at once gets two references', async () => {
    const sent = await askByForm(new Visitor(app), { rights: ['access', 'objection:marketing'], email: 'two@example.com' })
    expect(new Set(textOf(sent.body).match(/HAB-[0-9A-Z]{4}-[0-9A-Z]{4}/g)).size).toBe(2)
  })
})

describe('the status page', () => {
  test('asks for the code, and says the same for a reference that is none', async () => {
    const { reference } = await habeas.ask({ email: 'known@example.com' })
    const known = await new Visitor(app).get(`/status/${reference}`)
    const unknown = await new Visitor(app).get('/status/HAB-0000-0000')
    const plain = (html: string, name: string) => html.replaceAll(name, 'X').replaceAll(/value="[^"]{20,}"/g, '')
    expect(plain(unknown.body, 'HAB-0000-0000')).toBe(plain(known.body, reference))
    expect(unknown.statusCode).toBe(known.statusCode)
  })

  test('refuses a wrong code and changes nothing', async () => {
    const { reference } = await habeas.ask({ email: 'wrong@example.com' })
    await habeas.work()
    const visitor = new Visitor(app)
    await visitor.get(`/status/${reference}`)
    const refused = await visitor.send(`/status/${reference}/proof`, { code: 'BBBB-BBBB' })
    expect(refused.statusCode).toBe(403)
    expect(textOf(refused.body)).toContain('wrong, used up or expired')
    expect(visitor.cookies).not.toContain('habeas-status')
  })

  test('without a code sends a new one to whoever types only the reference', async () => {
    const { reference } = await habeas.ask({ email: 'newcode@example.com' })
    await habeas.work()
    const first = habeas.codeFor('newcode@example.com')
    const visitor = new Visitor(app)
    await visitor.get('/status')
    const page = await visitor.sendAndFollow('/status', { reference: reference.toLowerCase(), code: '' })
    expect(textOf(page.body)).toContain('a new code is on its way')
    await habeas.work()
    expect(habeas.codeFor('newcode@example.com')).not.toBe(first)
  })

  test('opens one request only: another reference asks for its own code', async () => {
    const visitor = await proven('one@example.com')
    const { reference } = await habeas.ask({ email: 'other@example.com' })
    const page = await visitor.visitor.get(`/status/${reference}`)
    expect(textOf(page.body)).toContain('Code from the email')
  })

  test('takes a message and shows it, and refuses an empty one', async () => {
    const { visitor, reference } = await proven('writer@example.com')
    const page = await visitor.sendAndFollow(`/status/${reference}/messages`, { text: 'When will it be ready?\nAda' })
    expect(textOf(page.body)).toContain('When will it be ready? Ada')
    const empty = await visitor.send(`/status/${reference}/messages`, { text: '  ' })
    expect(empty.statusCode).toBe(400)
  })

  test('lets a person withdraw, and only by the button', async () => {
    const { visitor, reference } = await proven('leaver@example.com')
    await visitor.get(`/status/${reference}/withdrawal`)
    expect(textOf((await visitor.get(`/status/${reference}`)).body)).not.toContain('You have withdrawn')
    const page = await visitor.sendAndFollow(`/status/${reference}/withdrawal`, {})
    expect(textOf(page.body)).toContain('You have withdrawn your request.')
    const again = await visitor.send(`/status/${reference}/withdrawal`, {})
    expect(again.statusCode).toBe(409)
  })

  test('shows the reply as it was sent, where nothing of it can act', async () => {
    const { visitor, reference } = await proven('nobody-here@example.com')
    expect((await visitor.get(`/status/${reference}/reply`)).statusCode).toBe(404)
    await habeas.work()
    const sent = await visitor.get(`/status/${reference}/reply`)
    expect(sent.statusCode).toBe(200)
    expect(sent.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
  })
})

describe('forms', () => {
  test('from another site are refused before anything is read', async () => {
    const visitor = new Visitor(app)
    await visitor.get('/request')
    const fields = { rights: 'access', email: 'cross@example.com', requester_role: 'self' }
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }]) {
      expect((await visitor.send('/request', fields, headers)).statusCode).toBe(403)
    }
    expect((await visitor.send('/request', fields, { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:3000' })).statusCode).toBe(
      200,
    )
  })

  test('without the token of the page, or with that of another visitor, are refused', async () => {
    const [visitor, stranger] = [new Visitor(app), new Visitor(app)]
    await visitor.get('/request')
    const page = await stranger.get('/request')
    const foreign = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    expect((await visitor.send('/request', { rights: 'access', email: 'token@example.com', _csrf: '' })).statusCode).toBe(403)
    expect((await visitor.send('/request', { rights: 'access', email: 'token@example.com', _csrf: foreign })).statusCode).toBe(403)
  })
})

test('the published retention table says every promise of the policy', async () => {
  const page = await new Visitor(app).get('/privacy/retention')
  for (const { promise } of habeas.ctx.policy.rules.values()) expect(textOf(page.body).replaceAll('&#39;', "'")).toContain(promise)
})

test('an address that leads nowhere is a page to a browser and a problem to a program', async () => {
  const page = await new Visitor(app).get('/nowhere')
  expect(page.statusCode).toBe(404)
  expect(textOf(page.body)).toContain('There is nothing here')
  const program = await app.inject({ method: 'GET', url: '/nowhere' })
  expect(program.json()).toMatchObject({ code: 'not_found', status: 404 })
})

async function proven(email: string): Promise<{ visitor: Visitor; reference: string }> {
  const { reference } = await habeas.ask({ email })
  await habeas.work()
  const visitor = new Visitor(app)
  await visitor.get(`/status/${reference}`)
  await visitor.sendAndFollow(`/status/${reference}/proof`, { code: habeas.codeFor(email) })
  return { visitor, reference }
}
