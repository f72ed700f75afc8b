import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compilePolicy, loadPolicy } from '../../src/policy/compile.ts'
import type { Category, Named, Policy } from '../../src/policy/schema.ts'

const FOLDER = 'examples/cowork'
let policy: Policy

beforeAll(async () => {
  policy = await loadPolicy(FOLDER)
})

function category(id: string): Named<Category> {
  const found = policy.categories.get(id)
  if (found === undefined) throw new Error(`no category ${id}`)
  return found
}

describe('Every row of the promised table stands in the policy', () => {
  test.each<[string, Category['basis'], string, string[]]>([
    ['account', 'contract', 'Account management', ['accounts', 'organisations', 'subscriptions']],
    ['device', 'contract', 'Service delivery (compatibility only)', ['devices']],
    ['billing', 'legal_obligation', 'Billing and tax', ['invoices']],
    ['telemetry', 'legitimate_interest', 'Improvement of the app', ['telemetry_events']],
    ['crash', 'legitimate_interest', 'Stability and security', ['crash_reports']],
    ['support', 'contract', 'Support', ['feedback', 'support_messages', 'support_tickets']],
    ['conversations', 'contract', 'Service delivery', ['conversations', 'memory_entries']],
    ['connectors', 'contract', 'Service delivery, your choice', ['connector_grants', 'vendor_grants']],
    ['marketing', 'consent', 'Product announcements', ['marketing_preferences', 'newsletter_subscribers']],
    ['security', 'legitimate_interest', 'Security and fraud prevention', ['security_events']],
    ['website_analytics', 'consent', 'Improvement of the website', []],
    ['provider_logs', 'legitimate_interest', 'Detection of abuse', []],
    ['incognito', 'contract', 'Service delivery', []],
    ['own_computer', 'contract', 'Service delivery, under your own control', []],
  ])('%s rests on %s', (id, basis, purpose, collections) => {
    expect(category(id)).toMatchObject({ basis, purpose })
    const held = [...policy.collections.values()].filter((collection) => collection.category === id).map((collection) => collection.id)
    expect(held.toSorted()).toEqual(collections)
  })

  test('What rests on a legitimate interest, or is marketing, says that one can object.', () => {
    const open = [...policy.categories.values()].filter((one) => one.objection_possible === true).map((one) => one.id)
    expect(open.toSorted()).toEqual(['crash', 'marketing', 'security', 'telemetry'])
  })
})

describe('Recipients', () => {
  test.each<[string, string, 'mail' | 'manual' | 'none']>([
    ['anthropic', 'processor', 'manual'],
    ['stripe', 'processor', 'manual'],
    ['vercel', 'processor', 'none'],
    ['clarity', 'independent_controller', 'none'],
    ['connected_tools', 'chosen_by_you', 'manual'],
    ['mail_delivery', 'processor', 'mail'],
    ['api_hosting', 'processor', 'none'],
    ['support_desk', 'processor', 'mail'],
  ])('%s is a %s and is told by %s', (id, role, notice) => {
    expect(policy.recipients.get(id)).toMatchObject({ role, notice })
  })

  test('Whoever gets data is a recipient of some category, and transfers to the US name their safeguard.', () => {
    const named = new Set([...policy.categories.values()].flatMap((one) => one.recipients))
    expect([...policy.recipients.keys()].filter((id) => !named.has(id))).toEqual([])
    const us = [...policy.recipients.values()].filter((one) => one.country === 'US')
    expect(us.map((one) => one.id)).toEqual(['anthropic', 'vercel', 'clarity', 'connected_tools'])
    expect(us.filter((one) => one.safeguard === undefined)).toEqual([])
    expect(category('conversations').recipients).toContain('anthropic')
    expect(category('billing').recipients).toContain('stripe')
    expect(category('website_analytics').recipients).toEqual(['vercel', 'clarity'])
  })
})

describe('Decisions, statements, open questions', () => {
  test('Two people approve an erasure; copies need no approval of the plan; what the law wants at once waits for nobody.', () => {
    const by = (approvals: string) =>
      Object.entries(policy.decisions.approvals)
        .filter(([, value]) => value === approvals)
        .map(([right]) => right)
        .toSorted()
    expect(by('two')).toEqual(['delete', 'erasure'])
    expect(by('automatic')).toEqual(['access', 'consent_withdrawal', 'know', 'limit', 'opt_out', 'portability'])
    expect(by('one')).toEqual(['automated_decision', 'correct', 'objection', 'rectification', 'restriction'])
    expect(policy.decisions).toMatchObject({
      cancel_window: 'PT72H',
      first_answer_days: 30,
      archive_expires_after: 'P14D',
      downloads: 5,
      purge_guard_percent: 20,
    })
    expect(policy.own_records).toEqual({ archive: 'P30D', never_proven: 'P90D', case_file: 'P36M', sign_in: 'P12M' })
  })

  test('Every reply says what is elsewhere.', () => {
    expect(policy.statements.map((one) => [one.title, one.rights.join()])).toEqual([
      ['On your own computer', 'access,erasure'],
      ['Incognito conversations', 'access,erasure'],
      ['Request logs at the model provider', 'access,erasure'],
      ['Website analytics', 'access,erasure'],
      ['Backups', 'erasure,delete'],
    ])
  })

  test('The open questions of the first customer are carried with owner and date.', () => {
    expect(policy.to_be_settled).toHaveLength(7)
    for (const word of ['training', 'memory', 'anonymised', 'Free plan', 'SCIM', 'sharing']) {
      expect(
        policy.to_be_settled.filter((one) => one.question.includes(word)),
        word,
      ).not.toHaveLength(0)
    }
    expect(policy.profiling.automated_decisions).toBe(false)
  })

  test('Secrets are named, never shown, and nothing of them can leak through a copy.', () => {
    const secret = [...policy.collections.values()].flatMap((collection) =>
      Object.entries(collection.fields).flatMap(([field, declared]) =>
        declared.never_disclose === undefined ? [] : [`${collection.id}.${field}`],
      ),
    )
    expect(secret).toEqual([
      'accounts.password_hash',
      'connector_grants.token_secret',
      'connector_grants.token_hash',
      'newsletter_subscribers.unsubscribe_token',
    ])
  })

  test('Organisations control conversations and memory; the account itself is ours.', () => {
    const controlled = [...policy.collections.values()].filter((one) => one.organisation_controls !== undefined).map((one) => one.id)
    expect(controlled).toEqual(['conversations', 'memory_entries'])
  })

  test('The data controller counts days in Amsterdam and answers to the Dutch authority.', () => {
    expect(policy.main).toMatchObject({ id: 'cowork', zone: 'Europe/Amsterdam', calendar: 'NL', country: 'NL', fiscal_year_ends: '12-31' })
    expect(policy.main.authority.name).toBe('Autoriteit Persoonsgegevens')
    expect(policy.sources.get('company')).toMatchObject({ kind: 'postgres', mode: 'enforce' })
  })
})

describe('The compiled policy', () => {
  const file = (name: string) => ({ name, text: readFileSync(`${FOLDER}/${name}`, 'utf8') })
  const NAMES = ['controllers.yaml', 'data-map.yaml', 'decisions.yaml', 'recipients.yaml', 'retention.yaml']

  test('Comments and the order of keys do not change its hash; a single period does.', () => {
    const files = NAMES.map(file)
    expect(compilePolicy(files).hash).toBe(policy.hash)
    const commented = files.map(({ name, text }) => ({ name, text: `# reviewed\n${text}` }))
    expect(compilePolicy(commented).hash).toBe(policy.hash)
    const [first, ...rest] = files
    if (first === undefined) throw new Error('no files')
    expect(compilePolicy([...rest, first]).hash).toBe(policy.hash)
    const later = files.map(({ name, text }) => ({ name, text: text.replace('period: P6M', 'period: P7M') }))
    expect(compilePolicy(later).hash).not.toBe(policy.hash)
  })

  test('Nothing of it can be changed afterwards.', () => {
    const accounts = policy.collections.get('accounts')
    expect(() => Object.assign(accounts ?? {}, { on_erasure: 'leave' })).toThrow(TypeError)
    expect(() => Object.assign(accounts?.fields['email'] ?? {}, { correctable: false })).toThrow(TypeError)
    expect(() => Object.assign(policy.decisions.limits, { plus: 1_000_000 })).toThrow(TypeError)
    expect(() => Reflect.apply(Reflect.get(policy.rules, 'delete'), policy.rules, ['invoices'])).toThrow('the policy is frozen')
    expect(() => Object.assign(policy, { hash: '' })).toThrow(TypeError)
    expect(policy.rules.has('invoices')).toBe(true)
  })

  test('People with a story stand beside the policy, not in it.', () => {
    const people: unknown = parse(readFileSync(`${FOLDER}/people.yaml`, 'utf8'))
    expect(Array.isArray(people) && people.every((one) => typeof one.email === 'string' && typeof one.note === 'string')).toBe(true)
  })
})
