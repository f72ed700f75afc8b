import { describe, expect, test } from 'vitest'
import { loadPolicy } from '../../src/policy/compile.ts'
import type { Collection, Named, Policy } from '../../src/policy/schema.ts'
import { makePlan, type PlanInput } from '../../src/planner/plan.ts'
import type { PlanAmendment } from '../../src/planner/shape.ts'

const sample = await loadPolicy('examples/cowork')

/** The sample, with one collection declared otherwise. */
function policyWith(id: string, changed: Partial<Collection>): Policy {
  const declared = sample.collections.get(id)
  if (declared === undefined) throw new TypeError(id)
  const collections = new Map<string, Named<Collection>>([...sample.collections, [id, { ...declared, ...changed }]])
  return { ...sample, collections }
}

const added = (collection: string): PlanAmendment => ({ kind: 'add', collection, fields: [] })

function itemsOf(more: Partial<PlanInput>, collections: readonly string[]) {
  const input: PlanInput = {
    policy: sample,
    right: 'erasure',
    scope: {},
    regime: 'gdpr',
    identities: [],
    surveyed: collections.map((collection) => ({ collection, rows: 1, organisation_rows: 0, shared_rows: 2, path: ['email', collection] })),
    persons: [],
    choices: [],
    resolved: true,
    corrections: [],
    holds: [],
    answers: {},
    amendments: [],
    hidden: [],
    kept_until: { invoices: '2033-12-31' },
    own_until: '2029-12-20',
    ...more,
  }
  return makePlan(input).body.items.filter(({ collection }) => collections.includes(collection))
}

describe('rows of others that are added to an erasure', () => {
  const shared = (set: Collection['set'], opened_by?: Collection['opened_by']) => {
    const policy = policyWith('telemetry_events', { set, ...(opened_by !== undefined && { opened_by }) })
    const amendments = [added('telemetry_events')]
    return itemsOf({ policy, amendments }, ['telemetry_events']).find(({ whose }) => whose === 'shared')
  }
  const [first] = sample.collections.get('telemetry_events')?.opened_by ?? []
  if (first === undefined) throw new TypeError('telemetry_events')

  test('are freed of the links alone, whatever else an erasure sets', () => {
    expect(shared({ account_id: null, device_id: null, os: null })).toMatchObject({
      action: 'detach',
      fields: ['account_id', 'device_id'],
      set: { account_id: null, device_id: null },
    })
    expect(shared({ os: null })).toBeUndefined()
    expect(shared({ os: { remove: 'account_id' } })).toMatchObject({ fields: ['os'] })
  })

  test('cannot be added where a link stands inside a column that would go as a whole', () => {
    const inside = [{ ...first, columns: ['os[]'] }]
    expect(shared({ os: null }, inside)).toBeUndefined()
    expect(shared({ account_id: null, os: null }, [first, ...inside])).toBeUndefined()
    expect(shared({ os: { remove: 'account_id' } }, inside)).toMatchObject({ set: { os: { remove: 'account_id' } } })
  })
})

describe('rows of others that are added to a copy', () => {
  const copy = (more: Partial<PlanInput>, collection = 'telemetry_events') =>
    itemsOf({ right: 'access', amendments: [added(collection)], ...more }, [collection]).map(({ whose, fields }) => [
      whose,
      fields.includes('os'),
    ])

  test('have what a copy for the same right and scope would have of the person’s own', () => {
    expect(copy({})).toEqual([
      [undefined, true],
      ['shared', true],
    ])
    expect(copy({ right: 'know', scope: { know: 'categories' } })).toEqual([])
    expect(copy({ right: 'portability' })).toEqual(
      copy({ right: 'portability', amendments: [] }).flatMap((own) => [own, ['shared', own[1]]]),
    )
    const { fields = {} } = sample.collections.get('telemetry_events') ?? {}
    const derived = policyWith('telemetry_events', {
      category: 'account',
      fields: { ...fields, os: { ...fields['os'], origin: 'derived' } as never },
    })
    expect(copy({ right: 'portability', policy: derived })).toEqual([
      [undefined, false],
      ['shared', false],
    ])
  })
})

test('Rows of others that are added to an erasure stay under legal hold', () => {
  const policy = policyWith('telemetry_events', { set: { account_id: null } })
  const holds = [{ matter: 'Case 7', collection: 'telemetry_events', review_on: '2027-01-01' }]
  const actions = (more: Partial<PlanInput>) =>
    itemsOf({ policy, amendments: [added('telemetry_events')], ...more }, ['telemetry_events']).map(({ action }) => action)
  expect(actions({})).toEqual(['detach', 'erase'])
  expect(actions({ holds })).toEqual(['keep'])
})
