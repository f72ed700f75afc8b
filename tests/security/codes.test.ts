import { expect, test } from 'vitest'
import { hashCode, newCode, parseCode, verifyCode } from '../../src/security/codes.ts'

test('a code has the form ABCD-EFGH, from twenty letters that nobody mistakes', () => {
  const letters = new Set<string>()
  for (let i = 0; i < 2_000; i++) {
    const code = newCode()
    expect(code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/)
    for (const letter of code.replace('-', '').split('')) letters.add(letter)
  }
  expect([...letters].toSorted().join('')).toBe('BCDFGHJKLMNPQRSTVWXZ')
  expect(Math.log2(letters.size ** 8)).toBeGreaterThan(34)
})

test.each(['bcdf-ghjk', 'BCDFGHJK', ' bcdf ghjk ', 'BCDF\u2011GHJK', 'B C D F - G H J K', 'BCDF\u00a0GHJK'])(
  '%s is typed for BCDF-GHJK',
  (typed) => {
    expect(parseCode(typed)).toBe('BCDF-GHJK')
  },
)

test.each(['', 'BCDF-GHJ', 'BCDF-GHJKL', 'ABCD-EFGH', 'BCDF-GHJ1', 'ＢCDF-GHJK', "BCDF-GHJ'"])('%s is no code', (typed) => {
  expect(parseCode(typed)).toBeUndefined()
})

test('a code opens its own hash however it is typed, and no other code does', async () => {
  const hash = await hashCode('BCDF-GHJK')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=7168,t=5,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(await verifyCode('bcdf ghjk', hash)).toBe(true)
  expect(await verifyCode('BCDF-GHJL', hash)).toBe(false)
  expect(await verifyCode('', hash)).toBe(false)
})

test('the same code has another hash each time', async () => {
  expect(await hashCode('BCDF-GHJK')).not.toBe(await hashCode('BCDF-GHJK'))
})

test.each([undefined, '', 'BCDF-GHJK', '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])(
  'no code opens the hash %s',
  async (hash) => {
    expect(await verifyCode('BCDF-GHJK', hash)).toBe(false)
  },
)

test('twenty people at once are all served', async () => {
  const hash = await hashCode('BCDF-GHJK')
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => verifyCode(i % 2 === 0 ? 'BCDF-GHJK' : 'BCDF-GHJL', hash)))
  expect(answers.filter((opened) => opened)).toHaveLength(10)
})
