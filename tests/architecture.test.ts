import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Who may import whom: everything not named is refused. `types` stands for imports of types only; docs/decisions/0008 has the exceptions. */
const MAY_IMPORT: Record<string, { parts: string[]; types?: string[] }> = {
  errors: { parts: [] },
  time: { parts: [] },
  canonical: { parts: [] },
  db: { parts: [] },
  policy: { parts: [] },
  config: { parts: [] },
  mail: { parts: [] },
  sources: { parts: ['policy'] },
  planner: { parts: ['policy'], types: ['sources'] },
  letters: { parts: ['policy', 'planner'] },
  security: { parts: ['db'], types: ['context'] },
  context: { parts: ['config', 'db', 'policy', 'sources', 'mail', 'security'] },
  'open-context': { parts: ['config', 'context', 'db', 'policy', 'sources', 'mail', 'security'] },
  outbox: { parts: ['context', 'db', 'security'] },
  audit: { parts: ['context', 'db', 'security', 'verb'] },
  archives: { parts: ['context', 'db', 'security'], types: ['policy', 'sources'] },
  verb: { parts: ['context', 'audit', 'security'] },
  standing: { parts: ['policy', 'audit', 'outbox', 'archives', 'security', 'mail', 'context', 'db', 'verb'], types: ['sources'] },
  operators: { parts: ['policy', 'audit', 'outbox', 'archives', 'security', 'mail', 'context', 'db', 'verb'] },
  reports: { parts: ['policy', 'audit', 'outbox', 'archives', 'security', 'mail', 'context', 'db', 'verb'] },
  requests: {
    parts: [
      'planner',
      'letters',
      'policy',
      'sources',
      'archives',
      'audit',
      'outbox',
      'standing',
      'security',
      'mail',
      'context',
      'db',
      'verb',
    ],
  },
  retention: { parts: ['policy', 'sources', 'archives', 'audit', 'outbox', 'standing', 'security', 'context', 'db', 'verb'] },
  web: { parts: [], types: ['*'] },
  routes: {
    parts: ['web', 'requests', 'retention', 'standing', 'operators', 'reports', 'audit', 'archives', 'security', 'context', 'policy', 'db'],
    types: ['*'],
  },
  jobs: {
    parts: ['requests', 'retention', 'standing', 'operators', 'audit', 'archives', 'outbox', 'mail', 'context', 'db'],
    types: ['config'],
  },
  demo: { parts: ['*'] },
  app: { parts: ['*'] },
  cli: { parts: ['*'] },
  commands: { parts: ['*'] },
}
const FOR_ALL = ['errors', 'time', 'canonical']

interface Import {
  readonly file: string
  readonly from: string
  readonly target: string
  readonly typesOnly: boolean
}

const src = resolve('src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))

/** `sources` for src/sources/postgres/find/find.ts, `errors` for src/errors.ts. */
function partOf(file: string): string {
  return (
    relative(src, resolve(src, file))
      .split('/')[0]
      ?.replace(/\.tsx?$/, '') ?? ''
  )
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm)
  return [...found].map((match) => {
    const target = match[3] ?? match[4] ?? ''
    const names = match[2] ?? ''
    const allTypes =
      /^\{[^}]*\}$/s.test(names) &&
      names
        .slice(1, -1)
        .split(',')
        .every((name) => name.trim() === '' || name.trim().startsWith('type '))
    return { file, from: partOf(file), target, typesOnly: match[1] !== undefined || allTypes }
  })
}

const imports = files.flatMap(importsOf)
const own = imports
  .filter(({ target }) => target.startsWith('.'))
  .map((one) => ({ ...one, to: partOf(join(dirname(one.file), one.target)) }))
  .filter(({ from, to }) => from !== to && to !== '..')

describe('the parts of the house', () => {
  it('import only what the table names', () => {
    const refused = own.filter(({ from, to, typesOnly }) => {
      const rule = MAY_IMPORT[from]
      if (rule === undefined) return true
      if (FOR_ALL.includes(to) && from !== to) return false
      const allowed = [...rule.parts, ...(typesOnly ? (rule.types ?? []) : [])]
      return !allowed.includes(to) && !allowed.includes('*')
    })
    expect(refused.map(({ file, to, typesOnly }) => `${file} imports ${typesOnly ? 'types of ' : ''}${to}`)).toEqual([])
  })

  it('know every part of src', () => {
    expect([...new Set(files.map(partOf))].filter((part) => !(part in MAY_IMPORT))).toEqual([])
  })

  it('let only routes, app, jobs, cli and demo know Fastify and BullMQ', () => {
    const outside = imports.filter(
      ({ from, target }) =>
        /^(fastify|@fastify\/|bullmq)/.test(target) && !['routes', 'app', 'jobs', 'cli', 'commands', 'demo'].includes(from),
    )
    expect(outside.map(({ file, target }) => `${file}: ${target}`)).toEqual([])
  })

  it('let only time.ts know Temporal’s polyfill, and only config.ts the environment', () => {
    expect(imports.filter(({ from, target }) => target.startsWith('temporal-polyfill') && from !== 'time')).toEqual([])
    const readers = files.filter((file) => partOf(file) !== 'config' && /\bprocess\.env\b/.test(readFileSync(join(src, file), 'utf8')))
    expect(readers).toEqual([])
  })

  it('do no I/O in policy, planner, letters, state, clock and schedule', () => {
    const pure = (file: string) =>
      /^(planner|letters)\//.test(file) || /^requests\/(state|clock[a-z-]*)\.ts$/.test(file) || file === 'retention/schedule.ts'
    const io = imports.filter(
      ({ file, target, typesOnly }) => pure(file) && !typesOnly && /^(node:(fs|net|http|child_process|dns)|pg$|drizzle)/.test(target),
    )
    expect(io.map(({ file, target }) => `${file}: ${target}`)).toEqual([])
  })

  it('ask the clock they are given, never the machine’s, for a decision', () => {
    const asking = files.filter((file) => /\bnew Date\(\)|\bDate\.now\(\)|Temporal\.Now/.test(readFileSync(join(src, file), 'utf8')))
    expect(asking.filter((file) => !['open-context.ts', 'cli.ts'].includes(file) && !/^(demo|commands)\//.test(file))).toEqual([])
  })
})

describe('the sample company', () => {
  it('gives no table or column name to the product', () => {
    const schema = readFileSync('examples/cowork/schema.sql', 'utf8')
    const tables = [...schema.matchAll(/create table (\w+)/gi)].map(([, name = '']) => name)
    const columns = [...schema.matchAll(/^ {2}(\w+_\w+)\s+(?:text|uuid|bigint|int|timestamptz|date|boolean|numeric|jsonb|citext)/gim)].map(
      ([, name = '']) => name,
    )
    const ours = new Set(
      readFileSync('migrations/0000_first_tables.sql', 'utf8')
        .matchAll(/"(\w+)"/g)
        .map(([, name = '']) => name),
    )
    const theirs = [...new Set([...tables, ...columns])].filter((name) => !ours.has(name) && !COMMON_WORDS.has(name))
    expect(tables.length).toBeGreaterThan(15)
    const found = files.flatMap((file) => {
      const text = readFileSync(join(src, file), 'utf8')
      return theirs.filter((name) => new RegExp(`\\b${name}\\b`).test(text)).map((name) => `${file}: ${name}`)
    })
    expect(found).toEqual([])
  })
})

/** Declarations, which are read from top to bottom and not followed. */
const DECLARATIONS = ['policy/schema.ts']

/** Names of the sample that are also words of the product: the option `--accounts`, "such as invoices", the fields of the request form. */
const COMMON_WORDS = new Set(['requester_name', 'requester_email', 'accounts', 'invoices', 'created_at', 'updated_at'])

describe('the shape of files', () => {
  it('keeps every file under 300 lines, and the median under 80', () => {
    const lengths = files
      .filter((file) => !/^(db\/schema|web\/static|policy\/calendars)\//.test(file) && !DECLARATIONS.includes(file))
      .map((file) => ({ file, lines: readFileSync(join(src, file), 'utf8').split('\n').length }))
      .sort((a, b) => a.lines - b.lines)
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([])
    expect(lengths[Math.floor(lengths.length / 2)]?.lines).toBeLessThan(80)
  })
})
