import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Pool } from 'pg'
import { pino } from 'pino'
import { readConfig } from '../../src/config.ts'
import { actingAs, type Context } from '../../src/context.ts'
import { migrateDatabase, migrateKeys } from '../../src/db/migrate.ts'
import { runDueJobs } from '../../src/jobs/run-due-jobs.ts'
import type { Mail, Mailer } from '../../src/mail/mailer.ts'
import { startVendors } from '../../src/demo/vendors.ts'
import { openContext } from '../../src/open-context.ts'
import { addOperator } from '../../src/operators/add-operator.ts'
import { issueToken } from '../../src/operators/issue-token.ts'
import { authenticateSubject } from '../../src/requests/authenticate-subject.ts'
import { openRequest, type Received } from '../../src/requests/intake/open.ts'
import { requestInput, type RequestInput } from '../../src/requests/intake/request-input.ts'
import { proveRequest } from '../../src/requests/proof/prove.ts'
import type { Actor, Role } from '../../src/security/permissions.ts'
import { createDatabase, onClose, templateOnce } from './database.ts'
import { grantRoles } from './roles.ts'

/** The moment at which every installation of the tests begins. */
export const START = '2026-11-20T10:00:00Z'

/** A clock that stands still until a test moves it. */
export class TestClock {
  #now: Date

  constructor(start: string) {
    this.#now = new Date(start)
  }

  now(): Date {
    return new Date(this.#now)
  }

  set(instant: string): void {
    this.#now = new Date(instant)
  }

  advance(by: { days?: number; hours?: number; minutes?: number; seconds?: number }): void {
    const { days = 0, hours = 0, minutes = 0, seconds = 0 } = by
    this.#now = new Date(this.#now.getTime() + (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
  }
}

/** A mailer that keeps what it was given: for tests whose subject is not the mail itself. */
class KeptMail implements Mailer {
  readonly sent: Mail[] = []

  async send(mail: Mail): Promise<void> {
    this.sent.push(mail)
  }

  close(): void {}
}

type Company = 'cowork' | 'second'

export interface InstallationOptions {
  readonly company?: Company
  readonly accounts?: number
  readonly start?: string
  readonly policyFolder?: string
  /** Addresses of databases of the test's own by source, instead of those of a company. */
  readonly sources?: Readonly<Record<string, string>>
  /** Further settings, such as those of an API. */
  readonly settings?: Readonly<Record<string, string>>
  readonly mailer?: Mailer
  readonly publicUrl?: string
}

export interface Staff {
  readonly actor: Extract<Actor, { kind: 'operator' }>
  readonly token: string
}

/** A whole installation for one test file: databases of its own, a clock, a mailbox, and people who ask and work. */
export interface Installation {
  readonly ctx: Context
  readonly clock: TestClock
  readonly home: string
  /** The company's database as its owner sees it. */
  readonly company: Pool
  /** Everything that was mailed, oldest first. */
  readonly mails: readonly Mail[]
  /** Works off every job that is due. */
  work(): Promise<number>
  /** A new operator of that role, with a token. */
  staff(role: Role, grants?: 'approver'[]): Promise<Staff>
  as(staff: Staff): Context
  /** Asks as anybody would, and gets what everybody gets. */
  ask(input: Partial<RequestInput> & { email: string }): Promise<Received>
  /** The last code that was mailed to an address. */
  codeFor(address: string): string
  /** Asks, waits for the mail, types the code, and works until nothing is due: the context of the proven person. */
  askAndProve(input: Partial<RequestInput> & { email: string }): Promise<Received & { ctx: Context; token: string }>
}

const ACCOUNTS = 150

/** Opens an installation on the sample company (or the second one); everything is closed and dropped when the test file ends. */
export async function openInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const company: Company = options.company ?? 'cowork'
  const start = options.start ?? START
  const accounts = options.accounts ?? ACCOUNTS
  const [main, keys, companyDatabase] = await Promise.all([
    templateOnce('habeas', migrateDatabase).then((template) => createDatabase({ template })),
    templateOnce('keys', migrateKeys).then((template) => createDatabase({ template })),
    options.sources === undefined
      ? templateOnce(`company_${company}_${accounts}_${Date.parse(start)}`, (url) => loadCompany(url, company, accounts, start)).then(
          (template) => createDatabase({ template }),
        )
      : { url: Object.values(options.sources)[0] ?? '' },
  ])
  const home = await mkdtemp(join(tmpdir(), 'habeas-test-home-'))
  onClose('home of the installation', () => rm(home, { recursive: true, force: true }))
  const folder = options.policyFolder ?? policyFolder(company)
  const roles =
    options.sources === undefined
      ? await grantRoles(companyDatabase.url, folder, company === 'cowork' ? 'company' : 'ausleihe')
      : Object.fromEntries(Object.entries(options.sources).map(([id, url]) => [`SOURCE_${id.toUpperCase()}_URL`, url]))
  const config = readConfig({
    DATABASE_URL: main.url,
    KEYS_URL: keys.url,
    HABEAS_HOME: home,
    HABEAS_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    HABEAS_POLICY: folder,
    ...roles,
    ...(company === 'cowork' && options.sources === undefined ? await vendorsOf(companyDatabase.url) : {}),
    LOG_LEVEL: 'silent',
    ...options.settings,
  })
  const clock = new TestClock(start)
  const kept = new KeptMail()
  const mailer = options.mailer ?? kept
  const opened = await openContext(config, {
    name: 'habeas test',
    log: pino({ level: 'silent' }),
    publicUrl: 'http://127.0.0.1:3000',
    clock,
    mailer,
    connections: 8,
  })
  onClose('context', opened.close)
  const pool = new Pool({ connectionString: companyDatabase.url, application_name: 'test looks at the company', max: 3 })
  onClose('company pool', () => pool.end())
  return installation({ ctx: opened.ctx, clock, home, company: pool, mails: kept.sent })
}

function installation(base: Pick<Installation, 'ctx' | 'clock' | 'home' | 'company' | 'mails'>): Installation {
  const { ctx, mails } = base
  let people = 0
  const codeFor = (address: string): string => {
    const mail = mails.findLast(({ to, text }) => to === address && /^Code: /m.test(text))
    const code = /^Code: ([A-Z]{4}-[A-Z]{4})$/m.exec(mail?.text ?? '')?.[1]
    if (code === undefined) throw new Error(`no code was mailed to ${address}`)
    return code
  }
  const ask = (input: Partial<RequestInput> & { email: string }) =>
    openRequest(actingAs(ctx, { kind: 'public' }), requestInput.parse({ right: 'access', ...input }))
  return {
    ...base,
    work: () => runDueJobs(ctx),
    as: ({ actor }) => actingAs(ctx, actor),
    async staff(role, grants = []) {
      const system = actingAs(ctx, { kind: 'system', name: 'test' })
      const { id, email } = await addOperator(system, { email: `${role}${++people}@cowork.example`, role, grants })
      return { actor: { kind: 'operator', id, email, role, grants }, token: (await issueToken(system, { email })).token }
    },
    ask,
    codeFor,
    async askAndProve(input) {
      const received = await ask(input)
      await runDueJobs(ctx)
      const { token } = await proveRequest(actingAs(ctx, { kind: 'public' }), { reference: received.reference, code: codeFor(input.email) })
      await runDueJobs(ctx)
      const actor = await authenticateSubject(ctx, token)
      if (actor === undefined) throw new Error('the token opens nothing')
      return { ...received, token, ctx: actingAs(ctx, actor) }
    },
  }
}

/** The vendors of the sample company's people, with their API on this machine. */
async function vendorsOf(companyUrl: string): Promise<Record<string, string>> {
  const vendors = await startVendors(companyUrl, 'secret-of-the-vendors')
  onClose('vendors', vendors.close)
  return { SOURCE_TOOL_VENDORS_URL: vendors.url, SOURCE_TOOL_VENDORS_SECRET: 'secret-of-the-vendors' }
}

function policyFolder(company: Company): string {
  return company === 'cowork' ? 'examples/cowork' : 'tests/support/second-company/policy'
}

async function loadCompany(url: string, company: Company, accounts: number, now: string): Promise<void> {
  const folder = company === 'cowork' ? 'examples/cowork' : 'tests/support/second-company'
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(await readFile(join(folder, 'schema.sql'), 'utf8'))
    await client.query(`select set_config('sample.accounts', $1, false), set_config('sample.now', $2, false)`, [String(accounts), now])
    await client.query(await readFile(join(folder, company === 'cowork' ? 'generate.sql' : 'seed.sql'), 'utf8'))
    if (company === 'cowork') await client.query(await readFile(join(folder, 'vendors.sql'), 'utf8'))
  } finally {
    await client.end()
  }
}
