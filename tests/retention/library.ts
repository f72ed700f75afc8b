import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { Client } from 'pg'
import pino from 'pino'
import { onTestFinished } from 'vitest'
import { readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { openDatabase } from '../../src/db/client.ts'
import { migrateDatabase, migrateKeys } from '../../src/db/migrate.ts'
import { requests } from '../../src/db/schema/requests.ts'
import { runDueJobs } from '../../src/jobs/run-due-jobs.ts'
import type { Policy } from '../../src/policy/schema.ts'
import { runRule } from '../../src/retention/run-rule.ts'
import { confirmRulesForDemo } from '../../src/retention/confirm-for-demo.ts'
import { openKeys } from '../../src/security/keys.ts'
import type { Actor, Role } from '../../src/security/permissions.ts'
import type { DataSource, Identifiers, Source } from '../../src/sources/source.ts'
import { openPostgresSource } from '../../src/sources/postgres/open.ts'
import type { Sources } from '../../src/sources/sources.ts'
import { walk } from '../../src/sources/walk.ts'
import { policyOf, type Written } from '../sources/policy.ts'
import { createDatabase, templateOnce } from '../support/database.ts'

const SCHEMA = `
create table readers (id int primary key, email text not null, left_at timestamptz);
create table loans (id int primary key, reader_id int references readers, title text not null, returned_at timestamptz);
create index on loans (reader_id);
create table visits (id int primary key, reader_id int, came_at timestamptz not null);
`

const WRITTEN: Written = {
  identifiers: { email: { label: 'E-mail', compare: 'email' }, account_no: { label: 'Card' } },
  collections: {
    readers: {
      source: 'shop',
      table: 'readers',
      label: 'Readers',
      key: 'id',
      category: 'people',
      is_person: true,
      opened_by: [
        { identifier: 'email', columns: 'email' },
        { identifier: 'account_no', columns: 'id' },
      ],
      provides: { account_no: 'id', email: 'email' },
    },
    loans: {
      source: 'shop',
      table: 'loans',
      label: 'Loans',
      key: 'id',
      category: 'people',
      opened_by: [{ identifier: 'account_no', columns: 'reader_id' }],
      refs: { reader: { collection: 'readers', columns: 'reader_id' } },
    },
    visits: {
      source: 'shop',
      table: 'visits',
      label: 'Visits',
      key: 'id',
      category: 'people',
      opened_by: [{ identifier: 'account_no', columns: 'reader_id' }],
    },
  },
  retention: {
    left: {
      category: 'people',
      promise: 'Readers are erased 90 days after they leave.',
      collection: 'readers',
      starts: 'left_at',
      period: 'P90D',
      action: 'delete',
      with: [{ collection: 'loans', ref: 'reader', action: 'delete' }],
    },
    visits_nameless: {
      category: 'people',
      promise: 'Visits lose the reader after 12 months.',
      collection: 'visits',
      starts: 'came_at',
      period: 'P12M',
      when: { reader_id: { not: null } },
      action: 'strip',
      set: { reader_id: null },
    },
    provider: { category: 'people', promise: 'The printer forgets after 30 days.', period: 'P30D', action: 'attest' },
    own: { category: 'people', promise: 'Our own records go too.', action: 'own_records' },
  },
}

/** A library: its readers, loans and visits in one database, Habeas in another, and a clock that stands until a test moves it. */
export interface Library {
  /** The library's own database, as its owner. */
  readonly admin: Client
  /** Rows of a statement there, each as its values joined by `|`. */
  lines(statement: string): Promise<string[]>
  readonly ctx: Context
  /** The same, acting as the system. */
  readonly system: Context
  /** The same, acting as somebody with a role; the same name is the same person. */
  as(name: string, role?: Role): Context
  moveTo(at: string): void
  /** Rings every job that is due until none is left. */
  work(ctx?: Context): Promise<number>
  /** The same context whose source does something else. */
  withSource(change: (source: DataSource) => DataSource): Context
}

/** What a test may decide about its library. */
export interface LibraryOptions {
  readonly rules?: Written['retention']
  readonly demo?: boolean
  readonly percent?: number
  readonly mode?: 'observe' | 'enforce'
}

/** A new library for one test, closed at its end, in which nobody has confirmed anything unless it is a demonstration; at noon of 20 November 2026 in Amsterdam. */
export async function openLibrary(options: LibraryOptions = {}): Promise<Library> {
  const policy = libraryPolicy(options)
  const closing: (() => Promise<unknown>)[] = []
  onTestFinished(async () => {
    for (const close of closing.toReversed()) await close()
  })
  const company = await openCompany(policy, closing)
  const { url } = await migrated('retention', migrateDatabase)
  const { url: keysUrl } = await migrated('retention_keys', migrateKeys)
  const database = openDatabase(url, { name: 'retention test', max: 8 })
  closing.push(() => database.close())
  const keys = await openKeys({ url: keysUrl, wrappingKeys: `main:${randomBytes(32).toString('base64')}` })
  closing.push(() => keys.close())
  const home = await mkdtemp(join(tmpdir(), 'habeas-retention-'))
  closing.push(() => rm(home, { recursive: true, force: true }))

  let now = new Date('2026-11-20T11:00:00Z')
  const parts = {
    config: readConfig({ DATABASE_URL: url, HABEAS_HOME: home }),
    db: database.db,
    policy,
    sources: sourcesOf(policy, company.source),
    keys,
    clock: { now: () => now },
    log: pino({ level: 'silent' }),
    publicUrl: 'http://127.0.0.1',
    demo: options.demo === true ? { cancelWindowSeconds: 5, mailbox: '' } : undefined,
    failpoint: () => undefined,
    actor: { kind: 'public' },
  }
  const ctx = parts as unknown as Context
  const system: Context = { ...ctx, actor: { kind: 'system', name: 'test' } }
  const people = new Map<string, string>()
  if (options.demo === true) await confirmRulesForDemo(system)
  return {
    admin: company.admin,
    lines: company.lines,
    ctx,
    system,
    as: (name, role = 'dpo') => ({ ...ctx, actor: operator(people, name, role) }),
    moveTo: (at) => {
      now = new Date(at)
    },
    work: (working = system) => runDueJobs(working, { handlers: ONLY_RULES }),
    withSource: (change) => ({ ...system, sources: sourcesOf(policy, change(company.source)) }),
  }
}

/** A request as a person left it, with what they have proven; archived when its copy is built. */
export async function openRequest(
  { ctx }: Library,
  given: { right: string; state: string; proven?: Identifiers; email?: string } & Omit<
    Partial<typeof requests.$inferInsert>,
    'proven' | 'email'
  >,
): Promise<string> {
  const id = randomUUIDv7()
  const key_id = await ctx.keys.create('request')
  const { proven, email, ...rest } = given
  const at = ctx.clock.now()
  await ctx.db.insert(requests).values({
    id,
    reference: `HAB-${id.slice(-9).toUpperCase()}`,
    regime: 'gdpr',
    candidate_regimes: ['gdpr'],
    controller: 'example',
    state_at: at,
    channel: 'web',
    locale: 'en',
    key_id,
    email: email === undefined ? null : await ctx.keys.seal(key_id, `requests.email:${id}`, email),
    email_lookup: email === undefined ? null : ctx.keys.digest('email', email),
    requester_role: 'subject',
    group_id: id,
    proven: proven === undefined ? null : await ctx.keys.seal(key_id, `requests.proven:${id}`, JSON.stringify(proven)),
    proven_at: proven === undefined ? null : at,
    received_at: at,
    zone: 'Europe/Amsterdam',
    first_reply_by: '2026-12-20',
    send_by: '2026-12-20',
    enforce_by: '2026-12-20',
    statutory_by: '2026-12-20',
    due_at: at,
    explanation: [],
    reminders_at: [],
    ...rest,
  })
  return id
}

/** Actions of the audit log, oldest first. */
export async function auditOf({ ctx }: Library): Promise<string[]> {
  const { rows } = await ctx.db.execute<{ action: string }>(sql`select action from audit_entries order by id`)
  return rows.map(({ action }) => action)
}

async function openCompany(policy: Policy, closing: (() => Promise<unknown>)[]) {
  const { url } = await createDatabase()
  const admin = new Client({ connectionString: url, application_name: 'owner' })
  await admin.connect()
  closing.push(() => admin.end())
  await admin.query(SCHEMA)
  const declaration = policy.sources.get('shop')
  if (declaration === undefined) throw new TypeError('the policy has no source')
  const source = await openPostgresSource(declaration, policy, url)
  closing.push(() => source.close())
  const lines = async (text: string): Promise<string[]> => {
    const { rows } = await admin.query<unknown[]>({ text, rowMode: 'array' })
    return rows.map((row) => row.map((value) => (value instanceof Date ? value.toISOString() : String(value))).join('|'))
  }
  return { admin, source, lines }
}

function libraryPolicy({ rules, percent = 20, mode = 'enforce' }: LibraryOptions): Policy {
  const sources = { shop: { kind: 'postgres', label: 'Library', mode } } as const
  const policy = policyOf({ ...WRITTEN, sources, retention: rules ?? WRITTEN.retention ?? {} })
  return { ...policy, decisions: { ...policy.decisions, purge_guard_percent: percent } }
}

function sourcesOf(policy: Policy, source: DataSource): Sources {
  const all: ReadonlyMap<string, Source> = new Map([['shop', source]])
  return {
    all,
    get: () => source,
    walk: (identifiers) => walk(policy, all, identifiers),
    check: async () => [],
    drift: async () => [],
    close: async () => undefined,
  }
}

async function migrated(name: string, migrate: (url: string) => Promise<void>): Promise<{ url: string }> {
  return createDatabase({ template: await templateOnce(name, migrate) })
}

function operator(people: Map<string, string>, name: string, role: Role): Actor {
  const id = people.get(name) ?? randomUUIDv7()
  people.set(name, id)
  return { kind: 'operator', id, email: `${name}@example.com`, role, grants: [] }
}

const never = async (): Promise<never> => {
  throw new Error('no test asks for this job')
}

const ONLY_RULES = {
  send_letter: never,
  plan_request: never,
  advance_request: never,
  carry_out_step: never,
  build_archive: never,
  put_back_copies: never,
  shred_copies: never,
  run_rule: runRule,
}
