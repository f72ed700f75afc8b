import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashToken, isToken, newToken } from '../../src/security/tokens.ts'

test('a token is recognised by its prefix and checksum, and is never the same', () => {
  const tokens = new Set(Array.from({ length: 1_000 }, newToken))
  expect(tokens.size).toBe(1_000)
  for (const token of tokens) {
    expect(token).toMatch(/^hab_[0-9A-Za-z]{49}$/)
    expect(isToken(token)).toBe(true)
  }
})

test('one wrong character is noticed without the database', () => {
  const token = newToken()
  for (let place = 4; place < token.length; place++) {
    const other = token[place] === 'x' ? 'y' : 'x'
    expect(isToken(token.slice(0, place) + other + token.slice(place + 1))).toBe(false)
  }
})

test.each(['', 'hab_', 'Bearer hab_', newToken().slice(1), `${newToken()}x`, ` ${newToken()}`])('%s is no token', (text) => {
  expect(isToken(text)).toBe(false)
})

test('only the SHA-256 is kept', () => {
  const token = newToken()
  expect(hashToken(token)).toBe(createHash('sha256').update(token).digest('hex'))
})
