import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, makeHome, onClose } from '../support/database.ts'
import { build } from '../support/demo.ts'
import { runCli } from './run-cli.ts'

beforeAll(build)

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'habeas-cli-'))
  onClose(folder, () => rm(folder, { recursive: true, force: true }))
  return folder
}

describe('a start that cannot be', () => {
  test('names every wrong setting at once and ends with 78', async () => {
    const env = {
      DATABASE_URL: 'mysql://x',
      PORT: '70000',
      SMTP_URL: 'mail.example.com',
      LOG_LEVEL: 'loud',
      HABEAS_KEYS_FILE: '/nonexistent/keys',
    }
    const { code, stdout, stderr } = await runCli(['start'], env)
    expect(code).toBe(78)
    for (const name of ['DATABASE_URL', 'PORT', 'SMTP_URL', 'LOG_LEVEL', 'HABEAS_KEYS_FILE']) expect(stderr).toContain(`  ${name}: `)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
  })

  test('with DATABASE_URL asks for policy, keys and mail server at once, and says how a key is made', async () => {
    const { url } = await createDatabase()
    const { code, stderr } = await runCli(['start'], { DATABASE_URL: url, PORT: '0' })
    expect(code).toBe(78)
    for (const name of ['HABEAS_POLICY', 'HABEAS_KEYS', 'SMTP_URL']) expect(stderr).toContain(`  ${name}: `)
    expect(stderr).toContain('openssl rand -base64 32')
  })

  test('in production without DATABASE_URL, or beyond this machine, is no demonstration', async () => {
    const home = await makeHome()
    const production = await runCli(['start'], { NODE_ENV: 'production', HABEAS_HOME: home, PORT: '0' })
    expect([production.code, production.stderr]).toEqual([78, expect.stringContaining('NODE_ENV is production')])
    for (const HOST of ['0.0.0.0', '::', '192.0.2.1', 'localhost.example.com', '127.evil.example']) {
      const open = await runCli(['start'], { HOST, HABEAS_HOME: home, PORT: '0' })
      expect([open.code, open.stderr], HOST).toEqual([78, expect.stringContaining(`HOST is ${HOST}`)])
    }
    expect(await readdir(home)).toEqual([])
  })

  test('says which port is taken, before it starts anything', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    onClose('holder of the port', () => new Promise((resolve) => holder.close(resolve)))
    const address = holder.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const home = await makeHome()
    const { code, stderr } = await runCli(['start'], { PORT: `${port}`, HABEAS_HOME: home })
    expect(code).toBe(75)
    expect(stderr).toBe(`Port ${port} on 127.0.0.1 is taken by another program. Set PORT to another one, or PORT=0 for any free one.\n`)
    expect(await readdir(home)).toEqual([])
  })

  test('keeps keys and data apart: the same database for both is refused', async () => {
    const { url } = await createDatabase()
    const { code, stderr } = await runCli(['start'], { DATABASE_URL: url, KEYS_URL: `${url}?application_name=other`, PORT: '0' })
    expect([code, stderr]).toEqual([78, expect.stringContaining('KEYS_URL: expected another database than DATABASE_URL')])
  })

  test('says which setting of a source is missing', async () => {
    const [main, keys] = await Promise.all([createDatabase(), createDatabase()])
    const env = {
      DATABASE_URL: main.url,
      KEYS_URL: keys.url,
      PORT: '0',
      HABEAS_POLICY: 'examples/cowork',
      HABEAS_KEYS: `k:${Buffer.alloc(32, 1).toString('base64')}`,
      SMTP_URL: 'smtp://127.0.0.1:9',
    }
    const { code, stderr } = await runCli(['start'], env)
    expect([code, stderr]).toEqual([78, expect.stringContaining('SOURCE_COMPANY_URL')])
  })

  test('serve and work refuse a database that was never migrated and name the remedy', async () => {
    const { url } = await createDatabase()
    for (const command of ['serve', 'work']) {
      const { code, stderr } = await runCli([command], { DATABASE_URL: url, PORT: '0' })
      expect([code, stderr], command).toEqual([78, expect.stringContaining('habeas migrate')])
    }
  })

  test('beyond this machine the people need an address', async () => {
    const { url } = await createDatabase()
    const { code, stderr } = await runCli(['serve'], { DATABASE_URL: url, HOST: '0.0.0.0', PORT: '0' })
    expect([code, stderr]).toEqual([78, expect.stringContaining('PUBLIC_URL')])
  })
})

describe('the command line', () => {
  test('ends wrong use with 2, and help and version with 0', async () => {
    for (const args of [
      ['frobnicate'],
      ['start', '--accounts', 'many'],
      ['start', '--accounts', '0'],
      ['operator', 'add', '--email', 'a@example.com'],
      ['operator', 'add', '--email', 'a@example.com', '--role', 'boss'],
      ['policy', 'check', 'a', 'b'],
    ])
      expect((await runCli(args)).code, args.join(' ')).toBe(2)
    for (const args of [['--help'], ['help', 'start'], ['policy', '--help'], ['--version']])
      expect((await runCli(args)).code, args.join(' ')).toBe(0)
  })

  test.each([
    'start',
    'serve',
    'work',
    'migrate',
    'policy check',
    'policy explain',
    'retention preview',
    'retention run',
    'audit verify',
    'operator add',
  ])('`%s --help` shows an example', async (command) => {
    const { code, stdout } = await runCli([...command.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples:\n {2}\S/)
  })

  test('does not offer what does not exist yet', async () => {
    const { stdout } = await runCli(['--help'])
    expect(stdout).toContain('policy')
    expect(stdout).not.toContain('restore')
    expect(stdout).not.toContain('keys')
  })

  test('looks for a demonstration when there is no DATABASE_URL, and says so when none runs', async () => {
    const home = await makeHome()
    for (const args of [
      ['audit', 'verify'],
      ['retention', 'preview'],
      ['operator', 'add', '--email', 'a@example.com', '--role', 'dpo'],
    ]) {
      const { code, stderr } = await runCli(args, { HABEAS_HOME: home })
      expect([code, stderr], args.join(' ')).toEqual([78, expect.stringContaining('npm start')])
    }
  })
})

describe('habeas policy', () => {
  test('check accepts the sample', async () => {
    const { code, stdout } = await runCli(['policy', 'check', 'examples/cowork', '--json'])
    expect([code, JSON.parse(stdout)]).toEqual([0, { valid: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/), problems: [] }])
  })

  test('check names every problem with its place and ends with 78', async () => {
    const folder = await makeFolder()
    await cp('examples/cowork', folder, { recursive: true })
    const file = join(folder, 'decisions.yaml')
    await writeFile(file, `${await readFile(file, 'utf8')}\nnonsense: 1\nmore_nonsense: 2\n`)
    const { code, stderr } = await runCli(['policy', 'check', folder])
    expect(code).toBe(78)
    expect(stderr.match(/decisions\.yaml:\d+:\d+: expected .+, got .+/g)).toHaveLength(2)
    const asJson = await runCli(['policy', 'check', folder, '--json'])
    expect([asJson.code, JSON.parse(asJson.stdout)]).toMatchObject([
      78,
      { valid: false, problems: [{ got: expect.any(String) }, { got: expect.any(String) }] },
    ])
  })

  test('explain prints the schedule', async () => {
    const { code, stdout } = await runCli(['policy', 'explain', 'examples/cowork'])
    expect(code).toBe(0)
    expect(stdout).toContain('erasure')
  })
})
