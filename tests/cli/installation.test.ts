import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Client } from 'pg'
import { SMTPServer } from 'smtp-server'
import { beforeAll, expect, test } from 'vitest'
import { loadCompany } from '../../src/demo/company.ts'
import { createDatabase, makeHome, onClose } from '../support/database.ts'
import { build } from '../support/demo.ts'
import { grantRoles } from '../support/roles.ts'
import { eventually } from '../support/server.ts'
import { runCli, startCli, type Running } from './run-cli.ts'

const letters: string[] = []
let home: string
let settings: Record<string, string>
let companyUrl: string

beforeAll(async () => {
  build()
  home = await makeHome()
  const [main, keys, company] = await Promise.all([createDatabase(), createDatabase(), createDatabase()])
  companyUrl = company.url
  await loadCompany(company.url, { accounts: 120, now: new Date('2026-11-20T10:00:00Z') })
  settings = {
    DATABASE_URL: main.url,
    KEYS_URL: keys.url,
    ...(await grantRoles(company.url, 'examples/cowork', 'company')),
    SOURCE_TOOL_VENDORS_SECRET: 'the secret of an API that nobody asks here',
    SMTP_URL: await openSmtp(),
    HABEAS_HOME: home,
    HABEAS_POLICY: 'examples/cowork',
    HABEAS_KEYS: `main:${Buffer.alloc(32, 3).toString('base64')}`,
  }
})

async function openSmtp(): Promise<string> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      stream.resume().on('end', () => {
        letters.push(...session.envelope.rcptTo.map(({ address }) => address))
        done()
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onClose('mail server', () => new Promise<void>((resolve) => server.close(resolve)))
  return `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
}

async function addressOf(service: Running): Promise<string> {
  return eventually('the address of the service', () => /Habeas serves (\S+)/.exec(service.said())?.[1])
}

const ask = (url: string, email: string) =>
  fetch(`${url}/v1/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ right: 'access', email }),
  })

test('start with DATABASE_URL migrates, serves and works in one process, and nothing of the demonstration is there', async () => {
  const service = startCli(['start'], { ...settings, PORT: '0' })
  const url = await addressOf(service)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  expect((await ask(url, 'ada@example.com')).status).toBe(202)
  await eventually('the letter', () => (letters.includes('ada@example.com') ? true : undefined))
  for (const path of ['/dev/mailbox', '/dev/mailbox.json']) expect((await fetch(url + path)).status, path).toBe(404)
  expect(await readdir(home)).not.toContain('demo.json')
  expect(service.said()).not.toContain('demonstration')
  await eventually('the count of what the policy does not speak of', () =>
    service.said().includes('"errors":0,"warnings":0') ? true : undefined,
  )
  service.signal('SIGTERM')
  expect((await service.ended).code).toBe(0)
})

test('serve and work apart do the same together, and a failpoint means nothing to them', async () => {
  const worker = startCli(['work'], { ...settings, HABEAS_FAILPOINT: 'after_intent' })
  await eventually('the worker', () => (worker.said().includes('Habeas works.') ? true : undefined))
  const service = startCli(['serve'], { ...settings, PORT: '0' })
  const url = await addressOf(service)
  expect((await ask(url, 'noor@example.com')).status).toBe(202)
  await eventually('the letter', () => (letters.includes('noor@example.com') ? true : undefined))
  service.signal('SIGINT')
  worker.signal('SIGTERM')
  expect([(await service.ended).code, (await worker.ended).code]).toEqual([0, 0])
})

test('the console on its own port is not on the public one', async () => {
  const service = startCli(['serve'], { ...settings, PORT: '0', CONSOLE_PORT: '0' })
  const url = await addressOf(service)
  for (const path of ['/console', '/metrics', '/docs', '/openapi.json'])
    expect((await fetch(url + path, { redirect: 'manual' })).status, path).toBe(404)
  expect((await fetch(url)).status).toBe(200)
  service.signal('SIGTERM')
  expect((await service.ended).code).toBe(0)
})

test('the same installation with another wrapping key does not start', async () => {
  const { code, stderr } = await runCli(['serve'], {
    ...settings,
    PORT: '0',
    HABEAS_KEYS: `main:${Buffer.alloc(32, 4).toString('base64')}`,
  })
  expect([code, stderr.split('\n').length]).toEqual([78, 2])
})

test('migrate is for every start and changes nothing the second time', async () => {
  for (const _ of [1, 2]) expect(await runCli(['migrate'], settings)).toMatchObject({ code: 0, stderr: '' })
})

test('the commands work on it, and the audit says who started what', async () => {
  expect(await runCli(['audit', 'verify'], settings)).toMatchObject({ code: 0 })
  const client = new Client({ connectionString: settings['DATABASE_URL'] })
  await client.connect()
  const { rows } = await client.query<{ process: string }>(
    `select body::jsonb->'detail'->>'process' as process from audit_entries where action = 'system.started' order by id`,
  )
  const stored = await client.query(`select hash from policies`)
  await client.end()
  expect(rows.map(({ process }) => process)).toEqual(['start', 'work', 'serve', 'serve'])
  expect(stored.rowCount).toBe(1)
})

test('the gate lets the policy through, and closes on a column that nobody has declared', async () => {
  const live = async () => {
    const { code, stdout } = await runCli(['policy', 'check', '--live', '--json'], settings)
    const { valid, problems }: { valid: boolean; problems: { severity: string; code: string; column: string }[] } = JSON.parse(stdout)
    return { code, valid, said: problems.map((problem) => `${problem.severity} ${problem.code} ${problem.column}`) }
  }
  expect(await live()).toEqual({ code: 0, valid: true, said: [] })
  const company = new Client({ connectionString: companyUrl })
  await company.connect()
  await company.query('alter table accounts add column shoe_size int')
  expect(await live()).toEqual({ code: 78, valid: false, said: ['error column_not_annotated shoe_size'] })
  await company.query('alter table accounts drop column shoe_size; drop index organisations_contact')
  expect(await live(), 'a warning alone').toEqual({ code: 0, valid: true, said: ['warning index_missing privacy_contact'] })
  const { code, stderr } = await runCli(['policy', 'check', '--live', '--rows', '1'], settings)
  expect([code, stderr]).toEqual([
    78,
    expect.stringContaining('company.organisations: organisations (opened by email): expected an index on lower'),
  ])
  await company.query('create index organisations_contact on organisations (lower(privacy_contact))')
  await company.end()
})

test('policy grants prints the roles of each database, or of one', async () => {
  const { code, stdout } = await runCli(['policy', 'grants', '--source', 'company'], settings)
  expect(code).toBe(0)
  expect(stdout).toContain('create role habeas_company_erase')
  const wrong = await runCli(['policy', 'grants', '--source', 'nowhere'], settings)
  expect([wrong.code, wrong.stdout, wrong.stderr]).toEqual([78, '', expect.stringContaining("(company), got 'nowhere'")])
})

test('a source that lost a table of the policy stops the start and names it', async () => {
  const company = await createDatabase()
  const { code, stderr } = await runCli(['serve'], { ...settings, PORT: '0', SOURCE_COMPANY_URL: company.url })
  expect(code).toBe(78)
  expect(stderr).toContain('The policy does not fit the sources')
  const tables = await readFile(join('examples/cowork', 'schema.sql'), 'utf8')
  expect(stderr.split('\n').length).toBeGreaterThan(tables.match(/^create table/gm)?.length ?? 0)
})
