import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { sequence } from '../../src/audit/sequencer.ts'
import { actingAs } from '../../src/context.ts'
import { issueLink } from '../../src/operators/issue-link.ts'
import { openBrowser } from '../support/browser.ts'
import type { Staff } from '../support/installation.ts'
import { eventually, openServer, type Server } from '../support/server.ts'
import { openVisitor, type Visitor } from '../support/visitor.ts'

let server: Server
let browser: Browser
let dpo: Staff
let second: Staff

beforeAll(async () => {
  browser = await openBrowser()
  server = await openServer()
  dpo = await server.staff('dpo')
  second = await server.staff('dpo')
})

/** An operator at the console, signed in with their token. */
async function atDesk(staff: Staff): Promise<Visitor> {
  const operator = await openVisitor(browser, server.url)
  await operator.go('/console')
  await operator.page.getByLabel('Token').fill(staff.token)
  await operator.page.getByRole('button', { name: 'Sign in' }).click()
  await operator.page.getByRole('heading', { name: 'Queue' }).waitFor()
  return operator
}

/** A request that was made and proven over the API, once it is in the state. */
async function aCase(right: string, email: string, state: string): Promise<string> {
  const asked = await server.call('POST', '/v1/requests', { body: { right, email } })
  const reference = String(asked.json['reference'])
  const proof = await server.call('POST', `/v1/requests/${reference}/proof`, { body: { code: await server.codeOf(email) } })
  expect(proof.status).toBe(200)
  await server.until(dpo, reference, state)
  return reference
}

describe('the door', () => {
  it('stays shut for a wrong token, in a sentence', async () => {
    const { page, go, shoot, faults } = await openVisitor(browser, server.url)
    await go('/console/retention')
    expect(page.url()).toBe(`${server.url}/console/sign-in`)
    await page.getByLabel('Token').fill('hab_nothing')
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await page.getByRole('alert').innerText()).toContain('This token does not open anything')
    await shoot('console-sign-in-refused')
    expect(faults).toEqual([])
  })

  it('opens to a one-time link by its button', async () => {
    const { page, go, shoot, faults } = await openVisitor(browser, server.url)
    const { token } = await issueLink(actingAs(server.ctx, { kind: 'system', name: 'test' }), { email: dpo.actor.email })
    await go(`/console/sign-in?token=${token}`)
    await shoot('console-sign-in-by-link')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Queue' }).waitFor()
    expect(faults).toEqual([])
  })
})

describe('what may not leave as it is', () => {
  it('is read text by text, left out, and read again before the copy can be released', async () => {
    const reference = await aCase('access', 'noor@example.com', 'awaiting_release')
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go(`/console/cases/${reference}`)
    await shoot('console-case-texts-to-read')
    expect(await page.getByRole('button', { name: 'I have looked at it: release' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Read the texts in which other people may appear' }).click()
    await page.getByLabel('Part of the copy').selectOption('support_messages')
    await page.getByRole('button', { name: 'Show' }).click()
    await shoot('console-review-texts')
    await page.getByLabel('About other people: leave it out').first().check()
    await page.getByRole('button', { name: 'Leave the marked texts out' }).click()
    await page.getByText('The texts are left out and the copy is built again.').waitFor()
    await server.until(dpo, reference, 'awaiting_release')
    await go(`/console/cases/${reference}/review?collection=support_messages`)
    await page.getByText('Left out of the copy.').first().waitFor()
    await page.getByRole('button', { name: 'I have read them all' }).click()
    await page.getByRole('button', { name: 'I have looked at it: release' }).waitFor()
    expect(faults).toEqual([])
  })

  it('and what may not go yet is kept, on a ground and until a day', async () => {
    const reference = await aCase('erasure', 'sean@example.com', 'awaiting_decision')
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go(`/console/cases/${reference}`)
    await page.getByText('Keep something').click()
    await page.locator('#keep-collection').selectOption('feedback')
    await page.locator('#keep-ground').selectOption('LEGAL_CLAIMS')
    await page.getByLabel('Last day').fill('2030-06-30')
    await page.locator('#keep-reason').fill('A claim is announced.')
    await shoot('console-case-amend')
    await page.getByRole('button', { name: 'Keep it and plan again' }).click()
    await page.getByText('The plan is amended and made again.').waitFor()
    await server.until(dpo, reference, 'awaiting_decision')
    await go(`/console/cases/${reference}`)
    await page.getByText('Kept: Feedback until 2030-06-30').waitFor()
    await shoot('console-case-amended')
    expect(faults).toEqual([])
  })
})

describe('a case', () => {
  it('shows who it is only when asked, with a reason that is written down', async () => {
    const reference = await aCase('access', 'pieter@example.com', 'awaiting_release')
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go(`/console/cases/${reference}`)
    expect(await page.locator('body').innerText()).not.toContain('pieter@example.com')
    await page.getByText('Show in full').click()
    await page.getByLabel('Why you need to see it').fill('He telephoned, I compare the address')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByText('pieter@example.com').first().waitFor()
    await shoot('console-case-revealed')
    await sequence(server.ctx)
    await go(`/console/audit?q=${reference}`)
    await page.getByRole('cell', { name: 'request.revealed' }).waitFor()
    expect(faults).toEqual([])
  })

  it('is refused by two people on the same ground the law knows', async () => {
    const reference = await aCase('access', 'bram@example.com', 'awaiting_release')
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go(`/console/cases/${reference}`)
    await page.getByText('Refuse', { exact: true }).click()
    await page.getByLabel('Ground').selectOption({ index: 0 })
    await shoot('console-case-refusing')
    await page.getByLabel('Facts').fill('He has sent the same request every day this month and got his copy each time.')
    await page.getByRole('button', { name: 'Refuse the request' }).click()
    await page.getByText('The refusal is proposed.').waitFor()
    await shoot('console-case-refusal-proposed')
    const other = await atDesk(second)
    await other.go(`/console/cases/${reference}`)
    await other.page.getByLabel('Ground').selectOption({ index: 0 })
    await other.page.getByLabel('Facts').fill('I have looked at it, too, and agree with these facts.')
    await other.page.getByRole('button', { name: 'Refuse the request' }).click()
    await other.page.getByText('The request is refused and the letter is on its way.').waitFor()
    await other.shoot('console-case-refused')
    expect([...faults, ...other.faults]).toEqual([])
  })

  it('asks a person which of two people is meant, and shows neither', async () => {
    const reference = await aCase('access', 'familie.jansen@example.com', 'awaiting_decision')
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go(`/console/cases/${reference}`)
    expect(await page.getByRole('button', { name: 'Approve this plan' }).count()).toBe(0)
    await shoot('console-case-question')
    await page.getByLabel('None of them').check()
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText('The answer is recorded; the case is planned again.').waitFor()
    expect(faults).toEqual([])
  })

  it('that came by letter is entered with the day it really arrived', async () => {
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go('/console/cases/new')
    await page.getByLabel('Arrived').fill('')
    await page.getByRole('button', { name: 'Open the case' }).click()
    expect(await page.getByRole('alert').innerText()).toContain('There is a problem')
    await shoot('console-new-case')
    await page.getByLabel('Arrived').fill('2026-11-18T09:30')
    await page.getByLabel('What they ask').selectOption('access')
    await page.getByLabel('Email address', { exact: true }).fill('maria@example.com')
    await page.getByLabel('What they wrote or said (optional)').fill('Please send me everything.')
    await page.getByRole('button', { name: 'Open the case' }).click()
    await page.getByRole('heading', { name: 'Clock' }).waitFor()
    expect(await page.locator('main').innerText()).toContain('18 Nov 2026, 09:30')
    await shoot('console-case-by-letter')
    expect(faults).toEqual([])
  })

  it('is talked about with the person, noted, assigned, paused and extended', async () => {
    const reference = await aCase('access', 'olena@example.com', 'awaiting_release')
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go(`/console/cases/${reference}`)
    await page.getByLabel('Write to the person').fill('Your copy is nearly ready.')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('The message is on its way.').waitFor()
    await page.getByLabel('Note', { exact: true }).fill('Spoke to support.')
    await page.getByRole('button', { name: 'Add the note' }).click()
    await page.getByText('The note is kept.').waitFor()
    await page.getByLabel('With', { exact: true }).selectOption(dpo.actor.email)
    await page.getByRole('button', { name: 'Assign' }).click()
    await page.getByText('The case is assigned.').waitFor()
    await shoot('console-case-to-work-on')
    await page.getByText('Extend by the time the law allows').click()
    await page.getByLabel('Why it is complex').fill('There are forty thousand rows in nine systems.')
    await page.getByRole('button', { name: 'Extend and write to the person' }).click()
    await page.getByText('The clock is extended and the person is told.').waitFor()
    await page.getByText('How these dates came about').click()
    await shoot('console-case-talked-about')
    expect(faults).toEqual([])
  })
})

describe('an erasure that is done', () => {
  it('leaves tasks: to tell those who received the data, each answered on its page', async () => {
    const reference = await aCase('erasure', 'carla@example.com', 'awaiting_decision')
    const { json } = await server.call('GET', `/v1/cases/${reference}/plan`, { token: dpo.token })
    for (const { token } of [dpo, second])
      await server.call('POST', `/v1/cases/${reference}/approval`, { token, body: { plan_hash: json['hash'] } })
    server.clock.advance({ hours: 73 })
    await server.until(dpo, reference, 'delivered')

    const { page, go, shoot, faults } = await atDesk(dpo)
    await go('/console/tasks')
    await shoot('console-tasks')
    await page
      .getByRole('table')
      .getByRole('link', { name: /^Tell / })
      .first()
      .click()
    await shoot('console-task')
    await page.getByRole('radio').last().check()
    await page.getByLabel('In words').fill('Told them by mail on Friday; they confirmed.')
    await page.getByRole('button', { name: 'Answer the task' }).click()
    await page.getByText('The answer is kept.').waitFor()
    await shoot('console-tasks-answered')
    expect(faults).toEqual([])
  })
})

describe('beside the cases', () => {
  it('the queue finds a case by reference or address, and says when nothing matches', async () => {
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go('/console?state=any')
    await shoot('console-queue-any')
    await page.getByLabel('Reference or exact email').fill('nobody@example.net')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('No case matches.').waitFor()
    await shoot('console-queue-empty')
    expect(faults).toEqual([])
  })

  it('the schedule is previewed, which changes nothing, and its first run waits for a second person', async () => {
    const { page, go, shoot, faults } = await atDesk(dpo)
    const other = await atDesk(second)
    await go('/console/retention')
    await shoot('console-retention')
    const rule = page.getByRole('row', { name: /Crash reports/ })
    await rule.getByRole('button', { name: /^Preview/ }).click()
    await page.getByText('Nothing was changed.').waitFor()
    await shoot('console-retention-preview')
    await rule.getByRole('button', { name: /^Run/ }).click()
    await page.getByRole('heading', { name: /^Run of / }).waitFor()
    const reloadUntil = (text: string) =>
      eventually(`the run to say ${text}`, async () => {
        await page.reload()
        return (await page.getByText(text).count()) > 0 ? true : undefined
      })
    await reloadUntil('Waits for a person')
    await shoot('console-retention-run-waits')
    await page.getByRole('button', { name: 'Confirm the run' }).click()
    await page.getByText('The same person cannot decide twice').waitFor()
    const address = page.url().replace(/\/confirm$/, '')
    await other.page.goto(address)
    await other.page.getByRole('button', { name: 'Confirm the run' }).click()
    await other.page.getByText('The run goes ahead.').waitFor()
    await page.goto(address)
    await reloadUntil('finished')
    await shoot('console-retention-run')
    expect([...faults, ...other.faults]).toEqual([])
  })

  it('a hold is placed by one person and released by two', async () => {
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go('/console/holds')
    await page.getByRole('button', { name: 'Place the hold' }).click()
    await page.getByRole('alert').waitFor()
    await shoot('console-holds-errors')
    await page.getByLabel('Matter').fill('Court of Amsterdam 26/1')
    await page.getByLabel('Reason').fill('Dispute about an invoice.')
    await page.getByLabel('Person, by email').fill('noor@example.com')
    await page.getByLabel('Review on').fill('2027-03-01')
    await page.getByRole('button', { name: 'Place the hold' }).click()
    await page.getByText('The hold binds from now on.').waitFor()
    await page.getByRole('button', { name: 'Ask to release' }).click()
    await page.getByText('A second person must agree; until then the hold binds.').waitFor()
    await shoot('console-holds')
    const other = await atDesk(second)
    await other.go('/console/holds')
    await other.page.getByRole('button', { name: 'Agree to release' }).click()
    await other.page.getByText('The hold is released.').waitFor()
    expect([...faults, ...other.faults]).toEqual([])
  })

  it('the data map names every collection, and the log verifies', async () => {
    const { page, go, shoot, faults } = await atDesk(dpo)
    await go('/console/data-map')
    expect(await page.getByText('Fields', { exact: true }).count()).toBeGreaterThan(10)
    await page.getByText('Fields', { exact: true }).first().click()
    await shoot('console-data-map')
    await sequence(server.ctx)
    await go('/console/audit')
    await page.getByRole('button', { name: 'Verify the log' }).click()
    await page.getByText(/^All \d{2,} entries are there, in order and unchanged\.$/).waitFor()
    await shoot('console-audit')
    expect(faults).toEqual([])
  })

  it('an auditor reads, and finds no button that would change anything', async () => {
    const { page, go, shoot, faults } = await atDesk(await server.staff('auditor'))
    await page.locator('.hb-case-link').first().click()
    await page.getByRole('heading', { name: 'Who it is' }).waitFor()
    expect(await page.locator('main button').count()).toBe(0)
    await shoot('console-case-auditor')
    await go('/console/cases/HAB-0000-0000')
    await shoot('console-not-found')
    expect(faults).toEqual([])
  })
})
