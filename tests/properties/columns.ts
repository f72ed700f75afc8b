import { Dice } from './dice.ts'

/** What a column can hold, in the words of the generator. */
export type Kind = keyof typeof KINDS

interface KindOf {
  readonly sql: string
  /** A value as PostgreSQL writes it as text, with the mark of its owner where the type has room for one. */
  make(dice: Dice, mark: string): string
  /** What a JSON copy says for that text. */
  json(text: string): unknown
}

const same = (text: string): unknown => text
const HOSTILE = ['', "'", '"', '%', '_', '\\', '\n', '\t', ';--', '\u00a0', '\u0001', '😀', ' ', '=1+1']

/** The elements of an array as PostgreSQL writes it. */
export function readArray(text: string): string[] {
  const parts = text.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|[^,]+/gs) ?? []
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : part))
}

/** Every kind with its SQL type; types that a schema must have are created by sql.ts. */
export const KINDS = {
  text: { sql: 'text', make: hostile, json: same },
  varchar: { sql: 'varchar(80)', make: (_dice, mark) => mark, json: same },
  domain: { sql: 'short_text', make: (_dice, mark) => mark, json: same },
  int: { sql: 'int', make: (dice) => String(dice.below(2_000_000) - 1_000_000), json: Number },
  bigint: { sql: 'bigint', make: (dice) => String(dice.below(2_000_000_000) * 1000), json: Number },
  numeric: { sql: 'numeric(12,2)', make: (dice) => `${dice.below(10_000)}.${10 + dice.below(90)}`, json: Number },
  boolean: { sql: 'boolean', make: (dice) => String(dice.percent(50)), json: (text) => text === 'true' },
  date: { sql: 'date', make: (dice) => `20${10 + dice.below(16)}-0${1 + dice.below(9)}-${10 + dice.below(19)}`, json: same },
  instant: {
    sql: 'timestamptz',
    make: (dice) => `2025-0${1 + dice.below(9)}-1${dice.below(9)} 2${dice.below(4)}:30:00+00`,
    json: (text) => text.replace(' ', 'T').replace('+00', '+00:00'),
  },
  uuid: { sql: 'uuid', make: uuid, json: same },
  jsonb: { sql: 'jsonb', make: (_dice, mark) => `{"who": "${mark}", "seen": [1, null]}`, json: (text): unknown => JSON.parse(text) },
  list: { sql: 'text[]', make: (_dice, mark) => `{${mark},x}`, json: readArray },
  mood: { sql: 'mood', make: (dice) => dice.pick(['glad', 'sad', 'so so']), json: same },
  inet: { sql: 'inet', make: (dice) => `192.0.2.${dice.below(256)}`, json: (text) => text.replace('/32', '') },
  bytea: { sql: 'bytea', make: (dice) => `\\x${dice.hex(8)}`, json: same },
} satisfies Record<string, KindOf>

/** Kinds of which a row may have any number. */
export const FILLERS = Object.keys(KINDS) as Kind[]

/** A random value of a kind, as PostgreSQL writes it. */
export function makeValue(kind: Kind, dice: Dice, mark: string): string {
  return KINDS[kind].make(dice, mark)
}

/** What a JSON copy shows for a cell. */
export function jsonOf(kind: Kind, text: string | null): unknown {
  return text === null ? null : KINDS[kind].json(text)
}

export function uuid(dice: Dice): string {
  return `${dice.hex(8)}-${dice.hex(4)}-4${dice.hex(3)}-8${dice.hex(3)}-${dice.hex(12)}`
}

function hostile(dice: Dice, mark: string): string {
  const size = dice.percent(1) ? 65_536 : 0
  const start = dice.percent(10) ? dice.pick(['=', '+', '-', '@', '＝']) : ''
  return `${start}${mark}${dice.pick(HOSTILE)}${'x'.repeat(size)}`
}
