import { expect, test } from 'vitest'
import { mask } from '../../src/requests/mask.ts'

test.each([
  ['ada@example.com', 'a•••@e•••.com'],
  ['ada.lovelace@mail.example.co.uk', 'a•••@m•••.uk'],
  ['ada@localhost', 'a•••@l•••'],
  ['ada.lovelace', 'a•••'],
  ['06.12345678', '0•••'],
  ['203.0.113.77', '2•••'],
  ['42', '•••'],
  ['@ada.lovelace', '@•••'],
])('Staff see %s as %s.', (value, masked) => {
  expect(mask(value)).toBe(masked)
})
