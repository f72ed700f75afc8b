import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { actingAs } from '../../src/context.ts'
import { issueLink } from '../../src/operators/issue-link.ts'
import { readCase } from '../../src/requests/read-case.ts'
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
  const answer = await visitor.send('/console/sign-in', { token: staff.token })
  expect(answer.headers.location).toBe('/console')
  return visitor
}

/** An address of the sample company that has rows in several collections. */
async function somebody(): Promise<string> {
  const { rows } = await habeas.company.query<{ email: string }>(
    `select a.email from accounts a join invoices i on i.account_id = a.id where a.email ~ '^[a-z0-9.]+@' group by a.id, a.email
      having count(*) filter (where a.id is not null) > 0 and not exists (select from accounts b where lower(b.email) = lower(a.email) and b.id <> a.id) order by a.id limit 1`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('the sample has nobody with an invoice')
  return row.email
}

describe('the door', () => {
  test('shows everybody without a session to the page to sign in', async () => {
    const answer = await new Visitor(app).get('/console')
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/console/sign-in'])
    const form = await new Visitor(app).send('/console/holds', { matter: 'x' })
    expect([form.statusCode, form.headers.location]).toEqual([303, '/console/sign-in'])
  })

  test('opens to a token, with a cookie that scripts and other sites cannot use', async () => {
    const visitor = new Visitor(app)
    await visitor.get('/console/sign-in')
    const answer = await visitor.send('/console/sign-in', { token: dpo.token })
    const session = answer.cookies.find(({ name }) => name === 'habeas-console')
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' })
    expect(session?.value).not.toBe(dpo.token)
    expect((await visitor.get('/console')).statusCode).toBe(200)
  })

  test('stays shut for a wrong token', async () => {
    const visitor = new Visitor(app)
    await visitor.get('/console/sign-in')
    const answer = await visitor.send('/console/sign-in', { token: 'hab_wrong' })
    expect(answer.statusCode).toBe(403)
    expect(textOf(answer.body)).toContain('does not open anything')
    expect(visitor.cookies).not.toContain('habeas-console')
  })

  test('is not opened by a program that follows the one-time link, but by the button behind it, once', async () => {
    const system = actingAs(habeas.ctx, { kind: 'system', name: 'test' })
    const { token } = await issueLink(system, { email: dpo.actor.email })
    for (let visit = 0; visit < 3; visit += 1) await new Visitor(app).get(`/console/sign-in?token=${token}`)
    const visitor = new Visitor(app)
    await visitor.get(`/console/sign-in?token=${token}`)
    expect((await visitor.send('/console/sign-in', { link: token })).headers.location).toBe('/console')
    const late = new Visitor(app)
    await late.get(`/console/sign-in?token=${token}`)
    expect((await late.send('/console/sign-in', { link: token })).statusCode).toBe(403)
  })

  test('closes at once when the operator signs out', async () => {
    const visitor = await signedIn(dpo)
    const stolen = visitor.cookies
    await visitor.get('/console')
    await visitor.send('/console/sign-out', {})
    const answer = await app.inject({ method: 'GET', url: '/console', headers: { cookie: stolen } })
    expect(answer.headers.location).toBe('/console/sign-in')
  })

  test('closes after fifteen minutes without a request', async () => {
    const own = await openInstallation()
    const ownApp = await openApp(own.ctx)
    const staff = await own.staff('dpo')
    const visitor = new Visitor(ownApp)
    await visitor.get('/console/sign-in')
    await visitor.send('/console/sign-in', { token: staff.token })
    own.clock.advance({ minutes: 14, seconds: 59 })
    expect((await visitor.get('/console')).statusCode).toBe(200)
    own.clock.advance({ minutes: 15 })
    expect((await visitor.get('/console')).headers.location).toBe('/console/sign-in')
  })
})

describe('an erasure in the console', () => {
  test('is approved by two people, each bound to the plan they saw', async () => {
    const email = await somebody()
    const { reference } = await habeas.askAndProve({ right: 'erasure', email })
    const [first, other] = [await signedIn(dpo), await signedIn(second)]
    const page = await first.get(`/console/cases/${reference}`)
    expect(page.statusCode).toBe(200)
    expect(textOf(page.body)).toContain('0 of 2')
    expect(page.body).not.toContain(email)
    const hash = /name="plan_hash" value="([0-9a-f]{64})"/.exec(page.body)?.[1] ?? ''
    const stale = await first.send(`/console/cases/${reference}/approval`, { plan_hash: 'f'.repeat(64) })
    expect([stale.statusCode, textOf(stale.body)]).toEqual([409, expect.stringContaining('The plan has changed')])
    const approved = await first.sendAndFollow(`/console/cases/${reference}/approval`, { plan_hash: hash, note: 'Looked at it.' })
    expect(textOf(approved.body)).toContain('Your approval is recorded.')
    expect(textOf(approved.body)).toContain('1 of 2')
    const twice = await first.send(`/console/cases/${reference}/approval`, { plan_hash: hash })
    expect([twice.statusCode, textOf(twice.body)]).toEqual([403, expect.stringContaining('The same person cannot decide twice')])
    await other.get(`/console/cases/${reference}`)
    const done = await other.sendAndFollow(`/console/cases/${reference}/approval`, { plan_hash: hash })
    expect(textOf(done.body)).toContain('Approved')
  })
})

describe('a plan and a copy in the console', () => {
  test('an erasure is amended: what is kept is seen with its ground, and whoever amended does not approve', async () => {
    const { reference } = await habeas.askAndProve({ right: 'erasure', email: 'maria@example.com' })
    const first = await signedIn(dpo)
    const page = await first.get(`/console/cases/${reference}`)
    expect(textOf(page.body)).toContain('Keep something')
    const wrong = await first.send(`/console/cases/${reference}/amendment`, {
      kind: 'keep',
      collection: 'feedback',
      ground: 'LEGAL_CLAIMS',
      until: '',
    })
    expect(wrong.statusCode).toBe(400)
    const keep = { kind: 'keep', collection: 'feedback', ground: 'LEGAL_CLAIMS', until: '2027-06-30', reason: 'A claim is announced.' }
    const amended = await first.sendAndFollow(`/console/cases/${reference}/amendment`, keep)
    expect(textOf(amended.body)).toContain('The plan is amended and made again.')
    await habeas.work()
    const again = await first.get(`/console/cases/${reference}`)
    expect(textOf(again.body)).toContain('Kept: Feedback until 2027-06-30')
    expect(again.body).not.toContain('A claim is announced.')
    const hash = /name="plan_hash" value="([0-9a-f]{64})"/.exec(again.body)?.[1] ?? ''
    expect((await first.send(`/console/cases/${reference}/approval`, { plan_hash: hash })).statusCode).toBe(403)
  })

  test('a copy with texts of others is read before it can be released', async () => {
    const { reference } = await habeas.askAndProve({ right: 'access', email: 'pieter@example.com' })
    await habeas.work()
    const visitor = await signedIn(dpo)
    const page = await visitor.get(`/console/cases/${reference}`)
    expect(textOf(page.body)).toContain('Read the texts in which other people may appear (before you release)')
    expect(page.body).not.toContain('I have looked at it: release')
    const texts = await visitor.get(`/console/cases/${reference}/review?collection=support_messages`)
    expect(textOf(texts.body)).toContain('About other people: leave it out')
    expect((await visitor.send(`/console/cases/${reference}/review`, { collection: 'support_messages' })).statusCode).toBe(400)
    const sha = /name="archive_sha256" value="([0-9a-f]{64})"/.exec(texts.body)?.[1] ?? ''
    const read = await visitor.sendAndFollow(`/console/cases/${reference}/reviewed`, { archive_sha256: sha })
    expect(textOf(read.body)).toContain('I have looked at it: release')
    const cell = /name="cells" value="([^"]+)"/.exec(texts.body)?.[1]?.replaceAll('&quot;', '"') ?? ''
    const rebuilt = await visitor.sendAndFollow(`/console/cases/${reference}/review`, { collection: 'support_messages', cells: cell })
    expect(textOf(rebuilt.body)).toContain('The texts are left out and the copy is built again.')
    await habeas.work()
    expect(textOf((await visitor.get(`/console/cases/${reference}`)).body)).toContain('(before you release)')
  })
})

describe('a case page', () => {
  test('shows who it is only for a reason, which is written down', async () => {
    const { reference } = await habeas.askAndProve({ email: 'reveal.me@example.com', name: 'Ada Lovelace' })
    const visitor = await signedIn(dpo)
    expect((await visitor.get(`/console/cases/${reference}`)).body).not.toContain('reveal.me@example.com')
    expect((await visitor.send(`/console/cases/${reference}/reveal`, { reason: '' })).statusCode).toBe(400)
    const shown = await visitor.send(`/console/cases/${reference}/reveal`, { reason: 'To answer her letter' })
    expect(shown.statusCode).toBe(200)
    expect(shown.body).toContain('reveal.me@example.com')
    expect((await visitor.get(`/console/cases/${reference}`)).body).not.toContain('reveal.me@example.com')
  })

  test('takes notes, messages and an assignment', async () => {
    const { reference } = await habeas.askAndProve({ email: 'talk@example.com' })
    const visitor = await signedIn(dpo)
    await visitor.get(`/console/cases/${reference}`)
    expect(textOf((await visitor.sendAndFollow(`/console/cases/${reference}/notes`, { text: 'She called on Monday.' })).body)).toContain(
      'She called on Monday.',
    )
    expect(textOf((await visitor.sendAndFollow(`/console/cases/${reference}/messages`, { text: 'Which account?' })).body)).toContain(
      'Which account?',
    )
    const assigned = await visitor.sendAndFollow(`/console/cases/${reference}/assignment`, { operator: second.actor.email })
    expect(textOf(assigned.body)).toContain('The case is assigned.')
    expect((await readCase(habeas.as(dpo), { reference })).assignee).toBe(second.actor.id)
  })

  test('refuses a request with a ground the law knows, by two people, and says which facts are missing', async () => {
    const { reference } = await habeas.askAndProve({ email: 'ada@example.com', right: 'erasure', residence: 'NL' })
    const visitor = await signedIn(dpo)
    const page = await visitor.get(`/console/cases/${reference}`)
    expect(page.body).toContain('value="UNFOUNDED"')
    const short = await visitor.send(`/console/cases/${reference}/refusal`, { ground: 'UNFOUNDED', facts: 'No.' })
    expect([short.statusCode, textOf(short.body)]).toEqual([400, expect.stringContaining('expected the facts of this case')])
    const refusal = { ground: 'UNFOUNDED', facts: 'The request was sent by a script, which its sender has told us.' }
    const proposed = await visitor.sendAndFollow(`/console/cases/${reference}/refusal`, refusal)
    expect(textOf(proposed.body)).toContain('The refusal is proposed')
    const reviewer = await signedIn(second)
    await reviewer.get(`/console/cases/${reference}`)
    const done = await reviewer.sendAndFollow(`/console/cases/${reference}/refusal`, refusal)
    expect(textOf(done.body)).toContain('The request is refused')
  })

  test('offers no ground that would tell an unproven person something', async () => {
    const { reference } = await habeas.ask({ email: 'unproven@example.com', right: 'portability', residence: 'NL' })
    const page = await (await signedIn(dpo)).get(`/console/cases/${reference}`)
    expect(page.body).toContain('value="NOT_IDENTIFIABLE"')
    expect(page.body).not.toContain('value="UNFOUNDED"')
  })

  test('pauses, resumes and extends the clock', async () => {
    const { reference } = await habeas.ask({ email: 'clock@example.com', residence: 'NL' })
    const visitor = await signedIn(dpo)
    await visitor.get(`/console/cases/${reference}`)
    const paused = await visitor.sendAndFollow(`/console/cases/${reference}/pause`, { reason: 'identity' })
    expect(textOf(paused.body)).toContain('Clock paused')
    await visitor.sendAndFollow(`/console/cases/${reference}/resumption`, {})
    const extended = await visitor.sendAndFollow(`/console/cases/${reference}/extension`, {
      reason: 'Eleven systems must be searched by hand for this.',
    })
    expect(textOf(extended.body)).toContain('Extended')
    const again = await visitor.send(`/console/cases/${reference}/extension`, {
      reason: 'Eleven systems must be searched by hand for this.',
    })
    expect(again.statusCode).toBe(422)
  })

  test('of a reference that is none is a page that says so', async () => {
    const answer = await (await signedIn(dpo)).get('/console/cases/HAB-0000-0000')
    expect([answer.statusCode, textOf(answer.body)]).toEqual([404, expect.stringContaining('There is no such case.')])
  })

  test('shows an auditor no forms, and refuses the forms they send all the same', async () => {
    const { reference } = await habeas.askAndProve({ email: 'audited@example.com' })
    const visitor = await signedIn(await habeas.staff('auditor'))
    const page = await visitor.get(`/console/cases/${reference}`)
    expect(page.statusCode).toBe(200)
    expect(page.body.match(/action="\/console\/cases/g)).toBeNull()
    const refused = await visitor.send(`/console/cases/${reference}/notes`, { text: 'I was here.' })
    expect([refused.statusCode, textOf(refused.body)]).toEqual([403, expect.stringContaining('Your role does not allow this.')])
  })
})

describe('the other pages', () => {
  test('open a case for a letter with its true arrival', async () => {
    const visitor = await signedIn(dpo)
    await visitor.get('/console/cases/new')
    const letter = {
      right: 'access',
      received_at: '2026-11-02T09:30',
      channel: 'letter',
      name: 'Ada',
      address: 'Main street 1',
      delivery: 'post',
    }
    const page = await visitor.sendAndFollow('/console/cases/new', letter)
    const reference = /HAB-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(textOf(page.body))?.[0] ?? ''
    expect((await readCase(habeas.as(dpo), { reference })).received_at).toBe('2026-11-02T08:30:00.000Z')
    const future = await visitor.send('/console/cases/new', { ...letter, received_at: '2027-01-01T09:30' })
    expect([future.statusCode, textOf(future.body)]).toEqual([400, expect.stringContaining('expected an instant that has passed')])
  })

  test('find cases by state, by reference and by exact address', async () => {
    const { reference } = await habeas.ask({ email: 'findme@example.com' })
    const visitor = await signedIn(dpo)
    expect(textOf((await visitor.get('/console?q=findme@example.com')).body)).toContain(reference)
    expect(textOf((await visitor.get(`/console?q=${reference.slice(0, 8)}`)).body)).toContain(reference)
    expect(textOf((await visitor.get('/console?q=findme')).body)).not.toContain(reference)
    expect(textOf((await visitor.get('/console?state=delivered')).body)).not.toContain(reference)
    expect((await visitor.get('/console?state=nonsense')).statusCode).toBe(400)
  })

  test('place a hold and release it by two people', async () => {
    const [first, other] = [await signedIn(dpo), await signedIn(second)]
    await first.get('/console/holds')
    const hold = { matter: 'Ridge v. Cowork', reason: 'A court has asked for it.', subject: 'ridge@example.com', review_at: '2027-01-31' }
    const placed = await first.sendAndFollow('/console/holds', hold)
    expect(textOf(placed.body)).toContain('The hold binds from now on.')
    expect(placed.body).not.toContain('ridge@example.com')
    const path = /action="(\/console\/holds\/[0-9a-f-]{36}\/release)"/.exec(placed.body)?.[1] ?? ''
    expect(textOf((await first.sendAndFollow(path, {})).body)).toContain('A second person must agree')
    expect((await first.send(path, {})).statusCode).toBe(403)
    await other.get('/console/holds')
    expect(textOf((await other.sendAndFollow(path, {})).body)).toContain('The hold is released.')
    const empty = await first.send('/console/holds', { matter: 'x', reason: 'y', review_at: '2027-01-31' })
    expect([empty.statusCode, textOf(empty.body)]).toEqual([
      400,
      expect.stringContaining('Expected a subject, an account or a collection.'),
    ])
  })

  test('preview the schedule without a trace, and run one rule', async () => {
    const visitor = await signedIn(dpo)
    await visitor.get('/console/retention')
    const preview = await visitor.send('/console/retention', { rule: '', preview: 'true' })
    expect([preview.statusCode, textOf(preview.body)]).toEqual([200, expect.stringContaining('This is a preview')])
    const run = await visitor.sendAndFollow('/console/retention', { rule: 'account_private', preview: 'false' })
    expect(textOf(run.body)).toContain('account_private')
    const path = /action="(\/console\/retention\/runs\/[0-9a-f-]{36}\/stop)"/.exec(run.body)?.[1] ?? ''
    expect(textOf((await visitor.sendAndFollow(path, {})).body)).toContain('Stopped')
    expect((await visitor.send(path, {})).statusCode).toBe(409)
  })

  test('show the data map, and verify the log', async () => {
    const visitor = await signedIn(await habeas.staff('admin'))
    expect((await visitor.get('/console')).headers.location).toBe('/console/data-map')
    expect(textOf((await visitor.get('/console/data-map')).body)).toContain('Data map')
    await visitor.get('/console/audit')
    expect(textOf((await visitor.send('/console/audit', {})).body)).toContain('in order and unchanged')
  })
})
