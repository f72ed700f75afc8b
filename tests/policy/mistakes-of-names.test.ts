import { describe, expect, test } from 'vitest'
import { problems } from './sound.ts'

describe('A name that nothing declares is found', () => {
  test.each<[string, string, string[]]>([
    [
      '    category: people\n    key',
      '    category: persons\n    key',
      ["persons | expected one of people, money, got 'persons', which categories does not declare (in collections.clients.category)"],
    ],
    [
      'recipients: [mailer]',
      'recipients: [mailer, fax]',
      ["fax | expected mailer, got 'fax', which recipients does not declare (in categories.people.recipients.1)"],
    ],
    [
      'kept: seven years }',
      'kept: seven years, controller: other }',
      ["other | expected shop, got 'other', which controllers does not declare (in categories.money.controller)"],
    ],
    [
      '    source: main\n    table: bills',
      '    source: mian\n    table: bills',
      ["mian | expected main, got 'mian', which sources does not declare (in collections.bills.source)"],
    ],
    [
      '- { identifier: client, columns',
      '- { identifier: klient, columns',
      [
        "klient | expected one of email, client, got 'klient', which identifiers does not declare (in collections.bills.opened_by.0.identifier)",
      ],
    ],
    [
      'columns: mail }',
      'columns: email }',
      ["email | expected a field of clients (one of id, mail, left_at), got 'email' (in collections.clients.opened_by.0.columns)"],
    ],
    [
      'client: { collection: clients, columns',
      'client: { collection: customers, columns',
      [
        "customers | expected one of clients, bills, got 'customers', which collections does not declare (in collections.bills.refs.client.collection)",
      ],
    ],
    [
      'country: NL, rule: bills }',
      'country: NL, rule: invoices }',
      ["invoices | expected one of clients, bills, got 'invoices', which retention does not declare (in collections.bills.keep.rule)"],
    ],
    [
      '    starts: left_at',
      '    starts: gone_at',
      ["gone_at | expected a field of clients (one of id, mail, left_at), got 'gone_at' (in retention.clients.starts)"],
    ],
    [
      'issued_at }\n    period',
      'client.born_at }\n    period',
      ["{ | expected a field of clients (one of id, mail, left_at), got 'born_at' (in retention.bills.starts)"],
    ],
    [
      'issued_at }\n    period',
      'customer.left_at }\n    period',
      ["{ | expected a ref of bills (client), got 'customer' (in retention.bills.starts)"],
    ],
    [
      '    period: P7Y\n    action',
      '    period: { days_from: client.days }\n    action',
      ["client.days | expected a field of clients (one of id, mail, left_at), got 'days' (in retention.bills.period.days_from)"],
    ],
    [
      '    period: P7Y\n    action',
      '    period: P7Y\n    when: { client.plan: free }\n    action',
      ["client.plan | expected a field of clients (one of id, mail, left_at), got 'plan' (in retention.bills.when.client.plan)"],
    ],
    [
      '- { collection: bills, ref: client, action',
      '- { collection: bills, ref: owner, action',
      ["owner | expected a ref of bills that points at clients (client), got 'owner' (in retention.clients.with.0.ref)"],
    ],
    [
      'set: { client_id: null } }',
      'set: { customer_id: null } }',
      [
        "customer_id | expected a field of bills (one of id, client_id, amount, note, issued_at), got 'customer_id' (in retention.clients.with.0.set.customer_id)",
      ],
    ],
    [
      'fields: [id, amount] }',
      'fields: [id, total] }',
      [
        "total | expected a field of bills (one of id, client_id, amount, note, issued_at), got 'total' (in retention.bills.minimum.fields.1)",
      ],
    ],
    [
      '    provides:\n      client: id',
      '    provides:\n      klient: id',
      ["klient | expected one of email, client, got 'klient', which identifiers does not declare (in collections.clients.provides.klient)"],
    ],
  ])('%j → %j', (from, to, expected) => {
    expect(problems(from, to)).toEqual(expected)
  })
})
