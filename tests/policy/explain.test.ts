import { beforeAll, describe, expect, test } from 'vitest'
import { loadPolicy } from '../../src/policy/compile.ts'
import { explainPolicy } from '../../src/policy/explain.ts'
import type { Policy } from '../../src/policy/schema.ts'
import { describeCondition, describePeriod, describeSet, describeStart } from '../../src/policy/words.ts'

let policy: Policy
let text: string

beforeAll(async () => {
  policy = await loadPolicy('examples/cowork')
  text = explainPolicy(policy)
})

/** The lines of one block, from its heading to the next empty line, without the spaces that align them. */
function block(heading: string): string[] {
  const found = text.split('\n\n').find((part) => part.startsWith(heading))
  if (found === undefined) throw new Error(`no block ${heading}`)
  return found.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))
}

describe('The schedule', () => {
  test('Each rule says where, from when, how long and what happens.', () => {
    const lines = block('RETENTION SCHEDULE')
    expect(lines[1]).toBe('rule | where | starts | period | action')
    expect(lines).toContain('account_private | accounts | earliest of deletion_requested_at, closed_at | 90 days | delete')
    expect(lines).toContain('invoices | invoices | end of the financial year of issued_at | 7 years | delete')
    expect(lines).toContain('telemetry_identifiable | telemetry_events | occurred_at | 12 months | anonymise')
    expect(lines).toContain(
      'conversations_team | conversations | last_activity_at | days in organisation.conversation_retention_days, at least 1 | delete',
    )
    expect(lines).toContain("provider_logs | – | the request, by the provider's clock | 30 days | attest")
    expect(lines).toContain('own_computer | – | – | – | out_of_reach')
  })

  test('Under it stand the promise, the purpose, the condition, what goes along, and the statute.', () => {
    const lines = block('RETENTION SCHEDULE')
    expect(lines).toContain('“Crash reports are deleted after 6 months.”')
    expect(lines).toContain('Billing: Billing and tax, legal obligation')
    expect(lines).toContain('only rows where organisation_id is empty and account.training_opt_out is true')
    expect(lines).toContain('in the same transaction: delete support_messages')
    expect(lines).toContain('at least 7 years by AWR art. 52(4) (NL), from the end of the financial year')
    expect(lines).toContain('each row: empty account_id, empty device_id, empty session_id, keep only the day of occurred_at')
    expect(lines).toContain('counted before in telemetry_daily, groups of fewer than 10 people merged')
    expect(lines).toContain('archives 30 days, requests never proven 90 days, case files 36 months after closure, sign-ins 12 months')
  })

  test('Columns stand under each other.', () => {
    const rules = text.split('\n').filter((line) => /^ {2}(rule|crash_reports|feedback|newsletter) /.test(line) && !/\(/.test(line))
    expect(rules.length).toBeGreaterThan(3)
    const heading = rules[0]?.indexOf('period') ?? -1
    expect(rules.slice(1, 4).map((line) => line.slice(heading - 2, heading))).toEqual(['  ', '  ', '  '])
    expect(text.split('\n').filter((line) => line !== line.trimEnd())).toEqual([])
  })
})

describe('Each right', () => {
  test('An erasure deletes, keeps with its statute, detaches, leaves with a reason, and forwards to organisations.', () => {
    const lines = block('ERASURE')
    expect(lines[0]).toBe('ERASURE: Delete my data (Art. 17 GDPR); proof: code; approvals: two')
    expect(lines).toContain('accounts | by email, account_id | delete')
    expect(lines).toContain(
      'invoices | by account_id, email, invoice_number | keep by AWR art. 52(4) (NL) until the rule invoices ends it; empty account_id, empty billing_email, empty stripe_invoice_id, empty internal_note, set restricted to true',
    )
    expect(lines).toContain(
      'support_tickets | by account_id, email | detach: empty account_id, empty requester_email, empty requester_name, set subject to (erased)',
    )
    expect(lines).toContain(
      "organisations | by email (shared) | leave: The address is the organisation's contact; the organisation names another one.",
    )
    expect(lines).toContain('conversations | by account_id | delete; where organisation_id is not empty: forwarded to the organisation')
    expect(lines.some((line) => line.startsWith('telemetry_daily'))).toBe(false)
  })

  test('A copy names secrets and never lists them among what is shown.', () => {
    const accounts = block('ACCESS').find((line) => line.startsWith('accounts'))
    expect(accounts).toContain('; named, not shown: password_hash (password hash)')
    expect(accounts?.split(';')[0]).not.toContain('password_hash')
    expect(block('ACCESS').find((line) => line.startsWith('support_messages'))).toContain('others may appear: a person looks first')
  })

  test('Portability leaves out what rests on other grounds, and what was derived.', () => {
    const lines = block('PORTABILITY')
    expect(lines.map((line) => line.split(' | ')[0])).not.toContain('invoices')
    expect(lines.map((line) => line.split(' | ')[0])).not.toContain('telemetry_events')
    expect(lines.find((line) => line.startsWith('memory_entries'))).toContain('| disclose created_at, last_activity_at;')
  })

  test('Every right has a block, and those that touch no row say so.', () => {
    expect(block('OPT_OUT')).toContain('recorded as opt out and obeyed from then on; no row is touched')
    expect(block('KNOW')).toContain('to every collection what access does')
    expect(block('RECTIFICATION')).toContain('accounts | by email, account_id | change email, display_name, country, locale, birth_year')
    expect(block('RESTRICTION')).toContain('accounts | by email, account_id | set processing_restricted to true')
  })

  test('A source on paper is a person who looks.', async () => {
    const library = explainPolicy(await loadPolicy('tests/support/second-company/policy'))
    expect(library).toContain('Source papierakten: Papierakten (manual, a person looks).')
    expect(library).toContain('Papierakten: a person looks (Im Schrank der Zweigstelle')
  })
})

test('What is still open is listed with who settles it.', () => {
  expect(block('TO BE SETTLED')).toContain('Which plans have SCIM (dpo, since 2026-11-20)')
  expect(block('RECIPIENTS')).toContain('vercel | Vercel Inc. | processor | US | not told')
})

describe('Words', () => {
  test.each([
    ['P1D', '1 day'],
    ['P0D', '0 days'],
    ['P1Y6M', '1 year 6 months'],
    ['P2W', '2 weeks'],
    [undefined, '–'],
    [{ days_from: 'a.b', at_least: 0 }, 'days in a.b'],
  ])('%j → %s', (period, words) => {
    expect(describePeriod(period)).toBe(words)
  })

  test('Conditions, changes and starts.', () => {
    expect(describeCondition({ a: null, b: { not: null }, 'c.d': ['x', 2], e: false })).toBe(
      'a is empty and b is not empty and c.d is x or 2 and e is false',
    )
    expect(describeSet({ a: null, b: { value: 0 }, c: { truncate: 'month' } })).toBe('empty a, set b to 0, keep only the month of c')
    expect(describeStart({ pick: 'latest', of: ['a', 'b'] })).toBe('latest of a, b')
    expect(describeStart(undefined)).toBe('–')
  })
})
