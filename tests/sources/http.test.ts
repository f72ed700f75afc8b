import { beforeEach, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/policy/schema.ts'
import { openHttpSource } from '../../src/sources/http/open.ts'
import { SourceError, type DataSource, type Selection } from '../../src/sources/source.ts'
import { LEFT_OUT } from '../../src/sources/left-out.ts'
import { API_SECRET, startApi, type ApiServer } from '../support/api-server.ts'
import { onClose } from '../support/database.ts'
import { opening, textOf } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

const VENDOR = {
  kind: 'http',
  label: 'Vendor',
  mode: 'enforce',
  http: { base_url: 'https://vendor.example/v1', private_network: true, requests_per_second: 1000, timeout_seconds: 1 },
} as const

const GRANTS: Written['collections'][string] = {
  source: 'vendor',
  label: 'Grants',
  key: 'id',
  category: 'tools',
  opened_by: [
    { identifier: 'customer', columns: 'owner' },
    { identifier: 'email', columns: 'mail' },
    { identifier: 'device', columns: 'device', meaning: 'shared' },
  ],
  provides: { grant: 'id' },
  fields: { id: {}, owner: {}, mail: {}, device: {}, note: {}, count: {} },
  organisation_controls: { plan: 'team' },
  http: {
    find: [
      { path: '/rows?owner={identifier}', next: { at: 'next', parameter: 'cursor' } },
      { identifier: 'email', path: '/rows?mail={mail}', next: 'link' },
    ],
    revoke: { method: 'POST', path: '/rows/{id}/revocation' },
    change: { method: 'PATCH', path: '/rows/{id}' },
  },
}

const IDENTIFIERS = { email: { label: 'E-mail', compare: 'email' }, customer: { label: 'Number' }, device: { label: 'Device' } } as const

function policyWith(http: Partial<NonNullable<(typeof GRANTS)['http']>> = {}, source: object = {}): Policy {
  const collection = { ...GRANTS, http: { ...GRANTS.http, ...http } } as Written['collections'][string]
  return policyOf({
    identifiers: IDENTIFIERS,
    sources: { vendor: { ...VENDOR, http: { ...VENDOR.http, ...source } } },
    collections: { grants: collection },
  })
}

function open(policy: Policy, url: string, waits: number[] = []): DataSource {
  const declaration = policy.sources.get('vendor')
  if (declaration === undefined) throw new Error('no source')
  const source = openHttpSource(declaration, policy, {
    url,
    secret: API_SECRET,
    wait: async (milliseconds) => waits.push(milliseconds),
  })
  onClose('source', () => source.close())
  return source
}

async function refused(promise: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown)
  if (!(error instanceof SourceError)) throw new Error('it was not refused', { cause: error })
  return error
}

const ROWS = [
  { id: 1, owner: 7, mail: 'Ada@example.com', note: '=1+1, "quoted"', count: -1 },
  { id: 2, owner: 7, mail: 'ada@example.com', note: null, count: 2 },
  { id: 3, owner: 7, mail: 'ada@example.com', note: '', count: 3 },
  { id: 4, owner: 8, mail: 'bea@example.com', note: 'canary-of-bea', count: 4 },
  { id: 5, owner: 7, mail: 'ada@example.com', note: 'team row', count: 5, plan: 'team' },
]

const policy = policyWith()
const grants = policy.collections.get('grants')
if (grants === undefined) throw new Error('no collection')
const ofAda: Selection = { collection: 'grants', openings: [opening('customer', 'owner', ['7'])], side: 'ours' }

let api: ApiServer
let source: DataSource
let waits: number[]

beforeEach(async () => {
  api = await startApi(ROWS)
  waits = []
  source = open(policy, api.url, waits)
})

describe('finding a person at an API', () => {
  it('counts every page once, whoever the rows belong to', async () => {
    api.repeating = true
    const found = await source.find(grants, ofAda.openings)
    expect(found).toEqual({
      rows: 3,
      organisation_rows: 1,
      shared_rows: 0,
      provides: { grant: [['1'], ['2'], ['3']] },
      lends: {},
      persons: [],
    })
    expect(await source.count(ofAda)).toBe(3)
    expect(await source.count({ ...ofAda, side: 'organisation' })).toBe(1)
    expect(await source.count(ofAda, { note: '' })).toBe(1)
    expect(await source.keys(ofAda, 2)).toEqual([['1'], ['2']])
    expect(api.calls.every(({ headers }) => headers.authorization === `Bearer ${API_SECRET}`)).toBe(true)
  })

  it('follows the Link header, and folds only the case of letters of an address', async () => {
    const found = await source.find(grants, [opening('email', 'mail', ['ADA@example.com'], { compare: 'email' })])
    expect(found.rows).toBe(3)
    expect(api.calls.map(({ path }) => path)).toEqual(['/v1/rows?mail=ADA%40example.com', '/v1/rows?mail=ADA%40example.com&cursor=2'])
  })

  it('counts a row that also holds the number of somebody else as shared', async () => {
    const both = [opening('customer', 'owner', ['8']), opening('email', 'mail', ['ada@example.com'], { compare: 'email' })]
    const persons = policyOf({
      identifiers: IDENTIFIERS,
      sources: { vendor: VENDOR },
      collections: {
        people: { source: 'vendor', label: 'People', key: 'id', is_person: true, provides: { customer: 'id' }, http: GRANTS.http },
        grants: GRANTS,
      },
    })
    const found = await open(persons, api.url).find(grants, both)
    expect([found.rows, found.shared_rows], 'her own by number; by address those of number 7, who is another person').toEqual([1, 3])
  })

  it.each([
    ['a wildcard', '%'],
    ['another wildcard', '_'],
    ['a further parameter', '7&owner=8'],
    ['a way up', '7/../8'],
    ['nothing but a way up', '..'],
    ['a fragment', '7#'],
    ['a query', '7?x'],
    ['quotes', "7' or '1'='1"],
    ['a hard space', '\u00a07'],
    ['a look-alike', '７'],
    ['a zero byte', '7\u0000'],
    ['half a character', '\ud800'],
    ['nothing', ''],
    ['a placeholder', '{owner}'],
    ['64 KiB', 'x'.repeat(65_536)],
  ])('selects nobody by %s', async (_, value) => {
    const result = await source.find(grants, [opening('customer', 'owner', [value])]).catch((error: unknown) => error)
    if (!(result instanceof SourceError)) expect(result).toMatchObject({ rows: 0, organisation_rows: 0, shared_rows: 0, persons: [] })
    for (const { path } of api.calls) expect([...new URL(path, 'http://api').searchParams.keys()]).toEqual(['owner'])
  })

  it('takes nothing of an answer that holds a row of somebody else', async () => {
    api.fail([{ status: 200, body: JSON.stringify({ data: [ROWS[0], ROWS[3]] }) }])
    const error = await refused(source.find(grants, ofAda.openings))
    expect(error.cause_kind).toBe('unexpected_rows')
    expect(error.message).not.toContain('bea')
  })

  it('keeps numbers apart that a double cannot tell from each other', async () => {
    api.fail([{ status: 200, body: '{"data": [{"id": 1, "owner": 9007199254740993}]}' }])
    const error = await refused(source.find(grants, [opening('customer', 'owner', ['9007199254740992'])]))
    expect(error.cause_kind).toBe('unexpected_rows')
  })
})

const LARGE = { status: 200, body: `{"data": ["${'x'.repeat(17_000_000)}"]}` } as const

describe('an API with faults', () => {
  it('is asked again when it wants to be asked, within bounds', async () => {
    api.fail([{ status: 429, headers: { 'retry-after': '2' } }, { status: 500 }])
    expect(await source.count(ofAda)).toBe(3)
    expect(waits.filter((wait) => wait > 100)).toEqual([2000, 400])
    api.fail([{ status: 503, headers: { 'retry-after': '31' } }])
    expect((await refused(source.count(ofAda))).message).toBe(
      'vendor.grants: it is not available and wants to be asked again in 31 s (503)',
    )
  })

  it('is said to be down after three tries', async () => {
    api.fail([{ status: 500 }, { status: 502 }, { status: 503 }])
    const error = await refused(source.count(ofAda))
    expect([error.message, error.transient]).toEqual(['vendor.grants: it fails (503)', true])
  })

  it.each([
    ['truncated', 'vendor.grants: its answer is no JSON, or broke off', true],
    ['hang', 'vendor.grants: it did not answer within 1 s', true],
    [
      { status: 302, headers: { location: 'http://169.254.169.254/' } },
      'vendor.grants: it redirects, which is never followed (302)',
      false,
    ],
    [{ status: 403, body: 'ada@example.com' }, 'vendor.grants: it does not accept our secret, or may not do this for us (403)', false],
    [{ status: 404 }, 'vendor.grants: it does not know the call (404)', false],
    [{ status: 200, body: '{"data": {}}' }, 'vendor.grants: its answer has no list at data', false],
    [{ status: 200, body: '{"data": [{"owner": 7}]}' }, 'vendor.grants: it gives a row without id', false],
    [LARGE, 'vendor.grants: its answer is larger than one page may be', false],
    [{ status: 200, body: '{"data": [], "next": "a"}' }, 'vendor.grants: its pages never end', false],
  ] as const)('says what is wrong: %#', async (fault, sentence, transient) => {
    api.fail([fault, ...(typeof fault === 'object' && 'body' in fault && fault.body.includes('next') ? [fault] : [])])
    const error = await refused(source.count(ofAda))
    expect([error.message, error.transient]).toEqual([sentence, transient])
  })

  it('that breaks a connection is asked again', async () => {
    api.fail(['reset'])
    expect(await source.count(ofAda)).toBe(3)
  })

  it('takes 404 for an answer only where the policy says so', async () => {
    const lenient = open(policyWith({ find: { path: '/rows?owner={identifier}', not_found_is_nothing: true } }), api.url)
    api.fail([{ status: 404 }])
    expect(await lenient.count(ofAda)).toBe(0)
  })
})

describe('what an API discloses', () => {
  it('is CSV that a spreadsheet takes for no formula, and JSON as it was given', async () => {
    const columns = ['id', 'note', 'count']
    const csv = await textOf(await source.disclose({ selection: ofAda, format: 'csv', columns }))
    expect(csv).toBe(`id,note,count\n1,"'=1+1, ""quoted""",-1\n2,,2\n3,"",3\n`)
    const json = await textOf(await source.disclose({ selection: ofAda, format: 'json', columns }))
    expect(JSON.parse(json)).toEqual([
      { id: 1, note: '=1+1, "quoted"', count: -1 },
      { id: 2, note: null, count: 2 },
      { id: 3, note: '', count: 3 },
    ])
    const hidden = [
      { column: 'note', keys: [['1']] },
      { column: 'count', keys: [['2']] },
    ]
    const without = await textOf(await source.disclose({ selection: ofAda, format: 'csv', columns, hidden }))
    expect(without.split('\n').slice(1, 3)).toEqual([`1,${LEFT_OUT},-1`, '2,,'])
    const nobody = { ...ofAda, openings: [opening('customer', 'owner', ['99'])] }
    expect(await textOf(await source.disclose({ selection: nobody, format: 'json', columns }))).toBe('[]\n')
  })
})

describe('an effect at an API', () => {
  const erase = { selection: ofAda, action: { kind: 'delete' }, limit: 10 } as const

  it('revokes each row once, names every call, and looks again', async () => {
    const outcome = await source.apply({ step: 's1', batch: 0, changes: [erase], expected: { grants: 3 } })
    expect(outcome).toEqual({ confirmed_by: 'effect', rows: { grants: 3 }, left: { grants: 0 } })
    expect(api.rows.map(({ id }) => id)).toEqual([4, 5])
    const calls = api.calls.filter(({ method }) => method === 'POST')
    expect(calls.map(({ path }) => path)).toEqual(['/v1/rows/1/revocation', '/v1/rows/2/revocation', '/v1/rows/3/revocation'])
    const keys = calls.map(({ headers }) => String(headers['idempotency-key']))
    expect(new Set(keys).size).toBe(3)
    for (const key of keys) expect(key).toMatch(/^s1:0:[0-9a-f]{32}$/)
  })

  it('goes on where it stopped, under the same names, and says so', async () => {
    api.fail([{ status: 500 }, { status: 500 }, { status: 500 }], ({ path }) => path === '/v1/rows/2/revocation')
    const error = await refused(source.apply({ step: 's1', batch: 0, changes: [erase], expected: { grants: 3 } }))
    expect([error.message, error.transient]).toEqual(['vendor.grants: 1 of 3 rows are done, then it fails (500)', true])
    const again = await source.apply({ step: 's1', batch: 0, changes: [erase], expected: { grants: 3 }, again: true })
    expect(again).toEqual({ confirmed_by: 'effect', rows: { grants: 3 }, left: { grants: 0 } })
    const ofSecond = api.calls.filter(({ path }) => path === '/v1/rows/2/revocation').map(({ headers }) => headers['idempotency-key'])
    expect([ofSecond.length, new Set(ofSecond).size]).toEqual([4, 1])
    expect(await source.apply({ step: 's1', batch: 0, changes: [erase], expected: { grants: 3 }, again: true })).toEqual({
      confirmed_by: 'reread',
      rows: { grants: 3 },
      left: { grants: 0 },
    })
  })

  it('takes a row that is gone already for done', async () => {
    api.fail([{ status: 410 }], ({ method }) => method === 'POST')
    const error = await refused(source.apply({ step: 's1', batch: 0, changes: [erase] }))
    expect(error.message, 'but what is still found is not').toBe('vendor.grants: 1 row is still there although it accepted every call')
    expect((await source.apply({ step: 's1', batch: 0, changes: [erase], again: true, expected: { grants: 3 } })).rows).toEqual({
      grants: 3,
    })
  })

  it('stops before the first call when there are more rows than may be touched', async () => {
    expect((await refused(source.apply({ step: 's', batch: 0, changes: [{ ...erase, limit: 2 }] }))).cause_kind).toBe('too_many')
    expect((await refused(source.apply({ step: 's', batch: 0, changes: [erase], limit: 2 }))).cause_kind).toBe('too_many')
    expect(api.calls.filter(({ method }) => method !== 'GET')).toEqual([])
    expect((await source.apply({ step: 's', batch: 0, changes: [{ ...erase, limit: 3 }], limit: 3 })).rows).toEqual({ grants: 3 })
  })

  it('sets fields of rows that still hold the old value', async () => {
    const action = { kind: 'set', set: { note: { value: 'new' } } } as const
    const outcome = await source.apply({
      step: 's',
      batch: 0,
      changes: [{ selection: ofAda, action, only_where: { count: '2' }, limit: 5 }],
    })
    expect(outcome.rows).toEqual({ grants: 1 })
    expect(api.rows.map(({ note }) => note)).toEqual(['=1+1, "quoted"', 'new', '', 'canary-of-bea', 'team row'])
  })

  it('ends when it takes ten times what an answer may, and the next one goes on', async () => {
    let now = 0
    const declaration = policy.sources.get('vendor')
    if (declaration === undefined) throw new Error('no source')
    const slow = openHttpSource(declaration, policy, { secret: API_SECRET, url: api.url, now: () => (now += 2_500), wait: async () => {} })
    onClose('slow source', () => slow.close())
    const error = await refused(slow.apply({ step: 's', batch: 0, changes: [erase] }))
    expect([error.cause_kind, error.transient]).toEqual(['timeout', true])
    expect(error.message).toContain('rows are done, then it takes too long for one go')
    await source.apply({ step: 's', batch: 0, changes: [erase], again: true })
    expect(api.rows.map(({ id }) => id)).toEqual([4, 5])
  })

  it('is not made where the source is only observed', async () => {
    const observed = policyOf({
      identifiers: IDENTIFIERS,
      sources: { vendor: { ...VENDOR, mode: 'observe' } },
      collections: { grants: GRANTS },
    })
    expect((await refused(open(observed, api.url).apply({ step: 's', batch: 0, changes: [erase] }))).cause_kind).toBe('denied')
    expect(api.calls).toEqual([])
  })
})
