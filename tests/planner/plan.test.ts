import { describe, expect, it } from 'vitest'
import { loadPolicy } from '../../src/policy/compile.ts'
import { makePlan, openQuestions, rowLimit, staysWithin, type PlanInput, type SurveyedCollection } from '../../src/planner/plan.ts'

const policy = await loadPolicy('examples/cowork')

function found(collection: string, rows = 1, more: Partial<SurveyedCollection> = {}): SurveyedCollection {
  return { collection, rows, organisation_rows: 0, shared_rows: 0, path: ['email', collection], ...more }
}

function input(more: Partial<PlanInput> = {}): PlanInput {
  return {
    policy,
    right: 'erasure',
    scope: {},
    regime: 'gdpr',
    identities: [{ kind: 'email', digest: 'a'.repeat(64), masked: 'a•••@e•••.com', proven_by: 'mailbox_code' }],
    surveyed: [found('accounts'), found('devices', 2), found('invoices', 6)],
    persons: ['1'.repeat(64)],
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
}

const actions = (more: Partial<PlanInput> = {}) =>
  Object.fromEntries(makePlan(input(more)).body.items.map(({ collection, action }) => [collection, action]))

describe('the hash of a plan', () => {
  it('does not depend on how many rows there are, nor on the order in which they were found', () => {
    const plan = makePlan(input())
    expect(makePlan(input({ surveyed: [found('invoices', 60), found('accounts'), found('devices', 7)] })).hash).toBe(plan.hash)
    expect(plan.findings.rows).toEqual({ accounts: 1, devices: 2, invoices: 6 })
  })

  it.each<[string, Partial<PlanInput>]>([
    ['the right', { right: 'delete' }],
    ['the scope', { scope: { from: '2026-01-01' } }],
    ['who was proven', { identities: [{ kind: 'email', digest: 'b'.repeat(64), masked: 'a•••@e•••.com', proven_by: 'mailbox_code' }] }],
    ['how it was proven', { identities: [{ kind: 'email', digest: 'a'.repeat(64), masked: 'a•••@e•••.com', proven_by: 'called back' }] }],
    ['the person behind the address', { persons: ['2'.repeat(64)] }],
    ['a new collection', { surveyed: [found('accounts'), found('devices'), found('invoices'), found('feedback')] }],
    ['the day until which something is kept', { kept_until: { invoices: '2034-12-31' } }],
    ['an answer', { answers: { identity: 'none' } }],
    ['a hold', { holds: [{ matter: 'Case 7', collection: undefined, review_on: '2027-01-01' }] }],
    ['another policy', { policy: { ...policy, hash: 'f'.repeat(64) } }],
    ['the limits', { policy: { ...policy, decisions: { ...policy.decisions, limits: { ...policy.decisions.limits, plus: 7 } } } }],
  ])('covers %s', (_, change) => {
    expect(makePlan(input(change)).hash).not.toBe(makePlan(input()).hash)
  })

  it('belongs to a plan that nobody can change afterwards', () => {
    const plan = makePlan(input())
    expect(() => Object.assign(plan.body.items[0] ?? {}, { action: 'keep' })).toThrow(TypeError)
  })
})

describe('a plan made again before the work', () => {
  const approved = makePlan(input()).body

  it('stays within the approved one when rows came and went in the same collections', () => {
    expect(staysWithin(approved, makePlan(input({ surveyed: [found('accounts'), found('devices', 3)] })).body)).toBe(true)
  })

  it.each<[string, Partial<PlanInput>]>([
    ['a new collection', { surveyed: [found('accounts'), found('feedback')] }],
    ['a new hold', { holds: [{ matter: 'Case 7', collection: 'accounts', review_on: '2027-01-01' }] }],
    ['another identity', { identities: [] }],
    ['another policy', { policy: { ...policy, hash: 'f'.repeat(64) } }],
    ['an ambiguity', { choices: ['accounts 1', 'accounts 2', 'none'], resolved: false }],
    ['the address leading to somebody else', { persons: ['2'.repeat(64)] }],
    ['nobody being there any more', { persons: [] }],
  ])('does not with %s', (_, change) => {
    expect(staysWithin(approved, makePlan(input(change)).body)).toBe(false)
  })

  it('may touch a fifth more rows and a hundred, and not one above', () => {
    expect(rowLimit(approved.limits, 1000)).toBe(1300)
    expect(rowLimit(approved.limits, 0)).toBe(100)
    expect(
      rowLimit({ factor: 1.2, plus: 100, rows_per_collection: 500, rows_per_source: 250_000, rows_per_transaction: 10_000 }, 1000),
    ).toBe(500)
  })
})

describe('an erasure', () => {
  it('erases, keeps by statute what the policy keeps, and keeps the record of the request', () => {
    expect(actions()).toEqual({ accounts: 'erase', devices: 'erase', invoices: 'keep', habeas_requests: 'keep' })
    const invoices = makePlan(input()).body.items.find(({ collection }) => collection === 'invoices')
    expect(invoices?.keep).toEqual({ basis: 'legal_obligation', statute: 'AWR art. 52(4)', jurisdiction: 'NL', until: '2033-12-31' })
    expect(invoices?.set).toMatchObject({ account_id: null, billing_email: null })
    expect(invoices?.fields).not.toContain('billing_email')
  })

  it('keeps what is under legal hold, and what the held rows refer to', () => {
    const holds = [{ matter: 'Case 7', collection: 'devices', review_on: '2027-01-01' }]
    expect(actions({ holds })).toMatchObject({ accounts: 'keep', devices: 'keep' })
    expect(actions({ holds: [{ matter: 'Case 7', collection: undefined, review_on: '2027-01-01' }] })).toMatchObject({
      accounts: 'keep',
      devices: 'keep',
    })
  })

  it('forwards what an organisation decides about, and touches none of it', () => {
    expect(actions({ surveyed: [found('conversations', 0, { organisation_rows: 4 })] })).toMatchObject({ conversations: 'forward' })
  })

  it('of an ambiguous person has no items and one open question', () => {
    const { body } = makePlan(input({ choices: ['accounts 1', 'accounts 2', 'none'], resolved: false }))
    expect(body.items).toEqual([])
    expect(openQuestions(body)).toMatchObject([{ id: 'identity', choices: ['accounts 1', 'accounts 2', 'none'] }])
  })
})

describe('a copy', () => {
  it('shows every field, and names those that are never shown by their type', () => {
    const item = makePlan(input({ right: 'access' })).body.items.find(({ collection }) => collection === 'accounts')
    expect(item?.fields).toContain('email')
    expect(item?.fields).not.toContain('password_hash')
    expect(item?.withheld).toEqual([{ field: 'password_hash', type: 'password hash' }])
  })

  it('to take elsewhere has only what was given or observed, under consent or contract', () => {
    expect(actions({ right: 'portability' })).toEqual({ accounts: 'disclose', devices: 'disclose' })
  })
})
