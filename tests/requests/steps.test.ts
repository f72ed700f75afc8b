import { describe, expect, it } from 'vitest'
import type { PlanItem } from '../../src/planner/shape.ts'
import { applySteps } from '../../src/requests/carrying-out/apply-steps.ts'
import { policyOf, type Written } from '../sources/policy.ts'

const at = (source: string, rest: Partial<Written['collections'][string]> = {}): Written['collections'][string] => ({
  source,
  table: 't',
  label: 'Rows',
  key: 'id',
  category: 'people',
  fields: { id: {}, owner: {} },
  ...rest,
})

/** The steps of an erasure of these collections, each as its source, what it is about and which others it waits for. */
function stepsOf(collections: Written['collections'], action: PlanItem['action'] = 'erase'): string[] {
  const policy = policyOf({
    identifiers: { email: { label: 'E-mail', compare: 'email' }, number: { label: 'Number' }, card: { label: 'Card' } },
    sources: Object.fromEntries(['company', 'vendor', 'shop'].map((id) => [id, { kind: 'postgres' as const, label: id }])),
    collections,
  })
  const items = [...policy.collections.values()].map(({ id, source }): PlanItem => ({
    source,
    collection: id,
    category: 'people',
    action,
    fields: [],
    withheld: [],
    reason: '',
  }))
  return applySteps(policy, items).map(
    (step) =>
      `${step.source}: ${step.collections?.join(' ') ?? 'all'}${step.waits_for.length === 0 ? '' : ` after ${step.waits_for.join()}`}`,
  )
}

const people = at('company', { opened_by: [{ identifier: 'email', columns: 'owner' }], provides: { number: 'id' } })
const orders = at('company', {
  opened_by: [{ identifier: 'number', columns: 'owner' }],
  refs: { owner: { collection: 'people', columns: 'owner' } },
})
const found = (source: string) => at(source, { opened_by: [{ identifier: 'number', columns: 'owner' }] })

describe('the steps of an erasure', () => {
  it('are one a source, where no source gives what another is searched by', () => {
    expect(stepsOf({ people, orders, letters: at('shop', { opened_by: [{ identifier: 'email', columns: 'owner' }] }) })).toEqual([
      'company: all',
      'shop: all',
    ])
  })

  it('let rows go last whose number finds those of other sources', () => {
    expect(stepsOf({ people, orders, grants: found('vendor') })).toEqual(['company: orders', 'company: all after 0,2', 'vendor: all'])
  })

  it('let rows wait for the source that the policy names, and with them what they refer to, but nothing else', () => {
    const waiting = { ...orders, after: ['grants'] }
    const steps = stepsOf({
      people,
      other: orders,
      waiting,
      grants: at('vendor', { opened_by: [{ identifier: 'email', columns: 'owner' }] }),
    })
    expect(steps).toEqual(['company: other', 'company: all after 0,2', 'vendor: all'])
  })

  it('wait only for what the plan has', () => {
    expect(stepsOf({ people, orders: { ...orders, after: [] } })).toEqual(['company: all'])
  })

  it('keep sources apart that have nothing to do with each other', () => {
    const tokens = at('company', { opened_by: [{ identifier: 'email', columns: 'owner' }], after: ['grants'] })
    const cards = at('company', { opened_by: [{ identifier: 'email', columns: 'owner' }], after: ['deliveries'] })
    const grants = at('vendor', { opened_by: [{ identifier: 'email', columns: 'owner' }] })
    const deliveries = at('shop', { opened_by: [{ identifier: 'email', columns: 'owner' }] })
    expect(stepsOf({ tokens, cards, grants, deliveries })).toEqual([
      'company: tokens after 3',
      'company: cards after 2',
      'shop: all',
      'vendor: all',
    ])
  })

  it('do not wait for each other where two sources find each other', () => {
    const cards = at('vendor', { opened_by: [{ identifier: 'number', columns: 'owner' }], provides: { card: 'id' } })
    const holder = { ...people, opened_by: [{ identifier: 'card', columns: 'owner' }] }
    expect(stepsOf({ people: holder, cards })).toEqual(['company: all after 1', 'vendor: all'])
  })

  it('that only change rows wait for nothing that the policy does not name', () => {
    expect(stepsOf({ people, orders, grants: found('vendor') }, 'change')).toEqual(['company: all', 'vendor: all'])
  })
})
