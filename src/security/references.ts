import { randomInt } from 'node:crypto'

// Crockford's base 32: no I, L, O (read as 1, 1, 0 when typed) and no U.
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A new reference such as `HAB-7K3M-9QX2`: 35 random bits and a check character. Not a secret, and not quite unique: the table decides that. */
export function newReference(): string {
  const characters = Array.from({ length: 7 }, () => CROCKFORD.charAt(randomInt(32))).join('')
  return spell(characters + checkCharacter(characters))
}

/** The reference that was typed, in its one spelling: case, spaces, dashes and look-alikes are forgiven; undefined when the check character is wrong. */
export function parseReference(typed: string): string | undefined {
  const plain = typed.replace(/[\s\p{Pd}]/gu, '').toUpperCase()
  const characters = (plain.length === 11 && plain.startsWith('HAB') ? plain.slice(3) : plain).replace(/[IL]/g, '1').replace(/O/g, '0')
  if (!/^[0-9A-HJKMNP-TV-Z]{8}$/.test(characters)) return undefined
  return checkCharacter(characters.slice(0, 7)) === characters[7] ? spell(characters) : undefined
}

function spell(characters: string): string {
  return `HAB-${characters.slice(0, 4)}-${characters.slice(4)}`
}

/** Weighs each place by another power of x in GF(32): one wrong character, or any two exchanged, never pass. */
function checkCharacter(characters: string): string {
  let sum = 0
  for (const character of characters) sum = timesX(sum ^ CROCKFORD.indexOf(character))
  return CROCKFORD.charAt(sum)
}

function timesX(value: number): number {
  const doubled = value << 1
  return doubled & 32 ? doubled ^ 0b100101 : doubled
}
