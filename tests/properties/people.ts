import { uuid } from './columns.ts'
import type { Dice } from './dice.ts'
import type { KeyKind, Shape } from './shape.ts'
import type { Person } from './world.ts'

const NAMES = ['kim', "o'hara", '%', '_', 'ada_l', '100%', 'ISA', 'nora+x', 'jörg', 'kate"k']
const TEXT_KEYS = ['a', 'A', "o'b", '%', '_', '\u00e4', 'a\u0308', 'a b', '1', '\\', '🙂', 'null', '"']

/** People with addresses and keys that are easily taken for one another. */
export function makePeople(shape: Shape, dice: Dice): Person[] {
  const subject = shape.subject % shape.people
  const emails = new Map<number, string | null>()
  for (let index = 0; index < shape.people; index++) {
    emails.set(index, index === subject || dice.percent(80) ? `${dice.pick(NAMES)}.${index}k@example.com` : null)
  }
  const looked = emails.get(subject) ?? ''
  const twin = shape.twins ? (subject + 1) % shape.people : undefined
  if (twin !== undefined) emails.set(twin, dice.percent(50) ? swapCase(looked) : looked)
  const look = (subject + 2) % shape.people
  if (look !== subject) emails.set(look, lookAlike(looked, dice))
  const keys = keysOf(shape.person_key, shape.people, dice)
  return keys.map((key, index) => ({
    index,
    key,
    email: emails.get(index) ?? null,
    has_twin: twin !== undefined && (index === subject || index === twin),
  }))
}

/** Only A to Z change their case: what an address means is left alone otherwise. */
export function swapCase(text: string): string {
  return text.replaceAll(/[A-Za-z]/g, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()))
}

/** Another address, though it looks, sorts, matches or folds like the first. */
function lookAlike(address: string, dice: Dice): string {
  return dice.pick([
    address.replace('k@', '\u212a@'),
    `${address}\u00a0`,
    ` ${address}`,
    address.replace('@', '%@'),
    address.replace('k@', '_@'),
    address.replace('k@', '\uff4b@'),
    address.replace('e', '\u0435'),
    '%',
    '%@example.com',
    '',
    '\u00a0',
  ])
}

function keysOf(kind: KeyKind, count: number, dice: Dice): string[][] {
  return Array.from({ length: count }, (_, index) => {
    switch (kind) {
      case 'int':
        return [String(100 + ((index * 7) % 11))]
      case 'uuid':
        return [uuid(dice)]
      case 'text':
        return [TEXT_KEYS[index] ?? `key ${index}`]
      case 'composite':
        return [index % 2 === 0 ? 'x' : "y'", String(1 + Math.floor(index / 2))]
    }
  })
}
