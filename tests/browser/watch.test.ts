import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { onClose } from '../support/database.ts'
import { openVisitor } from '../support/visitor.ts'

const BAD_PAGE = `<!doctype html><html lang="en"><title>Bad</title><link rel="icon" href="data:,"><img src="/missing.png" alt="">
<img src="https://tracker.example/pixel.gif" alt=""><p style="width: 900px">wide</p>`

let url: string

beforeAll(async () => {
  const server = createServer((request, response) => {
    if (request.url === '/missing.png') response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': "style-src 'self'" }).end(BAD_PAGE)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onClose('HTTP server', () => new Promise<void>((resolve) => server.close(() => resolve())))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

it.each([false, true])('the tests see what a page does wrong (scripts: %s)', async (javaScript) => {
  const visitor = await openVisitor(await openBrowser(), url, { javaScript })
  await visitor.go('/')
  expect(visitor.faults).toEqual(
    expect.arrayContaining([
      expect.stringContaining('https://tracker.example/pixel.gif'),
      expect.stringContaining('404 for'),
      expect.stringMatching(/ContentSecurityPolicyIssue|Content Security Policy/),
    ]),
  )
})
