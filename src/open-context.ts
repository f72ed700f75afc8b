import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Clock, Context, Demo } from './context.ts'
import { openDatabase } from './db/client.ts'
import { StartupError } from './errors.ts'
import { openSmtpMailer, type Mailer } from './mail/mailer.ts'
import { loadPolicy } from './policy/compile.ts'
import type { Policy } from './policy/schema.ts'
import { openKeys } from './security/keys.ts'
import { openSources, type Sources } from './sources/sources.ts'

/** What the caller knows better than the settings. */
export interface ContextOptions {
  /** The name of our connections in the server's list, such as `habeas serve`. */
  readonly name: string
  readonly log: Logger
  readonly publicUrl: string
  readonly clock?: Clock
  readonly mailer?: Mailer
  readonly demo?: Demo
  readonly connections?: number
}

const CONNECTIONS = 10
const systemClock: Clock = { now: () => new Date() }

/**
 * Everything a process works with, opened and checked: policy, main database, keys, every source against its live schema, mail. A
 * StartupError (exit 78) lists what is missing or does not fit; then nothing is left open. `close` ends all, last opened first.
 */
export async function openContext(config: Config, options: ContextOptions): Promise<{ ctx: Context; close: () => Promise<void> }> {
  const settings = requireSettings(config, { mailerGiven: options.mailer !== undefined })
  const closers: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer()
  }
  try {
    const policy = await loadPolicy(settings.policyFolder)
    const database = openDatabase(settings.databaseUrl, { name: options.name, max: options.connections ?? CONNECTIONS })
    closers.push(() => database.close())
    const keys = await openKeys({ url: settings.keysUrl, wrappingKeys: config.wrappingKeys })
    closers.push(() => keys.close())
    const sources = await openCheckedSources(policy, config)
    closers.push(() => sources.close())
    const mailer = options.mailer ?? openSmtpMailer(settings.smtpUrl)
    closers.push(() => mailer.close())
    const { log, publicUrl, clock = systemClock, demo } = options
    const failpoint = (name: string, source?: string): void => {
      if (demo !== undefined && [name, `${name}:${source ?? ''}`].includes(config.failpoint ?? '')) process.kill(process.pid, 'SIGKILL')
    }
    const db = database.db
    return { ctx: { config, db, policy, sources, mailer, keys, clock, log, publicUrl, demo, failpoint, actor: { kind: 'public' } }, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The address of the keys' database: KEYS_URL, else the database `habeas_keys` on the server of the main one. */
export function keysUrlOf(config: Config): string {
  if (config.keysUrl !== undefined) return config.keysUrl
  const url = new URL(databaseUrlOf(config))
  url.pathname = '/habeas_keys'
  return url.href
}

/** The address of the main database, or a StartupError. */
export function databaseUrlOf(config: Config): string {
  if (config.databaseUrl === undefined) throw new StartupError('DATABASE_URL: expected the address of the main database, got nothing')
  return config.databaseUrl
}

async function openCheckedSources(policy: Policy, config: Config): Promise<Sources> {
  const sources = await openSources(policy, config.sourceUrls, config.sourceSecrets)
  const problems = await sources.check()
  if (problems.length === 0) return sources
  await sources.close()
  const lines = problems.map((problem) => `  ${problem.source}.${problem.collection}: ${problem.sentence}`)
  throw new StartupError(`The policy does not fit the sources:\n${lines.join('\n')}`)
}

/** The settings without which nothing can be opened; a StartupError names every missing one, before anything is touched. */
export function requireSettings(config: Config, { mailerGiven }: { mailerGiven: boolean }) {
  const missing: string[] = []
  const need = (name: string, value: string | undefined, what: string): string => {
    if (value === undefined) missing.push(`  ${name}: ${what}`)
    return value ?? ''
  }
  const databaseUrl = need('DATABASE_URL', config.databaseUrl, 'expected the address of the main database, got nothing')
  const policyFolder = need('HABEAS_POLICY', config.policyFolder, 'expected the folder of the policy, got nothing')
  need('HABEAS_KEYS', config.wrappingKeys, `expected a wrapping key, got nothing. Make one with: ${KEY_RECIPE}`)
  const smtpUrl = mailerGiven ? '' : need('SMTP_URL', config.smtpUrl, 'expected the address of the mail server, got nothing')
  const keysUrl = databaseUrl === '' ? '' : keysUrlOf(config)
  if (databaseUrl !== '' && isSameDatabase(databaseUrl, keysUrl))
    missing.push('  KEYS_URL: expected another database than DATABASE_URL, got the same one: a copy of the data must not hold its keys')
  if (missing.length > 0) throw new StartupError(`The settings are not complete:\n${missing.join('\n')}`)
  return { databaseUrl, policyFolder, smtpUrl, keysUrl }
}

function isSameDatabase(a: string, b: string): boolean {
  const [one, other] = [new URL(a), new URL(b)]
  return one.host === other.host && one.pathname === other.pathname
}

const KEY_RECIPE = 'echo "main:$(openssl rand -base64 32)" > keys.txt; then set HABEAS_KEYS_FILE=keys.txt'
