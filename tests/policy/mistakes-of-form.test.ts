import { describe, expect, test } from 'vitest'
import { linesOf, problems, SOUND } from './sound.ts'

test('The policy that the mistakes are made in has none.', () => {
  expect(linesOf([{ name: 'policy.yaml', text: SOUND }])).toEqual([])
})

describe('A value of the wrong form is named with what would be right', () => {
  test.each<[string, string, string[]]>([
    [
      '    period: P1Y\n',
      '    period: 1 year\n',
      ["1 | expected an ISO 8601 duration of days, months or years, such as P90D, P12M, P7Y, got '1 year' (in retention.clients.period)"],
    ],
    [
      '    period: P1Y\n',
      '    period: 90\n',
      ['90 | expected an ISO 8601 duration such as P90D, or { days_from: column }, got 90 (in retention.clients.period)'],
    ],
    [
      '    period: P1Y\n    action: delete',
      '    period: P1Y\n    action: remove',
      ["remove | expected one of delete, strip, anonymise, attest, out_of_reach, own_records, got 'remove' (in retention.clients.action)"],
    ],
    [
      '    starts: left_at',
      '    starts: { latst: [left_at] }',
      [
        '{ | expected a column, { latest: [columns] }, { earliest: [columns] }, or { end_of_fiscal_year: column }, got a mapping with latst (in retention.clients.starts)',
      ],
    ],
    [
      '    starts: left_at',
      '    starts: { latest: [] }',
      ['[ | expected a list of at least 1 entry, got an empty list (in retention.clients.starts.latest)'],
    ],
    [
      '    country: NL\n    zone',
      '    country: NLD\n    zone',
      ["NLD | expected a text of exactly 2 letters, got 'NLD' (in controllers.shop.country)"],
    ],
    ['email: dpo@example.com', 'email: dpo', ["dpo | expected an e-mail address, got 'dpo' (in controllers.shop.dpo.email)"]],
    [
      'url: https://example.com',
      'url: example',
      ["example | expected a web address such as https://example.com, got 'example' (in controllers.shop.authority.url)"],
    ],
    ['    name: Shop\n', '', ['shop | expected name (a text), got nothing (in controllers.shop)']],
    ['    name: Shop\n', '    name: 7\n', ['7 | expected a text, got 7 (in controllers.shop.name)']],
    [
      '    set: { note: null }',
      '    set: { note: gone }',
      [
        "gone | expected null, { value: … }, { truncate: day|month|year|ip|postcode }, { replace: true }, { pseudonym: true }, { redact: true }, { remove: identifier } or { drop: [paths] }, got 'gone' (in collections.bills.set.note)",
      ],
    ],
    [
      '    set: { note: null }',
      '    set: { note: { truncate: hour } }',
      ["hour | expected one of day, month, year, ip, postcode, got 'hour' (in collections.bills.set.note.truncate)"],
    ],
    [
      '    key: id\n    opened_by:\n      - { identifier: email',
      `    key: [id, ${'é'.repeat(32)}]\n    opened_by:\n      - { identifier: email`,
      [`${'é'.repeat(32)} | expected a column or table name of 1 to 63 bytes, got '${'é'.repeat(32)}' (in collections.clients.key.1)`],
    ],
    [
      '  mailer: { name',
      '  Mailer!: { name',
      [
        "mailer | expected Mailer!, got 'mailer', which recipients does not declare (in categories.people.recipients.0)",
        "Mailer! | expected a lower-case name (letters, digits, - and _), got 'Mailer!' (in recipients.Mailer!)",
      ],
    ],
    [
      'retention:\n  clients:\n    category: people\n',
      'retention:\n  clients:\n    categry: people\n',
      [
        'clients | expected category (a text), got nothing (in retention.clients)',
        "categry | expected one of category, owner, starts, when, action, set, with, mode, promise, period, aggregate, minimum, …, got 'categry' (in retention.clients.categry)",
      ],
    ],
    ['habeas: 1', 'habeas: 2', ['2 | expected habeas: 1, the version of this format, got 2 (in habeas)']],
    ['habeas: 1\n', '', ['controllers | expected habeas: 1, the version of this format, got nothing']],
    [
      'recipients:\n  mailer',
      'receivers:\n  mailer',
      [
        "mailer | expected a name that is declared (there is none), got 'mailer', which recipients does not declare (in categories.people.recipients.0)",
        "receivers | expected one of controllers, identifiers, sources, categories, collections, recipients, retention, decisions, own_records, statements, profiling, to_be_settled, got 'receivers' (in receivers)",
      ],
    ],
    [
      'sources:\n  main: { kind: postgres, label: Main }',
      'sources: [main]',
      ['[main | expected a mapping of names, got a list (in sources)'],
    ],
    [
      'zone: Europe/Amsterdam',
      'zone: Europe/Amsterdm',
      ["Europe/Amsterdm | expected an IANA time zone such as Europe/Amsterdam, got 'Europe/Amsterdm' (in controllers.shop.zone)"],
    ],
    [
      '    calendar: NL',
      '    calendar: NL\n    fiscal_year_ends: 02-30',
      ["02-30 | expected a day of the year as MM-DD, such as 12-31, got '02-30' (in controllers.shop.fiscal_year_ends)"],
    ],
  ])('%j → %j', (from, to, expected) => {
    expect(problems(from, to)).toEqual(expected)
  })

  test('An unknown key is named at the key, with the keys that exist; the one it stands for is missed as well.', () => {
    expect(problems('    promise: A year', '    promises: A year')).toEqual([
      'clients | expected promise (a text), got nothing (in retention.clients)',
      "promises | expected one of promise, period, set, mode, owner, starts, when, action, with, minimum, category, aggregate, …, got 'promises' (in retention.clients.promises)",
    ])
  })

  test('Approvals of a right that does not exist are refused with the rights that do.', () => {
    const lines = linesOf([{ name: 'policy.yaml', text: `${SOUND}decisions:\n  approvals: { acces: one }\n` }])
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^policy\.yaml:67:16: expected one of access, .*…, got 'acces' \(in decisions\.approvals\.acces\)$/)
  })
})
