import { expect, test } from 'vitest'
import { problems } from './sound.ts'

const SET = '    set: { note: null }'
const RULE = 'action: strip, set: { client_id: null } }'

test.each<[string, string, string[]]>([
  [SET, '    set: { note: { remove: client } }', []],
  [SET, '    set: { note: { pseudonym: true }, issued_at: { replace: true } }', []],
  [SET, '    set: { note: { redact: true }, client_id: { drop: [a.b, c] } }', []],
  [
    SET,
    '    set: { note: { remove: email } }',
    [
      "email | expected an identifier of one column in opened_by of bills, whose values go, got 'email' (in collections.bills.set.note.remove)",
    ],
  ],
  [
    SET,
    '    set: { note: { remove: badge } }',
    ["badge | expected one of email, client, got 'badge', which identifiers does not declare (in collections.bills.set.note.remove)"],
  ],
  [
    SET,
    '    set: { note: { drop: [lines.0.name] } }',
    [
      "lines.0.name | expected names joined by dots, such as customer.email, and no places in a list, got 'lines.0.name' (in collections.bills.set.note.drop.0)",
    ],
  ],
  [RULE, 'action: strip, set: { note: { replace: true }, client_id: { truncate: postcode } } }', []],
  [
    RULE,
    'action: strip, set: { note: { redact: true }, client_id: { pseudonym: true } } }',
    [
      "redact | expected null, value, truncate, replace or drop, as a rule has no case, got 'redact' (in retention.clients.with.0.set.note.redact)",
      "pseudonym | expected null, value, truncate, replace or drop, as a rule has no case, got 'pseudonym' (in retention.clients.with.0.set.client_id.pseudonym)",
    ],
  ],
])('%s → %s', (from, to, expected) => {
  expect(problems(from, to)).toEqual(expected)
})
