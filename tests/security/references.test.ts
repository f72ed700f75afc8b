import { expect, test } from 'vitest'
import { newReference, parseReference } from '../../src/security/references.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

test('a new reference has the form that is promised, and reads back as itself', () => {
  for (let i = 0; i < 1_000; i++) {
    const reference = newReference()
    expect(reference).toMatch(/^HAB-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(parseReference(reference)).toBe(reference)
  }
})

test('case, spaces, missing dashes and look-alikes are forgiven', () => {
  const reference = referenceWith('0', '1')
  const typed = [
    reference.toLowerCase(),
    reference.replaceAll('-', ''),
    reference.replaceAll('-', ' '),
    reference.replaceAll('-', '–'),
    ` ${reference.slice(4)} `,
    reference.slice(4).replaceAll('-', ''),
    reference.replaceAll('0', 'O').replaceAll('1', 'l'),
    reference.replaceAll('0', 'o').replaceAll('1', 'I'),
  ]
  for (const text of typed) expect(parseReference(text)).toBe(reference)
})

test('one wrong character never passes', () => {
  const reference = newReference()
  for (const place of [4, 5, 6, 7, 9, 10, 11, 12]) {
    for (const character of ALPHABET) {
      if (character === reference[place]) continue
      expect(parseReference(reference.slice(0, place) + character + reference.slice(place + 1))).toBeUndefined()
    }
  }
})

test('two exchanged characters never pass', () => {
  const reference = newReference()
  const characters = reference.replaceAll('-', '').slice(3)
  for (let a = 0; a < 8; a++) {
    for (let b = a + 1; b < 8; b++) {
      if (characters[a] === characters[b]) continue
      const exchanged = characters.split('')
      ;[exchanged[a], exchanged[b]] = [characters.charAt(b), characters.charAt(a)]
      expect(parseReference(exchanged.join(''))).toBeUndefined()
    }
  }
})

test.each(['', 'HAB', 'HAB-7K3M-9QX', 'HAB-7K3M-9QX22', 'HAB-UUUU-UUUU', 'XXX-7K3M-9QX2', 'HAB-0000-000*'])(
  '%s is no reference',
  (typed) => {
    expect(parseReference(typed)).toBeUndefined()
  },
)

function referenceWith(...characters: string[]): string {
  for (;;) {
    const reference = newReference()
    if (characters.every((character) => reference.includes(character))) return reference
  }
}
