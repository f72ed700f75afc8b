import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFailed } from 'vitest'
import { onClose } from './database.ts'

/** Where the pictures of a run go: `SCREENSHOTS`, else a folder of this user's beside the repository. */
const PICTURES = process.env['SCREENSHOTS']
const WIDTHS = [1280, 360] as const
/** The narrowest screen a page must fit without scrolling sideways (WCAG 1.4.10). */
const NARROWEST = 320
/** Below this a list only goes on. */
const TALLEST = 6_000
const PATIENCE_MS = 15_000

export interface VisitorOptions {
  /** Off unless asked for: every page must work without. */
  readonly javaScript?: boolean
}

/** Somebody with a browser of their own; `faults` is everything that went wrong in it and no page should do. */
export interface Visitor {
  readonly page: Page
  readonly faults: readonly string[]
  /** Opens a page of the site. */
  readonly go: (path: string) => Promise<void>
  /** Pictures of the page as it stands, wide and narrow, light and dark. */
  readonly shoot: (name: string) => Promise<void>
}

/** A visitor of the site at `url`, with an empty jar of cookies. */
export async function openVisitor(browser: Browser, url: string, { javaScript = false }: VisitorOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: url, javaScriptEnabled: javaScript, locale: 'en-GB', timezoneId: 'Europe/Amsterdam' })
  onClose('visitor', () => context.close())
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  onTestFailed(async () => {
    process.stdout.write(`A visitor was at ${page.url()}, which said:\n${await page.locator('body').innerText()}\n`)
  })
  const faults = await watch(context, page, new URL(url).origin)
  return { page, faults, go: async (path) => void (await page.goto(path)), shoot: (name) => shoot(page, faults, name) }
}

/** Collects what pages must not do: errors on the console, violations of their own policy, requests to anybody else, broken parts. */
async function watch(context: BrowserContext, page: Page, origin: string): Promise<string[]> {
  const faults: string[] = []
  const devTools = await context.newCDPSession(page)
  // The console alone would do, were it not silent about some violations while scripts are off.
  devTools.on('Audits.issueAdded', ({ issue }) => faults.push(`${issue.code} on ${page.url()}: ${JSON.stringify(issue.details)}`))
  await devTools.send('Audits.enable')
  page.on('console', (message) => {
    // The browser reports every page that answers with an error status; which status a page has is the tests' own matter.
    if (message.type() === 'error' && message.location().url !== page.url()) faults.push(`console of ${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`script of ${page.url()}: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:')) faults.push(`${page.url()} asks ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400 && !response.request().isNavigationRequest()) faults.push(`${response.status()} for ${response.url()}`)
  })
  return faults
}

async function shoot(page: Page, faults: string[], name: string): Promise<void> {
  const before = page.viewportSize()
  // Pictures are for eyes and take most of the time: only whoever names a folder for them gets them.
  if (PICTURES !== undefined) await takePictures(page, join(PICTURES, name))
  await page.setViewportSize({ width: NARROWEST, height: 900 })
  const wide = await page.evaluate('document.documentElement.scrollWidth')
  if (Number(wide) > NARROWEST) faults.push(`${page.url()} (${name}) is ${String(wide)} px wide on a screen of ${NARROWEST}`)
  await page.emulateMedia({ colorScheme: 'light' })
  if (before !== null) await page.setViewportSize(before)
}

async function takePictures(page: Page, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const height = Math.min(Number(await page.evaluate('document.documentElement.scrollHeight')), TALLEST)
      await page.screenshot({ path: `${path}-${width}-${colorScheme}.png`, fullPage: true, clip: { x: 0, y: 0, width, height } })
    }
  }
}
