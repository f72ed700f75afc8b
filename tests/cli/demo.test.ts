import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { makeHome } from '../support/database.ts'
import { build, startDemo, type Demo } from '../support/demo.ts'
import { eventually } from '../support/server.ts'
import { runCli } from './run-cli.ts'

interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly sent_at: string
}

const ACCOUNTS = 120
let home: string
let demo: Demo

beforeAll(async () => {
  build()
  home = await makeHome()
  demo = await startDemo(home, { accounts: ACCOUNTS })
})

const here = (): Record<string, string> => ({ HABEAS_HOME: home })
const mails = async (): Promise<Mail[]> => (await (await fetch(`${demo.file.url}/dev/mailbox.json`)).json()) as Mail[]

async function countRows(url: string, table: string): Promise<number> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)
    return rows[0]?.n ?? 0
  } finally {
    await client.end()
  }
}

async function ask(email: string): Promise<string> {
  const response = await fetch(`${demo.file.url}/v1/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ right: 'access', email }),
  })
  expect(response.status).toBe(202)
  const { reference } = (await response.json()) as { reference: string }
  return reference
}

test('the demo file says all that programs need, to its owner only', async () => {
  expect((await stat(join(home, 'demo.json'))).mode & 0o777).toBe(0o600)
  const file = JSON.parse(await readFile(join(home, 'demo.json'), 'utf8')) as Record<string, unknown>
  expect(Object.keys(file)).toEqual(['url', 'pid', 'mailbox', 'company_database_url', 'operators', 'subjects'])
  expect(demo.file.operators.map(({ role }) => role)).toEqual(['dpo', 'dpo', 'caseworker', 'auditor', 'admin'])
  expect(new Set(demo.file.operators.map(({ token }) => token)).size).toBe(5)
  expect(demo.file.subjects.length).toBeGreaterThan(20)
  expect(demo.file.mailbox).toBe(`${demo.file.url}/dev/mailbox`)
  for (const { token } of demo.file.operators)
    expect((await fetch(`${demo.file.url}/v1/retention/rules`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
})

test('nothing else in the home can be read by others', async () => {
  for (const name of ['', 'keys', 'passwords.json', 'habeas.log', 'mailbox'])
    expect((await stat(join(home, name))).mode & 0o077, name).toBe(0)
})

test('the company has as many accounts as were asked for, its owner sees them, and the service is another role', async () => {
  expect(await countRows(demo.file.company_database_url, 'accounts')).toBe(ACCOUNTS)
  expect(new URL(demo.file.company_database_url).username).toBe('company_owner')
})

test('a request is answered by a mail with a code in the mailbox, newest first', async () => {
  const before = (await mails()).length
  const reference = await ask('ada@example.com')
  const all = await eventually('the mail', async () => {
    const now = await mails()
    return now.length > before ? now : undefined
  })
  expect(Object.keys(all[0] ?? {}).toSorted()).toEqual(['html', 'sent_at', 'subject', 'text', 'to'])
  expect(all[0]).toMatchObject({ to: 'ada@example.com', text: expect.stringMatching(/^Code: [A-Z0-9]{4}-[A-Z0-9]{4}$/m) })
  expect(all[0]?.text).toContain(reference)
  expect(all.map(({ sent_at }) => sent_at)).toEqual(all.map(({ sent_at }) => sent_at).toSorted((a, b) => (a < b ? 1 : -1)))
})

test('its log is a file, and holds no address of anybody', async () => {
  const log = await readFile(join(home, 'habeas.log'), 'utf8')
  expect(log).toContain('/v1/requests')
  expect(log).not.toContain('ada@example.com')
})

test('a second start in the same home is refused and names the address of the first', async () => {
  const { code, stderr } = await runCli(['start'], { ...here(), PORT: '0' })
  expect(code).toBe(75)
  expect(stderr).toContain(demo.file.url)
  expect((await fetch(`${demo.file.url}/livez`)).status).toBe(200)
})

test('commands beside it work on it', async () => {
  const audit = await runCli(['audit', 'verify', '--json'], here())
  expect([audit.code, JSON.parse(audit.stdout)]).toMatchObject([0, { problems: [] }])
  const preview = await runCli(['retention', 'preview', '--json'], here())
  const { rules } = JSON.parse(preview.stdout) as { rules: { rule: string; due: number }[] }
  expect(rules.length).toBeGreaterThan(10)
  const added = await runCli(['operator', 'add', '--email', 'new@example.com', '--role', 'caseworker', '--json'], here())
  const { url } = JSON.parse(added.stdout) as { url: string }
  expect(url).toMatch(new RegExp(`^${demo.file.url}/console/sign-in\\?token=hab_`))
  expect((await fetch(url)).status).toBe(200)
  const again = await runCli(['operator', 'add', '--email', 'new@example.com', '--role', 'caseworker'], here())
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('not an operator yet')])
})

test('a run that was started by command is carried out by its workers, and a second finds nothing left', async () => {
  const first = await runCli(['retention', 'run', '--wait', '--json'], here())
  const done = JSON.parse(first.stdout) as { state: string; rules: { rule: string; due: number; done: number }[] }
  expect(done.state).toBe('done')
  expect(done.rules.reduce((sum, rule) => sum + rule.done, 0)).toBeGreaterThan(0)
  const second = JSON.parse((await runCli(['retention', 'run', '--wait', '--json'], here())).stdout) as typeof done
  expect(second.rules.map((rule) => rule.done)).toEqual(second.rules.map(() => 0))
})

test('SIGTERM ends it with 0 and leaves no server and no demo file; the next start has all data, and the other port', async () => {
  const kept = await ask('noor@example.com')
  const postgres = new URL(demo.file.company_database_url)
  expect(await demo.stop()).toBe(0)
  await expect(stat(join(home, 'demo.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(countRows(postgres.href, 'accounts')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  const before = demo.file.operators[0]?.token ?? ''
  demo = await startDemo(home)
  for (const token of [before, demo.file.operators[0]?.token ?? '']) {
    const found = await fetch(`${demo.file.url}/v1/cases/${kept}`, { headers: { authorization: `Bearer ${token}` } })
    expect(found.status).toBe(200)
  }
})

test('a killed one leaves its server, which the next start takes over, together with the unfinished work', async () => {
  const reference = await ask('pieter@example.com')
  process.kill(demo.file.pid, 'SIGKILL')
  expect(await demo.ended).toBe('SIGKILL')
  demo = await startDemo(home)
  expect(demo.output()).toContain('of an earlier run is still up')
  await eventually('the mail of the request before the kill', async () => {
    const found = (await mails()).some(({ text }) => text.includes(reference))
    return found || undefined
  })
})

test('a second copy in another home runs beside it', async () => {
  const other = await startDemo(await makeHome(), { accounts: ACCOUNTS })
  expect(other.file.url).not.toBe(demo.file.url)
  for (const { url } of [other.file, demo.file]) expect((await fetch(`${url}/livez`)).status).toBe(200)
  expect(await other.stop()).toBe(0)
  expect((await fetch(`${demo.file.url}/readyz`)).status).toBe(200)
})
