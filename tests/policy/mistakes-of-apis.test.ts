import { describe, expect, test } from 'vitest'
import { linesOf, problems, SOUND } from './sound.ts'

const API = `  grants:
    source: vendor
    label: Grants
    category: people
    key: id
    opened_by:
      - { identifier: client, columns: owner }
    fields: { id: {}, owner: {}, note: {} }
    http:
      find: { path: "/grants?owner={identifier}" }
      revoke: { method: POST, path: "/grants/{id}/revocation" }
`
const WITH_API = SOUND.replace(
  'sources:\n',
  'sources:\n  vendor: { kind: http, label: Vendor, http: { base_url: "https://vendor.example" } }\n',
).replace('collections:\n', `collections:\n${API}`)

describe('what an API cannot do, or was not told how to do, is found', () => {
  test('a sound one has none', () => {
    expect(linesOf([{ name: 'policy.yaml', text: WITH_API }])).toEqual([])
  })

  test.each<[string, string, string, string]>([
    [
      'a secret in the open',
      'https://vendor.example',
      'http://vendor.example',
      'expected an address that begins with https://, or private_network: true',
    ],
    [
      'a way in without a call',
      'client, columns: owner }',
      'client, columns: [owner, note] }',
      'expected a call that finds rows by client (own)',
    ],
    ['a call without the value', '?owner={identifier}', '', 'expected {identifier} in the path or the body of a call'],
    ['a call with another value', 'owner={identifier}', 'owner={identifier}&{note}', "got '{note}'"],
    [
      'a call that names no row',
      '/grants/{id}/revocation',
      '/grants/{note}/revocation',
      'expected a call that names one row by its key ({id})',
    ],
    [
      'no way to erase',
      '      revoke: { method: POST, path: "/grants/{id}/revocation" }\n',
      '',
      'expected erase or revoke (how a row goes at the API)',
    ],
    [
      'no way to change',
      'owner: {}, note: {} }',
      'owner: {}, note: { correctable: true } }',
      'expected change (how a field of a row is set at the API)',
    ],
    ['a place in a list', 'columns: owner }', 'columns: "owner[]" }', 'expected columns of the row itself'],
    ['a schedule', 'collection: clients\n    starts', 'collection: grants\n    starts', 'as an API does not say what is due'],
  ])('%s', (_, from, to, expected) => {
    expect(problems(from, to, WITH_API).join('\n')).toContain(expected)
  })

  test('a text of an API may be redacted, as that of a database', () => {
    expect(problems('owner: {}, note: {} }', 'owner: {}, note: { redact: [email] } }', WITH_API)).toEqual([])
  })
})
