import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { StartupError } from './errors.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, 'expected an address that begins with postgres://')

const settings = z.object({
  DATABASE_URL: postgresUrl.optional(),
  KEYS_URL: postgresUrl.optional(),
  QUEUE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected an address that begins with postgres:// (Redis comes later)')
    .optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'expected an address that begins with smtp:// or smtps://')
    .optional(),
  PUBLIC_URL: z.url().optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  CONSOLE_PORT: port.optional(),
  HABEAS_HOME: z.string().default('.habeas'),
  HABEAS_POLICY: z.string().optional(),
  HABEAS_KEYS: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  NODE_ENV: z.string().optional(),
  HABEAS_FAILPOINT: z.string().optional(),
})

/** Everything the environment decides, checked and frozen. */
export interface Config {
  readonly databaseUrl: string | undefined
  readonly keysUrl: string | undefined
  readonly queueUrl: string | undefined
  readonly smtpUrl: string | undefined
  readonly publicUrl: string | undefined
  readonly host: string
  readonly port: number
  readonly consolePort: number | undefined
  readonly home: string
  readonly policyFolder: string | undefined
  /** Wrapping keys, one a line: `name:base64 of 32 bytes`; the first seals, all open. */
  readonly wrappingKeys: string | undefined
  readonly logLevel: string
  readonly production: boolean
  /** Addresses of sources by id, from SOURCE_<ID>_URL; `<id>_erase` is the one with which that source is changed. */
  readonly sourceUrls: Readonly<Record<string, string>>
  /** Secrets of HTTP sources by id, from SOURCE_<ID>_SECRET; never logged. */
  readonly sourceSecrets: Readonly<Record<string, string>>
  /** Name of the failpoint at which this process ends itself, as `after_intent`, or `after_intent:shop` at that source; for crash tests in demo mode only. */
  readonly failpoint: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** The settings of this process, or a StartupError (exit 78) that lists every wrong one at once. */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = []
  const merged = withFiles(environment, problems)
  const result = settings.safeParse(merged)
  if (!result.success) problems.push(...result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  if (!result.success || problems.length > 0) throw new StartupError(`The settings are not usable:\n  ${problems.join('\n  ')}`)
  return freeze(result.data, merged)
}

/** Adds NAME from the file that NAME_FILE points at, for every setting. */
function withFiles(environment: Environment, problems: string[]): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && value !== '') merged[name] = value
  const known = (name: string) => name in settings.shape || /^SOURCE_[A-Z0-9_]+_(URL|SECRET)$/.test(name)
  for (const [name, file] of Object.entries(merged)) {
    const setting = name.replace(/_FILE$/, '')
    if (setting === name || !known(setting)) continue
    if (merged[setting] !== undefined) problems.push(`${setting}: set twice, by itself and by ${name}`)
    try {
      merged[setting] = readFileSync(file, 'utf8').trim()
    } catch {
      problems.push(`${name}: cannot be read`)
    }
  }
  return merged
}

function freeze(data: z.output<typeof settings>, merged: Record<string, string>): Config {
  const ofSources = (what: 'URL' | 'SECRET'): Readonly<Record<string, string>> => {
    const name = new RegExp(`^SOURCE_([A-Z0-9_]+)_${what}$`)
    const given = Object.entries(merged).flatMap(([setting, value]) => {
      const id = name.exec(setting)?.[1]
      return id === undefined ? [] : [[id.toLowerCase(), value] as const]
    })
    return Object.freeze(Object.fromEntries(given))
  }
  return Object.freeze({
    databaseUrl: data.DATABASE_URL,
    keysUrl: data.KEYS_URL,
    queueUrl: data.QUEUE_URL,
    smtpUrl: data.SMTP_URL,
    publicUrl: data.PUBLIC_URL,
    host: data.HOST,
    port: data.PORT,
    consolePort: data.CONSOLE_PORT,
    home: resolve(data.HABEAS_HOME),
    policyFolder: data.HABEAS_POLICY,
    wrappingKeys: data.HABEAS_KEYS,
    logLevel: data.LOG_LEVEL,
    production: data.NODE_ENV === 'production',
    sourceUrls: ofSources('URL'),
    sourceSecrets: ofSources('SECRET'),
    failpoint: data.HABEAS_FAILPOINT,
  })
}
