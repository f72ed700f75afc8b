import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

import { redactText, REDACTED_KINDS, type RedactedKind } from '../../src/sources/redaction.ts'
import { openCompany, opening, textOf, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const OWN = ['ada@example.com', 'ada.lovelace+x@müller.example']
const field = { redact: [...REDACTED_KINDS] }
const policy = policyOf({
  collections: {
    notes: {
      source: 'shop',
      table: 'notes',
      label: 'Notes',
      key: 'id',
      opened_by: [{ identifier: 'email', columns: 'owner' }],
      fields: { id: {}, body: field, other: { redact: ['email'] }, plain: {} },
    },
    wrong: {
      source: 'shop',
      table: 'notes',
      label: 'Notes',
      key: 'id',
      opened_by: [{ identifier: 'email', columns: 'owner' }],
      fields: { n: field },
    },
  },
})

let company: Company

beforeAll(async () => {
  company = await openCompany(
    policy,
    'create table notes (id int primary key, owner text default $$ada@example.com$$, body text, other text, plain text, n int)',
  )
})

const selection = {
  collection: 'notes',
  side: 'ours' as const,
  openings: [opening('email', 'owner', ['ada@example.com', 'ADA.lovelace+x@müller.example'], { compare: 'email' })],
}

describe('What is taken out of a text', () => {
  test.each<[RedactedKind, string, string]>([
    ['email', 'ask bob@x.com, Zoë.O_k+a@sub.example.co.uk.', 'ask [removed], [removed].'],
    [
      'email',
      '<mailto:bob@x.com> "bob@x.com" (bob@x.com) bob@x.com;eve@y.nl',
      '<mailto:[removed]> "[removed]" ([removed]) [removed];[removed]',
    ],
    ['email', 'user@host @ada a@b b@c.', 'user@host @ada a@b b@c.'],
    ['email', 'дара@пример.рф und b\u200bob@x.com', '[removed] und [removed]'],
    ['email', `bea#smith@ex.com, joe&jane@ex.com o'brien@ex.com;"bea smith"@ex.com`, '[removed], [removed] [removed];[removed]'],
    [
      'email',
      String.raw`"be\"a"@ex.com "a@b"@ex.com bea%40ex.com, {x}|~y*\`z\`=?@ex.com`.replaceAll('\\`', '`'),
      '[removed] [removed] [removed], [removed]',
    ],
    ['email', '50%40 "bob" @ex.com a%40b', '50%40 "bob" @ex.com a%40b'],
    ['iban', 'Nl91ABNA0417164300 nl91 abna 0417 1643 00, nl91-abna-0417-1643-00.', '[removed] [removed], [removed].'],
    ['iban', 'NL91\u202fABNA\u202f0417\u202f1643\u202f00 NL91\u2011ABNA.0417\u00a01643 00;', '[removed] [removed];'],
    ['iban', 'mt84 malt 0110 0001 2345 mtlc ast0 01s is MT84 MALT 0110 0001 2345 MTLC AST0 01S', '[removed] is [removed]'],
    [
      'card',
      '4111.1111.1111.1111 4111\u202f1111\u202f1111\u202f1111, 4111\u20111111\u00a01111\u20131111',
      '[removed] [removed], [removed]',
    ],
    [
      'phone',
      '06\u202f12\u202f34\u202f56\u202f78, +31\u20116\u201112345678; 06.12.34.56.78, (555)\u00a0123\u20114567',
      '[removed], [removed]; [removed], [removed]',
    ],
    ['iban', 'NL91ABNA0417164300, NL91 ABNA 0417 1643 00 and nl91abna0417164300', '[removed], [removed] and [removed]'],
    ['iban', 'BE68 5390 0754 7034 from NO9386011117947', '[removed] from [removed]'],
    ['iban', 'XX91ABNA0417164300 AB12 NL91 xNL91ABNA0417164300', 'XX91ABNA0417164300 AB12 NL91 xNL91ABNA0417164300'],
    ['card', '4111 1111 1111 1111, 5500-0000-0000-0004 and 378282246310005', '[removed], [removed] and [removed]'],
    ['card', 'at 1700000000000 order 123456789012', 'at 1700000000000 order 123456789012'],
    ['phone', '+49 (0) 30 123456, 0049 30 123456; 030/123456-7 +31612345678', '[removed], [removed]; [removed] [removed]'],
    ['phone', '(555) 123-4567 or 555-123-4567', '[removed] or [removed]'],
    [
      'phone',
      '2026-01-02 10:30:00, 01.02.2026, 12.50, v1.2.3, 0.123456789, 1 + 12',
      '2026-01-02 10:30:00, 01.02.2026, 12.50, v1.2.3, 0.123456789, 1 + 12',
    ],
    ['ip', 'from 192.168.1.20 and 2001:db8::1, 2001:db8:0:0:1:0:0:1', 'from [removed] and [removed], [removed]'],
    [
      'ip',
      '10:30:45 aa:bb:cc:dd:ee:ff std::string ad::be 1.2.3 999.1.1.1',
      '10:30:45 aa:bb:cc:dd:ee:ff std::string ad::be 1.2.3 999.1.1.1',
    ],
  ])('%s: %s', (kind, before, after) => {
    expect(redactText(before, [kind])).toBe(after)
  })

  test('are never the own addresses of the person, however they are written', () => {
    const text = 'ADA@example.com, xada@example.com, ada@example.com.au, ada@example.comx, bob@ada@example.com. ada@example.com.'
    expect(redactText(text, ['email'], OWN)).toBe('ADA@example.com, [removed], [removed], [removed], bob@[removed]. ada@example.com.')
  })
})

const piece = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'bob@x.com',
      OWN[0],
      OWN[1],
      'ADA@EXAMPLE.COM',
      'NL91ABNA0417164300',
      'NL91 ABNA 0417 1643 00',
      '4111 1111 1111 1111',
      '+49 (0) 30 123456',
      '030-1234567',
      "o'brien#x@x.com",
      '"bea smith"@x.com',
      'bea%40x.com',
      'Nl91ABNA0417164300',
      'nl91 abna 0417 1643 00',
      'NL91\u202fABNA\u20110417.1643 00',
      '4111.1111\u202f1111\u20111111',
      '06\u202f12\u00a034\u201156.78',
      '(555) 123-4567',
      '1.2.3.4',
      '2001:db8::1',
      '[removed]',
      '\u0001',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ' ',
      '.',
      ',',
      '-',
      '+',
      '(',
      ')',
      '@',
      ':',
      '::',
      '/',
      '[',
      ']',
      '_',
      '\n',
      '\u00a0',
      '\u202f',
      '\u2011',
      '%40',
      '"',
      "'",
      '#',
      '\\',
      'abcd',
      'nl91',
      'é',
      'ß',
      '😀',
      'a',
      'F',
      'x',
      '0',
      '1',
      '25',
      '255',
      '4',
      'NL91',
      '.com',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'0123456789abcdefXYZ@.:+-() '.split('')), maxLength: 24 }) },
)
const texts = fc.sample(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  { numRuns: 4_000, seed: 20261120 },
)

describe('JavaScript and PostgreSQL', () => {
  test('redact the same, and a second time nothing', async () => {
    await company.admin.query('truncate notes; ')
    await company.admin.query('insert into notes (id, body, other) select n, t, t from unnest($1::text[]) with ordinality u(t, n)', [texts])
    const shown = JSON.parse(await textOf(await company.source.disclose({ selection, format: 'json', columns: ['body', 'other'] }))) as {
      body: string
      other: string
    }[]
    const here = texts.map((text) => ({ body: redactText(text, REDACTED_KINDS, OWN), other: redactText(text, ['email'], OWN) }))
    expect(shown).toEqual(here)
    for (const [index, { body }] of here.entries()) expect(redactText(body, REDACTED_KINDS, OWN), JSON.stringify(texts[index])).toBe(body)
    const changed = here.filter(({ body }, index) => body !== texts[index])
    expect(changed.length).toBeGreaterThan(1_000)
    expect(await company.source.redactions({ selection, columns: ['body', 'other', 'plain', 'id'] })).toEqual({
      body: changed.length,
      other: here.filter(({ other }, index) => other !== texts[index]).length,
    })
  })

  test('take time that grows with the text, not with its square', async () => {
    const long = 60_000
    const hostile = [
      'a',
      'a@',
      'a.',
      '@a',
      'a@a-',
      '1',
      '1 ',
      '+1',
      '0',
      '(',
      'NL91 ',
      'NL91A',
      '1:',
      '1::',
      'f::',
      '1.',
      '255.',
      '-1',
      'é@',
      '_',
      '٣',
      '%40',
      'a%40',
      '"',
      '"a',
      '"@',
      '\\',
      'nl91',
      'nl91 abcd',
      '\u202f1',
      '4.',
    ].map((unit) => unit.repeat(long / unit.length))
    for (const text of hostile) expect(redactText(text, REDACTED_KINDS, OWN).length).toBeGreaterThan(0)
    await company.admin.query('truncate notes')
    await company.admin.query('insert into notes (id, body) select n, t from unnest($1::text[]) with ordinality u(t, n)', [hostile])
    // The statements of the source end by themselves after a minute; a square of 60,000 would take far longer.
    const shown = JSON.parse(await textOf(await company.source.disclose({ selection, format: 'json', columns: ['body'] }))) as {
      body: string
    }[]
    expect(shown).toEqual(hostile.map((text) => ({ body: redactText(text, REDACTED_KINDS, OWN) })))
  })
})

describe('A copy', () => {
  test('guards a redacted cell against formulas, and says what somebody has left out as that', async () => {
    await company.admin.query('truncate notes')
    await company.admin.query(
      `insert into notes (id, body, plain) values (1, '=(bob@x.com', 'bob@x.com'), (2, 'bob@x.com', null), (3, '+31612345678', null), (4, null, null)`,
    )
    const hidden = [{ column: 'body', keys: [['2']] }]
    expect(await textOf(await company.source.disclose({ selection, format: 'csv', columns: ['body', 'plain'], hidden }))).toBe(
      `body,plain\n'=([removed],bob@x.com\n[left out: about other people],\n[removed],\n,\n`,
    )
    expect(await company.source.redactions({ selection, columns: ['body', 'plain'], hidden })).toEqual({ body: 2 })
    expect(await company.source.redactions({ selection, columns: ['body'], spare: ['BOB@x.com'] })).toEqual({ body: 1 })
    expect(await company.source.redactions({ selection, columns: ['plain'] })).toEqual({})
  })

  test('can be redacted in texts only, which the check says', async () => {
    expect(await company.source.check()).toEqual([
      { collection: 'wrong', sentence: 'notes.n: expected a text to redact email, iban, card, phone, ip in, got integer' },
    ])
  })
})
