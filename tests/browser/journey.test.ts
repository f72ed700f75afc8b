import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { unzip, wrongInManifest } from '../support/archive.ts'
import { openBrowser } from '../support/browser.ts'
import { makeHome } from '../support/database.ts'
import { build, startDemo, type Demo } from '../support/demo.ts'
import { eventually } from '../support/server.ts'
import { openVisitor, type Visitor } from '../support/visitor.ts'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  build()
  const starting = startDemo(await makeHome(), { accounts: 150 })
  browser = await openBrowser()
  demo = await starting
}, 120_000)

const visitor = (): Promise<Visitor> => openVisitor(browser, demo.file.url)

/** Fills the form and sends it; the reference on the page that answers. */
async function ask(person: Visitor, sentence: string, email: string): Promise<string> {
  const { page } = person
  await person.go('/')
  await page.getByRole('button', { name: 'Make a request' }).click()
  await page.getByLabel(sentence).check()
  await page.getByLabel('Email address', { exact: true }).fill(email)
  await page.getByRole('button', { name: 'Send the request' }).click()
  return (await page.locator('.hb-reference').first().innerText()).trim()
}

/** The newest code for an address, read on the mailbox's page as anybody would; `known` is the one before it. */
async function readCode(email: string, known?: string): Promise<string> {
  const reader = await visitor()
  return eventually(`a new code for ${email}`, async () => {
    await reader.go('/dev/mailbox')
    const [code] = await reader.page
      .locator('.hb-mail', { hasText: `to ${email}` })
      .locator('.hb-mail__code')
      .allTextContents()
    return code === known ? undefined : code
  })
}

/** Reloads until the page says it: work goes on in the background, and pages have no script to say so. */
async function untilPageSays(person: Visitor, text: string | RegExp): Promise<void> {
  await eventually(`the page to say ${String(text)}`, async () => {
    await person.page.reload()
    return (await person.page.getByText(text).count()) > 0 ? true : undefined
  })
}

async function signIn(operator: Visitor, email: string): Promise<void> {
  await operator.go('/console')
  await operator.page.getByRole('button', { name: email }).click()
  await operator.page.getByRole('heading', { name: 'Queue' }).waitFor()
}

describe('with a browser that runs no scripts', () => {
  it('Ada asks for her data, the DPO looks and releases, and she downloads a copy that opens', async () => {
    const ada = await visitor()
    await ada.go('/')
    await ada.shoot('home')
    await ada.go('/request')
    await ada.shoot('request')
    const reference = await ask(ada, 'Send me a copy of the data you hold about me', 'ada@example.com')
    expect(reference).toMatch(/^HAB-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    await ada.shoot('sent')

    const code = await readCode('ada@example.com')
    await ada.page.getByLabel('Code from the email').fill(code)
    await ada.page.getByRole('button', { name: 'Continue' }).click()
    await ada.page.getByRole('heading', { name: 'Your request' }).waitFor()
    await ada.shoot('status-begun')
    await untilPageSays(ada, 'A person is checking it before it leaves.')
    await ada.shoot('status-nearly-done')

    const dpo = await visitor()
    await dpo.go('/console')
    await dpo.shoot('console-sign-in')
    await signIn(dpo, 'dpo.one@demo.example')
    await dpo.shoot('console-queue')
    await dpo.page.getByRole('link', { name: reference }).click()
    await dpo.page.getByRole('heading', { name: 'Plan', exact: true }).waitFor()
    expect(await dpo.page.locator('main').innerText()).not.toContain('ada@example.com')
    await dpo.shoot('console-case-to-release')
    const looked = dpo.page.waitForEvent('download')
    await dpo.page.getByRole('link', { name: 'Open the archive' }).click()
    const reviewed = await readFile(await (await looked).path())
    await dpo.page.getByRole('link', { name: 'Read the texts in which other people may appear' }).click()
    await dpo.page.getByRole('button', { name: 'I have read them all' }).click()
    await dpo.page.getByRole('button', { name: 'I have looked at it: release' }).click()
    await dpo.page.getByText('The copy is released').waitFor()
    await dpo.shoot('console-case-released')

    await untilPageSays(ada, 'Your copy is ready')
    await ada.shoot('status-copy-ready')
    await ada.page.getByRole('button', { name: 'Send me a new code' }).click()
    await ada.page.getByLabel('Code from the email').fill(await readCode('ada@example.com', code))
    const downloading = ada.page.waitForEvent('download')
    await ada.page.getByRole('button', { name: 'Download the copy' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/\.zip$/)
    const bytes = await readFile(await download.path())
    expect(bytes.equals(reviewed), 'she gets the very bytes that were looked at').toBe(true)
    const entries = await unzip(bytes)
    expect(wrongInManifest(entries)).toEqual([])
    expect(entries.get('index.html')?.toString()).toContain('ada@example.com')
    expect([...ada.faults, ...dpo.faults]).toEqual([])
  })

  it('Carla asks to be erased, two different people agree, and she reads what stays and until when', async () => {
    const carla = await visitor()
    const reference = await ask(carla, 'Delete the data you hold about me', 'carla@example.com')
    await carla.page.getByLabel('Code from the email').fill(await readCode('carla@example.com'))
    await carla.page.getByRole('button', { name: 'Continue' }).click()
    await untilPageSays(carla, 'A person is checking what we found before anything is done.')
    await carla.shoot('status-erasure-waiting')

    const dpo = await visitor()
    await signIn(dpo, 'dpo.one@demo.example')
    await dpo.page.getByRole('link', { name: reference }).click()
    await dpo.shoot('console-case-to-approve')
    await dpo.page.getByRole('button', { name: 'Approve this plan' }).click()
    await dpo.page.getByText('Your approval is recorded.').waitFor()
    await dpo.page.getByText('1 of 2 approvals by different people').waitFor()
    await dpo.shoot('console-case-one-approval')
    expect(await dpo.page.getByRole('button', { name: 'Approve this plan' }).count(), 'one person is one voice').toBe(0)

    await dpo.page.getByRole('button', { name: 'Sign out' }).click()
    await dpo.page.getByRole('button', { name: 'dpo.two@demo.example' }).click()
    await dpo.page.getByRole('link', { name: reference }).click()
    await dpo.page.getByRole('button', { name: 'Approve this plan' }).click()
    await dpo.page.getByText('Your approval is recorded.').waitFor()
    await dpo.shoot('console-case-approved')

    await untilPageSays(carla, 'We have done part of what you asked.')
    const kept = await carla.page.getByRole('table').innerText()
    expect(kept).toContain('AWR art. 52(4)')
    await carla.shoot('status-erased')
    await untilPageSays(dpo, 'Receipts')
    await dpo.shoot('console-case-erased')
    expect([...carla.faults, ...dpo.faults]).toEqual([])
  })

  it('the mailbox shows what was sent', async () => {
    const reader = await visitor()
    await reader.go('/dev/mailbox')
    expect(await reader.page.locator('.hb-mail').count()).toBeGreaterThan(3)
    await reader.shoot('mailbox')
    expect(reader.faults).toEqual([])
  })
})
