import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { actingAs, type Context } from '../context.ts'
import { migrateDatabase, migrateKeys } from '../db/migrate.ts'
import { grantCompany, loadCompany, readPeople, SAMPLE } from '../demo/company.ts'
import { removeDemoFile, writeDemoFile, type DemoFile } from '../demo/demo-file.ts'
import { filledSince, type DemoDatabases } from '../demo/databases.ts'
import { listMails, openMailbox } from '../demo/mailbox.ts'
import { loadVendors, startVendors } from '../demo/vendors.ts'
import { Refusal } from '../errors.ts'
import { migrateQueue } from '../jobs/queue.ts'
import type { Schedules } from '../jobs/run-schedule.ts'
import { SCHEDULES } from '../jobs/schedules.ts'
import { openContext } from '../open-context.ts'
import { addOperator } from '../operators/add-operator.ts'
import { findOperator } from '../operators/find-operator.ts'
import { issueToken } from '../operators/issue-token.ts'
import { loadPolicy } from '../policy/compile.ts'
import { confirmRulesForDemo } from '../retention/confirm-for-demo.ts'
import type { Closers } from './closers.ts'
import { configureDemo } from './demo-config.ts'
import { serveHttp } from './http.ts'
import { openLog } from './log.ts'
import type { Ports } from './port.ts'
import { announce, workHere } from './run-here.ts'
import { say, warn } from './say.ts'

const CANCEL_WINDOW_SECONDS = 5
const CONNECTIONS = 20
const FIRST_DAY_MS = 86_400_000
const OPERATORS = [
  { email: 'dpo.one@demo.example', role: 'dpo' },
  { email: 'dpo.two@demo.example', role: 'dpo' },
  { email: 'caseworker@demo.example', role: 'caseworker' },
  { email: 'auditor@demo.example', role: 'auditor' },
  { email: 'admin@demo.example', role: 'admin' },
] as const

/** What the demonstration's service is started on. */
export interface DemoPlace {
  readonly given: Config
  readonly databases: DemoDatabases
  readonly ports: Ports
  readonly accounts: number | undefined
}

/** Fills the databases where they are empty, serves everything, and says so by the demo file. */
export async function serveDemo(closers: Closers, { given, databases, ports, accounts }: DemoPlace): Promise<void> {
  const host = given.host === '::1' ? '[::1]' : given.host
  const publicUrl = given.publicUrl?.replace(/\/+$/, '') ?? `http://${host}:${ports.port}`
  await fill(databases, accounts, given.policyFolder ?? SAMPLE)
  const ctx = await openDemoContext(closers, { given, databases, publicUrl })
  await announce(ctx, 'demo')
  const operators = await engageOperators(actingAs(ctx, { kind: 'system', name: 'start' }))
  await workHere(ctx, closers, { alone: true, schedules: sparingSample(await filledSince(given.home)) })
  const mailbox = ctx.demo?.mailbox ?? ''
  await serveHttp(ctx, closers, ports, { mailbox: { list: () => listMails(mailbox) }, demoOperators: operators })
  await writeDemoFile(given.home, {
    url: publicUrl,
    pid: process.pid,
    mailbox: `${publicUrl}/dev/mailbox`,
    company_database_url: databases.companyOwner,
    operators,
    subjects: await readPeople(),
  })
  // Closed first: nobody takes a demonstration that is ending for ready.
  closers.push('demo file', () => removeDemoFile(given.home))
  describe(publicUrl, given.home)
}

async function openDemoContext(
  closers: Closers,
  { given, databases, publicUrl }: Pick<DemoPlace, 'given' | 'databases'> & { publicUrl: string },
): Promise<Context> {
  const mailbox = join(given.home, 'mailbox')
  const clock = { now: () => new Date() }
  const secret = randomBytes(24).toString('base64url')
  const vendors = await startVendors(databases.companyOwner, secret)
  closers.push('vendors of the sample', vendors.close)
  const { ctx, close } = await openContext(await configureDemo(given, databases, { url: vendors.url, secret }), {
    name: 'habeas',
    log: openLog(given, join(given.home, 'habeas.log')),
    publicUrl,
    clock,
    connections: CONNECTIONS,
    mailer: await openMailbox(mailbox, clock),
    demo: { cancelWindowSeconds: CANCEL_WINDOW_SECONDS, mailbox },
  })
  closers.push('databases', close)
  return ctx
}

async function fill(databases: DemoDatabases, accounts: number | undefined, folder: string): Promise<void> {
  const [, , loaded, policy] = await Promise.all([
    migrateDatabase(databases.main).then(() => migrateQueue(databases.main)),
    migrateKeys(databases.keys),
    loadCompany(databases.companyOwner, { accounts, now: new Date() }),
    loadPolicy(folder),
  ])
  await Promise.all([grantCompany(databases.companyOwner, policy), loadVendors(databases.companyOwner)])
  if (!loaded && accounts !== undefined) warn('The sample company is there already; --accounts is for the first start.')
}

/** Without this the first quarter of an hour would take from the sample whatever is due, before anybody has looked at it. */
function sparingSample(filledAt: Date): Schedules {
  const { ring } = SCHEDULES
  const acts = ring.acts.map(
    (act) => async (ctx: Context) => (ctx.clock.now().getTime() - filledAt.getTime() < FIRST_DAY_MS ? undefined : act(ctx)),
  )
  return { ...SCHEDULES, ring: { ...ring, acts } }
}

/** The staff of the demonstration, each with a token of this start, and every retention rule confirmed as it stands. */
async function engageOperators(ctx: Context): Promise<DemoFile['operators']> {
  await confirmRulesForDemo(ctx, undefined)
  const engaged: DemoFile['operators'] = []
  for (const { email, role } of OPERATORS) {
    await findOperator(ctx, email).catch(async (error: unknown) => {
      if (!(error instanceof Refusal) || error.code !== 'not_found') throw error
      await addOperator(ctx, { email, role })
    })
    engaged.push({ email, role, token: (await issueToken(ctx, { email })).token })
  }
  return engaged
}

function describe(url: string, home: string): void {
  say(
    [
      '',
      'Habeas is ready. This is a demonstration: a made-up company, and nothing leaves this machine.',
      '',
      `  Privacy centre   ${url}/`,
      `  Console          ${url}/console`,
      `  API documents    ${url}/docs`,
      `  Mailbox          ${url}/dev/mailbox`,
      '',
      `Tokens of operators, the company's database and people to try: ${join(home, 'demo.json')}`,
      `Log: ${join(home, 'habeas.log')}. An erasure can be cancelled for ${CANCEL_WINDOW_SECONDS} seconds here, not 72 hours. Ctrl-C ends it; the data stay.`,
      '',
    ].join('\n'),
  )
}
