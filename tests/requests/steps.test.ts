import { describe, expect, it } from 'vitest'
import type { Policy } from '../../src/policy/schema.ts'
import type { PlanItem } from '../../src/planner/shape.ts'
import { applySteps, earlyPart } from '../../src/requests/carrying-out/apply-steps.ts'
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

interface Planned {
  readonly policy: Policy
  readonly items: readonly PlanItem[]
}

function planned(collections: Written['collections'], action: PlanItem['action'] = 'erase'): Planned {
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
  return { policy, items }
}

/** The steps of an erasure of these collections, each as its source, what it is about and which others it waits for. */
function stepsOf(collections: Written['collections'], action: PlanItem['action'] = 'erase'): string[] {
  const { policy, items } = planned(collections, action)
  return applySteps(policy, items).map(
    (step) =>
      `${step.source}: ${step.collections?.join(' ') ?? 'all'}${step.waits_for.length === 0 ? '' : ` after ${step.waits_for.join()}`}`,
  )
}

/** What need not wait for the vendor. */
function earlyOf(collections: Written['collections']): string[] {
  const { policy, items } = planned(collections)
  return earlyPart(policy, items, 'company', new Set(items.filter(({ source }) => source === 'vendor').map(({ collection }) => collection)))
}

const byEmail = [{ identifier: 'email', columns: 'owner' }]
const people = at('company', { opened_by: byEmail, provides: { number: 'id' } })
const orders = at('company', {
  opened_by: [{ identifier: 'number', columns: 'owner' }],
  refs: { owner: { collection: 'people', columns: 'owner' } },
})
const found = (source: string) => at(source, { opened_by: [{ identifier: 'number', columns: 'owner' }] })

describe('the steps of an erasure', () => {
  it('are one a source, where no source gives what another is searched by', () => {
    expect(stepsOf({ people, orders, letters: at('shop', { opened_by: byEmail }) })).toEqual(['company: all', 'shop: all'])
  })

  it('go in one transaction a source, after the sources that are searched by what its rows give', () => {
    const collections = { people, orders, grants: found('vendor') }
    expect(stepsOf(collections)).toEqual(['company: all after 1', 'vendor: all'])
    expect(earlyOf(collections), 'what need not wait for a vendor that is down').toEqual(['orders'])
  })

  it('let rows wait for the source that the policy names, and with them what they refer to, but nothing else', () => {
    const collections = {
      people,
      other: orders,
      waiting: { ...orders, after: ['grants'] },
      grants: { ...found('vendor'), opened_by: byEmail },
    }
    expect(stepsOf(collections)).toEqual(['company: all after 1', 'vendor: all'])
    expect(earlyOf(collections)).toEqual(['other'])
  })

  it('wait only for what the plan has', () => {
    expect(stepsOf({ people, orders: { ...orders, after: [] } })).toEqual(['company: all'])
  })

  it('are several a source only where each would have to wait for the other', () => {
    const first = at('company', { opened_by: byEmail })
    const second = at('vendor', { opened_by: byEmail, after: ['first'] })
    const third = at('company', { opened_by: byEmail, after: ['second'], refs: { first: { collection: 'kept', columns: 'owner' } } })
    expect(stepsOf({ first, second, third, kept: at('company', { opened_by: byEmail }) })).toEqual([
      'company: first',
      'company: third kept after 2',
      'vendor: all after 0',
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
