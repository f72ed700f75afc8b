import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { readCase } from '../../src/requests/read-case.ts'
import { accountOf } from '../support/company-rows.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { openApp, textOf, Visitor } from './library.ts'

let habeas: Installation
let app: FastifyInstance
let dpo: Staff
let second: Staff

beforeAll(async () => {
  habeas = await openInstallation()
  app = await openApp(habeas.ctx)
  dpo = await habeas.staff('dpo')
  second = await habeas.staff('dpo')
})

async function signedIn(staff: Staff): Promise<Visitor> {
  const visitor = new Visitor(app)
  await visitor.get('/console/sign-in')
  await visitor.send('/console/sign-in', { token: staff.token })
  return visitor
}

/** An erasure that is answered, with a copy kept. */
async function erased(email: string): Promise<string> {
  const { reference } = await habeas.askAndProve({ right: 'erasure', email })
  const { plan_hash } = await readCase(habeas.as(dpo), { reference })
  for (const staff of [dpo, second]) await approveRequest(habeas.as(staff), { reference, plan_hash: plan_hash ?? '' })
  habeas.clock.advance({ hours: 72 })
  await habeas.work()
  expect(await stateOf(reference), 'the premise').toBe('kept')
  return reference
}

const stateOf = async (reference: string) => (await readCase(habeas.as(dpo), { reference })).recovery?.state
const FOUND = { kind: 'impostor', facts: 'She called: the mailbox was taken over, and the request came from there.' }

describe('the copy of an erasure in the console', () => {
  test('is put back when two people record the same finding with the form, each once', async () => {
    const email = 'ada@example.com'
    const account = await accountOf(habeas.company, email)
    const reference = await erased(email)
    const [path, form] = [`/console/cases/${reference}`, `/console/cases/${reference}/recovery`]
    const [first, other] = [await signedIn(dpo), await signedIn(second)]
    const page = await first.get(path)
    expect(textOf(page.body)).toContain('Sealed copy of what was erased')
    expect(page.body).not.toContain(email)

    const short = await first.send(form, { ...FOUND, facts: 'an error' })
    expect([short.statusCode, textOf(short.body)]).toEqual([400, expect.stringContaining('in a sentence or more')])
    const unknown = await first.send(form, { ...FOUND, kind: 'regret' })
    expect(unknown.statusCode).toBe(400)
    expect(await stateOf(reference)).toBe('kept')

    const found = textOf((await first.sendAndFollow(form, FOUND)).body)
    expect(found).toContain('The copy is opened when a second person finds the same.')
    expect(found, 'one person is one voice: no form any more').not.toContain('Record the finding')
    expect((await first.send(form, FOUND)).statusCode).toBe(403)
    expect(textOf((await other.get(path)).body)).toContain('Find so too, and put everything back')
    expect((await other.send(form, FOUND)).headers.location).toContain('opened')
    await habeas.work()
    expect(await stateOf(reference)).toBe('put_back')
    expect(await accountOf(habeas.company, email)).toBe(account)
    const after = textOf((await other.get(path)).body)
    expect(after).not.toMatch(/Find so too|Record the finding|Destroy the copy now/)
    expect((await other.send(form, FOUND)).statusCode, 'put back twice').toBe(410)
  })

  test('is destroyed when a DPO names a ground on which none may be kept', async () => {
    const reference = await erased('maria@example.com')
    const form = `/console/cases/${reference}/no-recovery`
    const visitor = await signedIn(dpo)
    await visitor.get(`/console/cases/${reference}`)
    expect((await visitor.send(form, { ground: 'regret' })).statusCode).toBe(400)
    expect(await stateOf(reference)).toBe('kept')
    expect(textOf((await visitor.sendAndFollow(form, { ground: 'unlawful' })).body)).toContain('the copy is destroyed')
    expect(await stateOf(reference)).toBe('destroyed')
    expect((await visitor.send(`/console/cases/${reference}/recovery`, FOUND)).statusCode, 'after destruction').toBe(410)
  })
})

describe('a copy that is nobody else’s to open', () => {
  let reference: string
  beforeAll(async () => {
    reference = await erased('pieter@example.com')
  })

  test.each(['caseworker', 'auditor', 'admin'] as const)('is not for %s: no form is shown, and none is taken', async (role) => {
    const visitor = await signedIn(await habeas.staff(role))
    const page = await visitor.get(`/console/cases/${reference}`)
    expect(page.body).not.toMatch(/Record the finding|Destroy the copy now/)
    for (const [form, fields] of [
      ['recovery', FOUND],
      ['no-recovery', { ground: 'unlawful' }],
    ] as const) {
      expect((await visitor.send(`/console/cases/${reference}/${form}`, fields)).statusCode).toBe(403)
    }
    expect(await stateOf(reference)).toBe('kept')
  })

  test('takes no form of another site, and none without a session', async () => {
    const visitor = await signedIn(dpo)
    await visitor.get(`/console/cases/${reference}`)
    for (const [form, fields] of [
      ['recovery', FOUND],
      ['no-recovery', { ground: 'unlawful' }],
    ] as const) {
      const url = `/console/cases/${reference}/${form}`
      expect((await visitor.send(url, { ...fields, _csrf: 'forged' })).statusCode).toBe(403)
      expect((await visitor.send(url, fields, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
      expect((await new Visitor(app).send(url, fields)).headers.location).toBe('/console/sign-in')
    }
    expect(await stateOf(reference)).toBe('kept')
  })
})

describe('the status page', () => {
  test('has a button that destroys the copy at once, once, for whoever has typed the code and nobody else', async () => {
    const email = 'olena@example.com'
    const reference = await erased(email)
    const [path, form] = [`/status/${reference}`, `/status/${reference}/recovery-copy`]
    const stranger = new Visitor(app)
    await stranger.get(path)
    expect((await stranger.send(form, {})).statusCode).not.toBe(303)

    const visitor = new Visitor(app)
    await visitor.get(path)
    await visitor.send(`${path}/code`, {})
    await habeas.work()
    await visitor.get(path)
    const page = await visitor.sendAndFollow(`${path}/proof`, { code: habeas.codeFor(email) })
    expect(page.body).toContain(`action="${form}"`)
    expect((await visitor.send(form, { _csrf: 'forged' })).statusCode).toBe(403)
    expect((await visitor.send(form, {}, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect(await stateOf(reference)).toBe('kept')

    await visitor.get(path)
    const gone = await visitor.sendAndFollow(form, {})
    expect(textOf(gone.body)).toContain('The sealed copy is destroyed.')
    expect(gone.body, 'the letter names the button; it is there no more').not.toContain(`action="${form}"`)
    expect(await stateOf(reference)).toBe('destroyed')
    expect((await visitor.send(form, {})).statusCode, 'twice').toBe(410)
  })
})
