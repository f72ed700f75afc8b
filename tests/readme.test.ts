import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeHome } from './support/database.ts'
import { build, startDemo, type Demo } from './support/demo.ts'

const readme = readFileSync('README.md', 'utf8')
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text.trim().split('\n'))
const commands = blocks.flat().filter((line) => line !== '' && !line.startsWith('export '))

/** Commands that this very run stands for, or that need somebody's own servers. */
const NOT_HERE = ['npm ci', 'npm start', 'npm test', 'npm run check', 'npx habeas start']

let demo: Demo

beforeAll(async () => {
  build()
  demo = await startDemo(await makeHome(), { accounts: 150 })
})

describe('README.md', () => {
  it('names addresses that answer', async () => {
    const addresses = [...new Set([...readme.matchAll(/http:\/\/127\.0\.0\.1:3000(\/[\w./-]*)?/g)].map(([, path = '/']) => path))]
    expect(addresses.length).toBeGreaterThan(5)
    for (const path of addresses) {
      if (path === '/v1/requests') continue
      const response = await fetch(demo.file.url + path)
      expect(response.status, path).toBe(200)
    }
  })

  it.each(commands.filter((command) => !NOT_HERE.includes(command)))('has a command that works: %s', (command) => {
    const [program = '', ...args] = command.startsWith('curl ')
      ? ['bash', '-c', command.replaceAll('http://127.0.0.1:3000', demo.file.url)]
      : command.split(' ')
    const env = { ...process.env, HABEAS_HOME: demo.home }
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env, timeout: 60_000 })
    expect(status, stderr).toBe(0)
    expect(stdout.length).toBeGreaterThan(0)
    if (command.includes('/v1/requests')) expect(stdout).toMatch(/"reference":"HAB-/)
  })

  it('tells what the demonstration prints', () => {
    for (const path of ['/console', '/docs', '/dev/mailbox']) expect(demo.output()).toContain(demo.file.url + path)
  })
})
