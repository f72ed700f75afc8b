import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { z } from 'zod'
import { writePrivate } from './private-file.ts'
import { ignoreMissing } from './state-folder.ts'

/** The databases of the demonstration, each with the role that owns it. */
const DATABASES = { habeas: 'habeas_app', habeas_keys: 'habeas_app', company: 'company_owner' } as const
/** The roles of `habeas policy grants`: what the service may do in the company's database, and nothing more. */
const [READ, ERASE] = ['habeas_company_read', 'habeas_company_erase'] as const
const ROLES = ['habeas_app', 'company_owner', READ, ERASE] as const

type Role = (typeof ROLES)[number]
const passwordFile = z.partialRecord(z.enum(ROLES), z.string().regex(/^[0-9a-f]{48}$/))

/** The addresses of the demonstration's databases. */
export interface DemoDatabases {
  readonly main: string
  readonly keys: string
  /** As the service reads it. */
  readonly company: string
  /** As the service changes it. */
  readonly companyErase: string
  /** As its owner sees it, for looking and testing. */
  readonly companyOwner: string
}

/**
 * The databases and roles on the embedded server, made when they are missing; their passwords are kept in `home`. Where there are none the home is
 * new: then databases of an earlier one, which nobody has the keys of any more, are dropped.
 */
export async function prepareDatabases(serverUrl: string, home: string): Promise<DemoDatabases> {
  const file = passwordsOf(home)
  const kept = await readPasswords(file)
  const server = new Client({ connectionString: serverUrl, application_name: 'habeas start' })
  await server.connect()
  try {
    if (kept === undefined) for (const name of Object.keys(DATABASES)) await server.query(`drop database if exists ${name} with (force)`)
    const passwords = await completePasswords(file, kept ?? {})
    for (const role of ROLES) await ensureRole(server, role, passwords[role])
    const { rows } = await server.query<{ name: string }>('select datname as name from pg_database')
    for (const [name, owner] of Object.entries(DATABASES)) {
      if (rows.some((row) => row.name === name)) continue
      await server.query(`create database ${name} owner ${owner} template template0 encoding 'UTF8'`)
      // Nobody but its owner and whom the owner lets in: the roles of one database have no business in another.
      await server.query(`revoke connect, temporary on database ${name} from public`)
    }
    return addressesOf(serverUrl, passwords)
  } finally {
    await server.end()
  }
}

/** When the databases of this home were made. */
export async function filledSince(home: string): Promise<Date> {
  return (await stat(passwordsOf(home))).mtime
}

function passwordsOf(home: string): string {
  return join(home, 'passwords.json')
}

function addressesOf(serverUrl: string, passwords: Record<Role, string>): DemoDatabases {
  const address = (database: string, role: Role): string => {
    const url = new URL(serverUrl)
    url.username = role
    url.password = passwords[role]
    url.pathname = `/${database}`
    return url.href
  }
  return {
    main: address('habeas', 'habeas_app'),
    keys: address('habeas_keys', 'habeas_app'),
    company: address('company', READ),
    companyErase: address('company', ERASE),
    companyOwner: address('company', 'company_owner'),
  }
}

/** The role exists and has this password, also when the file with the old one was lost. */
async function ensureRole(server: Client, role: Role, password: string): Promise<void> {
  const { rowCount } = await server.query('select from pg_roles where rolname = $1', [role])
  await server.query(`${rowCount === 0 ? 'create' : 'alter'} role ${role} login password ${server.escapeLiteral(password)}`)
}

async function readPasswords(file: string): Promise<z.infer<typeof passwordFile> | undefined> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing)
  return text === null ? undefined : passwordFile.parse(JSON.parse(text))
}

/** A home of an earlier version lacks the roles that came later. */
async function completePasswords(file: string, kept: z.infer<typeof passwordFile>): Promise<Record<Role, string>> {
  const password = (role: Role): string => kept[role] ?? randomBytes(24).toString('hex')
  const all: Record<Role, string> = {
    habeas_app: password('habeas_app'),
    company_owner: password('company_owner'),
    [READ]: password(READ),
    [ERASE]: password(ERASE),
  }
  if (ROLES.some((role) => kept[role] === undefined)) await writePrivate(file, `${JSON.stringify(all, null, 2)}\n`)
  return all
}
