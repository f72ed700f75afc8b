import { describe, expect, test } from 'vitest'
import { problems, SOUND } from './sound.ts'

describe('What does not fit together is found', () => {
  test.each<[string, string, string[]]>([
    [
      '    starts: left_at\n',
      '',
      [
        'delete | expected starts (the column from which the period counts) for the action delete, got nothing (in retention.clients.action)',
      ],
    ],
    [
      '    period: P1Y\n',
      '',
      ['delete | expected period (how long, such as P90D) for the action delete, got nothing (in retention.clients.action)'],
    ],
    [
      '    period: P1Y\n    action: delete',
      '    period: P1Y\n    action: strip',
      ['strip | expected set (what each row loses) for the action strip, got nothing (in retention.clients.action)'],
    ],
    [
      '    period: P1Y\n    action: delete',
      '    period: P1Y\n    action: anonymise\n    set: { mail: null }',
      [
        'anonymise | expected aggregate (what is counted before the rows lose their people) for the action anonymise, got nothing (in retention.clients.action)',
      ],
    ],
    [
      '    period: P1Y\n    action: delete',
      '    period: P1Y\n    action: own_records',
      [
        "collection | expected no collection for the action own_records, got 'collection' (in retention.clients.collection)",
        "starts | expected no starts for the action own_records, got 'starts' (in retention.clients.starts)",
        "period | expected no period for the action own_records, got 'period' (in retention.clients.period)",
      ],
    ],
    [
      '    period: P1Y\n    action: delete',
      '    period: P1Y\n    action: attest',
      [
        "collection | expected no collection for the action attest, got 'collection' (in retention.clients.collection)",
        "starts | expected no starts for the action attest, got 'starts' (in retention.clients.starts)",
        'attest | expected starts_label (the start event in words) for the action attest, got nothing (in retention.clients.action)',
      ],
    ],
    [
      'action: strip, set: { client_id: null } }',
      'action: strip }',
      ['strip | expected set (what each row loses) for the action strip, got nothing (in retention.clients.with.0.action)'],
    ],
    [
      'set: { client_id: null } }',
      'set: { amount: null } }',
      ["amount | expected a field that Tax Act does not ask to keep, got 'amount' (in retention.clients.with.0.set.amount)"],
    ],
    [
      '    set: { note: null }',
      '    set: { note: null, amount: null }',
      ["amount | expected a field that Tax Act does not ask to keep, got 'amount' (in collections.bills.set.amount)"],
    ],
    [
      '    period: P7Y\n    action',
      '    period: P6Y\n    action',
      ["P6Y | expected at least P7Y, which Tax Act asks for, got 'P6Y' (in retention.bills.period)"],
    ],
    [
      'minimum: { country: NL',
      'minimum: { country: DE',
      [
        "bills | expected a rule with a minimum of NL, as the statute obliges only there, got 'bills' with one of DE (in collections.bills.keep.rule)",
      ],
    ],
    [
      'country: NL, rule: bills }',
      'country: NL, rule: clients }',
      ["clients | expected a rule that deletes rows of bills, got 'clients' (in collections.bills.keep.rule)"],
    ],
    [
      '    keep: { basis: legal_obligation, statute: Tax Act, country: NL, rule: bills }\n',
      '',
      ['keep | expected keep (legal basis, statute, country and rule), got nothing (in collections.bills.on_erasure)'],
    ],
    [
      '    on_erasure: keep\n',
      '    on_erasure: leave\n',
      [
        'leave | expected leave_reason (why an erasure does not touch these rows), got nothing (in collections.bills.on_erasure)',
        'keep | expected keep only with on_erasure keep, got on_erasure leave (in collections.bills.keep)',
        'set | expected set only with on_erasure keep or detach, got on_erasure leave (in collections.bills.set)',
      ],
    ],
    ['    set: { note: null }', '', []],
    [
      'columns: client_id }\n    refs',
      'columns: [id, client_id] }\n    refs',
      ['[id | expected 1 column for client, as elsewhere, got 2 (in collections.bills.opened_by.0.columns)'],
    ],
    [
      'collection: clients, columns: client_id }',
      'collection: clients, columns: [id, client_id] }',
      ['[id | expected 1 column, as the key of clients has, got 2 (in collections.bills.refs.client.columns)'],
    ],
    [
      '    category: money\n    promise',
      '    category: people\n    promise',
      ["people | expected money, as the collection bills says, got 'people' (in retention.bills.category)"],
    ],
    [
      'kind: postgres, label: Main }',
      'kind: manual, label: Main }',
      [
        'manual | expected instructions (what the person is asked to do), got nothing (in sources.main.kind)',
        'manual | expected category (of what is found there), got nothing (in sources.main.kind)',
        "main | expected a source of kind postgres or http, got 'main', which a person looks into (in collections.clients.source)",
        "main | expected a source of kind postgres or http, got 'main', which a person looks into (in collections.bills.source)",
      ],
    ],
    [
      '  money: { label',
      '  other: { label: O, purpose: P, basis: consent, kept: k }\n  money: { label',
      ['other | expected a rule in retention that ends the category other, got nothing (in categories.other)'],
    ],
    [
      '    opened_by:\n      - { identifier: email, columns: mail }\n',
      '',
      [
        'clients | expected opened_by (the identifier that finds a person’s rows), or no category, got nothing (in collections.clients.opened_by)',
      ],
    ],
    [
      'compare: email }',
      'compare: exact }',
      ["{ | expected compare: email, as letters of an address may differ in case, got 'exact' (in identifiers.email)"],
    ],
  ])('%j → %j', (from, to, expected) => {
    expect(problems(from, to)).toEqual(expected)
  })
})

describe('two collections of one table', () => {
  const gifts = (more: string, when = '') => `  gifts:
    source: main
    table: bills
    label: Gifts
    category: money
    key: id
    opened_by:
      - { identifier: email, columns: note${when} }
    fields: { id: {}, note: {}, amount: {} }
${more}retention:
  clients:
    category`
  const said = (more: string, when?: string, sound?: string) => problems('retention:\n  clients:\n    category', gifts(more, when), sound)
  const MARKED = SOUND.replace('columns: client_id }', 'columns: client_id, when: { amount: [1, 2] } }')

  test('cannot keep and delete the same rows', () => {
    const sentence = 'expected on_erasure keep, as bills of the same table has, or `when` in both that tells their rows apart'
    expect(said('')).toEqual([`gifts | ${sentence}, got on_erasure delete (in collections.gifts.on_erasure)`])
    expect(said('    on_erasure: leave\n    leave_reason: R\n')).toEqual([])
    expect(said('', ', when: { amount: 1 }', MARKED)).toHaveLength(1)
    expect(said('', ', when: { amount: 3 }', MARKED)).toEqual([])
    expect(said('', ', meaning: bridge')).toEqual([])
  })
})
