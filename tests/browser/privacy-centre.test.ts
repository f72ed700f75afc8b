import type { Browser, Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { newReference } from '../../src/security/references.ts'
import { openBrowser } from '../support/browser.ts'
import type { Staff } from '../support/installation.ts'
import { openServer, type Server } from '../support/server.ts'
import { openVisitor, type Visitor, type VisitorOptions } from '../support/visitor.ts'

let server: Server
let browser: Browser
let dpo: Staff

beforeAll(async () => {
  browser = await openBrowser()
  server = await openServer()
  dpo = await server.staff('dpo')
})

const visitor = (options?: VisitorOptions): Promise<Visitor> => openVisitor(browser, server.url, options)

/** Asks by the form for one thing. */
async function ask(person: Visitor, sentence: string, email: string): Promise<string> {
  const { page } = person
  await person.go('/request')
  await page.getByLabel(sentence).check()
  await page.getByLabel('Email address', { exact: true }).fill(email)
  await page.getByRole('button', { name: 'Send the request' }).click()
  return (await page.locator('.hb-reference').first().innerText()).trim()
}

async function typeCode(page: Page, email: string): Promise<void> {
  await page.getByLabel('Code from the email').fill(await server.codeOf(email))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Reference' }).or(page.locator('.hb-timeline')).first().waitFor()
}

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the focus never came to ${String(target)}`)
}

describe('the form', () => {
  it('names everything that is wrong at the top, each line leads to its field, and nothing typed is lost', async () => {
    const { page, go, shoot, faults } = await visitor()
    const summary = page.getByRole('alert')
    await go('/request')
    await page.getByLabel('Anything we should know (optional)').fill('My old account, too.')
    await page.getByRole('button', { name: 'Send the request' }).click()
    expect(await page.title()).toMatch(/^Error: /)
    expect(await summary.getByRole('link').allInnerTexts()).toEqual([
      'Tick at least one thing you want us to do',
      'Enter your email address',
    ])
    expect(await page.getByLabel('Anything we should know (optional)').inputValue()).toBe('My old account, too.')
    await shoot('request-errors')
    await summary.getByRole('link', { name: /email/ }).click()
    expect(await page.evaluate('document.activeElement.id')).toBe('email')
    await page.getByLabel('Stop sending me marketing').check()
    await page.getByLabel('Email address', { exact: true }).fill('ada@')
    await page.getByRole('button', { name: 'Send the request' }).click()
    expect(await summary.getByRole('link').allInnerTexts()).toEqual(['Expected an address such as name@example.com.'])
    expect(await page.getByLabel('Email address', { exact: true }).inputValue()).toBe('ada@')
    expect(await page.getByLabel('Stop sending me marketing').isChecked()).toBe(true)
    expect(faults).toEqual([])
  })

  it('is filled and sent with the keyboard alone', async () => {
    const { page, go, faults } = await visitor()
    await go('/request')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Skip to main content')
    await page.keyboard.press('Enter')
    await tabTo(page, page.getByLabel('Send me a copy of the data you hold about me'))
    await page.keyboard.press('Space')
    await tabTo(page, page.getByLabel('Email address', { exact: true }))
    await page.keyboard.type('keyboard@example.net')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'We have your request' }).waitFor()
    await tabTo(page, page.getByLabel('Code from the email'))
    await page.keyboard.type((await server.codeOf('keyboard@example.net')).toLowerCase())
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What has happened so far' }).waitFor()
    expect(faults).toEqual([])
  })

  it('asks what only some answers need when it is needed', async () => {
    const { page, go, shoot, faults } = await visitor()
    await go('/request?right=rectification')
    expect(await page.getByLabel('What it should say').first().isVisible()).toBe(true)
    expect(await page.getByLabel('Your name').isVisible()).toBe(false)
    await page.getByLabel('Somebody who has asked me to act for them').check()
    expect(await page.getByLabel('Your name').isVisible()).toBe(true)
    await page.getByText('I live in California').click()
    await page.getByText('Something else').click()
    await shoot('request-everything-open')
    expect(faults).toEqual([])
  })
})

describe('following a request', () => {
  it('asks for reference and code, refuses a wrong code in a sentence, and says nothing of whether the reference exists', async () => {
    const { page, go, shoot, faults } = await visitor()
    await go('/status')
    await shoot('status-entry')
    await page.getByLabel('Reference').fill('nonsense')
    await page.getByRole('button', { name: 'Show my request' }).click()
    expect(await page.getByRole('alert').innerText()).toContain('Enter a reference such as HAB-7K3M-9QX2')
    await page.getByLabel('Reference').fill(newReference().toLowerCase())
    await page.getByLabel('Code from the email').fill('BCDF-GHJK')
    await page.getByRole('button', { name: 'Show my request' }).click()
    expect(await page.getByRole('alert').innerText()).toContain('The code is wrong, used up or expired.')
    await shoot('status-wrong-code')
    await page.getByText('I have no code, or it does not work').click()
    await page.getByRole('button', { name: 'Send me a new code' }).click()
    expect(await page.getByRole('alert').innerText()).toContain('If this request exists, a new code is on its way.')
    await shoot('status-code-sent')
    expect(faults).toEqual([])
  })

  it('lets somebody write, and take the request back', async () => {
    const person = await visitor()
    const { page, shoot, faults } = person
    await ask(person, 'Delete the data you hold about me', 'chiara@example.com')
    await typeCode(page, 'chiara@example.com')
    await page.getByLabel('Write to us about this request').fill('Is my newsletter part of this?')
    await page.getByRole('button', { name: 'Send the message' }).click()
    await page.getByText('Your message has reached us.').waitFor()
    await shoot('status-message-sent')
    await page.getByRole('button', { name: 'Withdraw the request' }).click()
    await page.getByText('You have withdrawn your request.').waitFor()
    expect(await page.locator('.hb-state').innerText()).toBe('Withdrawn')
    expect(await page.getByRole('button', { name: 'Withdraw the request' }).count()).toBe(0)
    await shoot('status-withdrawn')
    expect(faults).toEqual([])
  })

  it('tells somebody we do not know where we searched, and that nothing is held', async () => {
    const person = await visitor()
    const reference = await ask(person, 'Send me a copy of the data you hold about me', 'stranger@example.net')
    await typeCode(person.page, 'stranger@example.net')
    await server.until(dpo, reference, 'delivered')
    await person.page.reload()
    expect(await person.page.locator('main').innerText()).toContain('hold nothing about you')
    await person.shoot('status-nothing-held')
    expect(person.faults).toEqual([])
  })

  it('gives each of several requests its reference, and one code opens them', async () => {
    const { page, go, shoot, faults } = await visitor()
    await go('/request')
    await page.getByLabel('Send me a copy of the data you hold about me').check()
    await page.getByLabel('Stop sending me marketing').check()
    await page.getByLabel('Email address', { exact: true }).fill('sean@example.com')
    await page.getByRole('button', { name: 'Send the request' }).click()
    await page.getByText('Your references').waitFor()
    expect(await page.locator('.govuk-panel .hb-reference').count()).toBe(2)
    await shoot('sent-two')
    await typeCode(page, 'sean@example.com')
    expect(faults).toEqual([])
  })
})

describe('what anybody can read', () => {
  it('the retention table, and a page for addresses that lead nowhere', async () => {
    const { page, go, shoot, faults } = await visitor()
    await go('/privacy/retention')
    expect(await page.getByRole('row').count()).toBeGreaterThan(10)
    await shoot('retention-public')
    await go('/nowhere')
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await shoot('not-found')
    expect(faults).toEqual([])
  })

  it('the description of the API, under the same policy as every page', async () => {
    const { page, go, shoot, faults } = await visitor({ javaScript: true })
    await go('/docs')
    await page.getByText('/v1/requests', { exact: true }).first().waitFor()
    await shoot('api-docs')
    expect(faults).toEqual([])
  })
})
