import { expect, test } from 'vitest'
import { baseColumn, isList, parseColumnPath } from '../../src/policy/column-path.ts'
import { columnPath } from '../../src/policy/schema-strategies.ts'
import { problems } from './sound.ts'

test.each([
  ['members', 'members', false, []],
  ['members[]', 'members', true, []],
  ['First Name', 'First Name', false, []],
  ['straße', 'straße', false, []],
  ['payload->owner->e-mail', 'payload', false, ['owner', 'e-mail']],
  ['payload->people[]->id', 'payload', false, ['people[]', 'id']],
  ['payload[]->tag$[]', 'payload', true, ['tag$[]']],
])('%s is read as it is written.', (text, column, each, steps) => {
  expect(columnPath.parse(text)).toBe(text)
  const path = parseColumnPath(text)
  expect({ ...path, steps: path.steps.map((step) => `${step.key}${step.each ? '[]' : ''}`) }).toEqual({ column, each, steps })
  expect([baseColumn(text), isList(text)]).toEqual([column, text.includes('[]')])
})

test.each(['', '[]', 'a[', 'a[0]', 'a->', '->a', 'a->b c', "a->b'c", 'a->"b"', 'a.b', 'a[][]', 'a->>b', 'a\n', 'a b[]'])(
  '%j is no path.',
  (text) => {
    expect(columnPath.safeParse(text).success).toBe(false)
    expect(() => parseColumnPath(text)).toThrow(TypeError)
  },
)

test.each<[string, string, string[]]>([
  ['columns: mail }', 'columns: "mail[]" }', []],
  ['columns: mail }', 'columns: mail->home->address }', []],
  ['columns: mail }', 'columns: mail, when: { left_at: x, id: [1, 2] } }', []],
  [
    'columns: mail }',
    'columns: "mial[]" }',
    ["\"mial[ | expected a field of clients (one of id, mail, left_at), got 'mial' (in collections.clients.opened_by.0.columns)"],
  ],
  [
    'client: id',
    'client: doc->id',
    ["doc->id | expected a field of clients (one of id, mail, left_at), got 'doc' (in collections.clients.provides.client)"],
  ],
  [
    'columns: mail }',
    'columns: mail, when: { kind: x } }',
    ["kind | expected a field of clients (one of id, mail, left_at), got 'kind' (in collections.clients.opened_by.0.when.kind)"],
  ],
  [
    'columns: mail }\n',
    'columns: mail, meaning: bridge }\n    is_person: true\n',
    [
      "bridge | expected own or shared: a row that is a person is not passed through, got 'bridge' (in collections.clients.opened_by.0.meaning)",
    ],
  ],
])('A path begins with a declared column: %s, %s', (from, to, expected) => {
  expect(problems(from, to)).toEqual(expected)
})
