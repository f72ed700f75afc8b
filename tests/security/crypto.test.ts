import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { equalInConstantTime, keyIdOf, openText, SealBroken, sealText } from '../../src/security/crypto.ts'

const key = randomBytes(32)
const PLACE = 'requests.email:01a1'

describe('a sealed text', () => {
  test.each(['', 'ada@example.com', 'Žofie Nováková 🦊', '\0', 'x'.repeat(100_000)])('opens where it was sealed', (plain) => {
    const sealed = sealText('k1', key, PLACE, plain)
    expect(sealed).toMatch(/^v1\.k1\.[A-Za-z0-9_-]+$/)
    expect(openText(key, PLACE, sealed)).toBe(plain)
  })

  test('names its key and shows nothing else', () => {
    const sealed = sealText('01a1-key', key, PLACE, 'ada@example.com')
    expect(keyIdOf(sealed)).toBe('01a1-key')
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').includes('ada')).toBe(false)
    expect(sealText('01a1-key', key, PLACE, 'ada@example.com')).not.toBe(sealed)
  })

  test('does not open at another place: of another row, another column', () => {
    const sealed = sealText('k1', key, PLACE, 'ada@example.com')
    expect(() => openText(key, 'requests.email:01a2', sealed)).toThrow(SealBroken)
    expect(() => openText(key, 'requests.name:01a1', sealed)).toThrow(SealBroken)
  })

  test('does not open under another key', () => {
    expect(() => openText(randomBytes(32), PLACE, sealText('k1', key, PLACE, 'ada'))).toThrow(SealBroken)
  })

  test('does not open when any of its bits was changed', () => {
    const [version, id, body = ''] = sealText('k1', key, PLACE, 'ada').split('.')
    const bytes = Buffer.from(body, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => openText(key, PLACE, `${version}.${id}.${changed.toString('base64url')}`)).toThrow(SealBroken)
    }
  })

  test('does not open when it was cut short or is no sealed text', () => {
    const sealed = sealText('k1', key, PLACE, 'ada')
    const broken = [
      sealed.slice(0, -1),
      sealed.slice(0, 20),
      `${sealed}A`,
      `${sealed}.`,
      sealed.replace('v1', 'v2'),
      'ada',
      '',
      'v1..AAAA',
      'v1.k1.',
    ]
    for (const text of broken) expect(() => openText(key, PLACE, text)).toThrow(SealBroken)
  })
})

test('texts are compared whole, of one length and of different ones', () => {
  expect(equalInConstantTime('abc', 'abc')).toBe(true)
  expect(equalInConstantTime('abc', 'abd')).toBe(false)
  expect(equalInConstantTime('abc', 'ab')).toBe(false)
  expect(equalInConstantTime('', '')).toBe(true)
})
