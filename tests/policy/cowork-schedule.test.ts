import { beforeAll, describe, expect, test } from 'vitest'
import { loadPolicy } from '../../src/policy/compile.ts'
import type { Named, Policy, Rule } from '../../src/policy/schema.ts'

let policy: Policy

beforeAll(async () => {
  policy = await loadPolicy('examples/cowork')
})

function rule(id: string): Named<Rule> {
  const found = policy.rules.get(id)
  if (found === undefined) throw new Error(`no rule ${id}`)
  return found
}

/** What a rule does, without the words for people. */
function essence(id: string): object {
  const { collection, starts, period, when, action } = rule(id)
  return { collection, starts: starts && [starts.pick, ...starts.of], period, when, action }
}

describe('Every period counts from the promised start', () => {
  const private_ = { organisation_id: null }
  test.each<[string, object]>([
    [
      'account_private',
      {
        collection: 'accounts',
        starts: ['earliest', 'deletion_requested_at', 'closed_at'],
        period: 'P90D',
        when: private_,
        action: 'delete',
      },
    ],
    [
      'account_of_organisation',
      {
        collection: 'accounts',
        starts: ['earliest', 'deletion_requested_at', 'closed_at'],
        period: 'P90D',
        when: { organisation_id: { not: null } },
        action: 'delete',
      },
    ],
    ['invoices', { collection: 'invoices', starts: ['end_of_fiscal_year', 'issued_at'], period: 'P7Y', when: {}, action: 'delete' }],
    [
      'telemetry_identifiable',
      {
        collection: 'telemetry_events',
        starts: ['latest', 'occurred_at'],
        period: 'P12M',
        when: { device_id: { not: null } },
        action: 'anonymise',
      },
    ],
    ['telemetry_raw', { collection: 'telemetry_events', starts: ['latest', 'occurred_at'], period: 'P24M', when: {}, action: 'delete' }],
    ['crash_reports', { collection: 'crash_reports', starts: ['latest', 'received_at'], period: 'P6M', when: {}, action: 'delete' }],
    [
      'support_threads',
      { collection: 'support_tickets', starts: ['latest', 'last_interaction_at'], period: 'P3Y', when: {}, action: 'delete' },
    ],
    ['feedback', { collection: 'feedback', starts: ['latest', 'last_interaction_at'], period: 'P3Y', when: {}, action: 'delete' }],
    [
      'conversations_private',
      {
        collection: 'conversations',
        starts: ['latest', 'last_activity_at'],
        period: 'P5Y',
        when: { ...private_, 'account.training_opt_out': false },
        action: 'delete',
      },
    ],
    [
      'conversations_private_opted_out',
      {
        collection: 'conversations',
        starts: ['latest', 'last_activity_at'],
        period: 'P30D',
        when: { ...private_, 'account.training_opt_out': true },
        action: 'delete',
      },
    ],
    [
      'conversations_team',
      {
        collection: 'conversations',
        starts: ['latest', 'last_activity_at'],
        period: { days_from: 'organisation.conversation_retention_days', at_least: 1 },
        when: { 'organisation.plan': 'team' },
        action: 'delete',
      },
    ],
    [
      'conversations_enterprise',
      {
        collection: 'conversations',
        starts: ['latest', 'last_activity_at'],
        period: { days_from: 'organisation.conversation_retention_days', at_least: 0 },
        when: { 'organisation.plan': 'enterprise' },
        action: 'delete',
      },
    ],
    [
      'connector_grants',
      {
        collection: 'connector_grants',
        starts: ['latest', 'revoked_at', 'vendor_revoked_at'],
        period: 'P0D',
        when: { revoked_at: { not: null }, vendor_revoked_at: { not: null } },
        action: 'delete',
      },
    ],
    [
      'newsletter',
      { collection: 'newsletter_subscribers', starts: ['latest', 'withdrawn_at'], period: 'P30D', when: {}, action: 'delete' },
    ],
    [
      'marketing_preferences',
      { collection: 'marketing_preferences', starts: ['latest', 'withdrawn_at'], period: 'P30D', when: {}, action: 'delete' },
    ],
    ['security_log', { collection: 'security_events', starts: ['latest', 'occurred_at'], period: 'P12M', when: {}, action: 'delete' }],
    ['provider_logs', { collection: undefined, starts: undefined, period: 'P30D', when: {}, action: 'attest' }],
    ['incognito', { collection: undefined, starts: undefined, period: 'P30D', when: {}, action: 'attest' }],
    ['website_analytics', { collection: undefined, starts: undefined, period: undefined, when: {}, action: 'out_of_reach' }],
    ['own_computer', { collection: undefined, starts: undefined, period: undefined, when: {}, action: 'out_of_reach' }],
    ['own_records', { collection: undefined, starts: undefined, period: undefined, when: {}, action: 'own_records' }],
  ])('%s', (id, expected) => {
    expect(essence(id)).toEqual(expected)
  })

  test('Memory is kept exactly as the conversations it comes from.', () => {
    for (const plan of ['private', 'private_opted_out', 'team', 'enterprise']) {
      expect(essence(`memory_${plan}`)).toEqual({ ...essence(`conversations_${plan}`), collection: 'memory_entries' })
    }
  })

  test('No other rule exists, so nothing is erased that was not promised.', () => {
    expect(policy.rules.size).toBe(25)
  })
})

describe('What goes with an account', () => {
  const fate = (id: string) => rule(id).with.map((part) => `${part.action} ${part.collection}`)

  test('A private account takes everything that hangs on it, and strips what stays.', () => {
    expect(fate('account_private')).toEqual([
      'delete devices',
      'delete subscriptions',
      'delete connector_grants',
      'delete memory_entries',
      'delete conversations',
      'delete marketing_preferences',
      'strip invoices',
      'strip support_messages',
      'strip support_tickets',
      'strip feedback',
    ])
  })

  test('An account of an organisation leaves the content of the organisation alone.', () => {
    const left = fate('account_private').filter((step) => !fate('account_of_organisation').includes(step))
    expect(left).toEqual(['delete memory_entries', 'delete conversations'])
  })

  test('Invoices lose the same fields with the account as by an erasure, and none that the tax law asks for.', () => {
    const invoices = policy.collections.get('invoices')
    expect(invoices?.set).toEqual({
      account_id: null,
      billing_email: null,
      stripe_invoice_id: null,
      internal_note: null,
      restricted: { value: true },
    })
    for (const id of ['account_private', 'account_of_organisation']) {
      expect(rule(id).with.find((part) => part.collection === 'invoices')?.set).toEqual(invoices?.set)
    }
    expect(invoices).toMatchObject({
      on_erasure: 'keep',
      keep: { basis: 'legal_obligation', statute: 'AWR art. 52(4)', country: 'NL', rule: 'invoices' },
    })
    const minimum = rule('invoices').minimum
    expect(minimum).toMatchObject({ country: 'NL', statute: 'AWR art. 52(4)', period: 'P7Y' })
    expect(minimum?.fields.filter((field) => Object.hasOwn(invoices?.set ?? {}, field))).toEqual([])
  })

  test('At twelve months telemetry loses account, device and session, keeps the day, and is counted in groups of ten.', () => {
    const { set, aggregate } = rule('telemetry_identifiable')
    expect(set).toEqual({ account_id: null, device_id: null, session_id: null, occurred_at: { truncate: 'day' } })
    expect(aggregate).toMatchObject({ into: 'telemetry_daily', minimum_group: 10, distinct: { of: 'account_id', into: 'people' } })
  })
})
