import * as fc from 'fast-check'

export const LINKS = [
  'person',
  'email',
  'thing',
  'group',
  'editor',
  'pair',
  'author',
  'witness',
  'subscriber',
  'contact',
  'typed',
  'array',
  'json',
] as const
export const KEYS = ['int', 'uuid', 'text', 'composite'] as const
export const ON_DELETE = ['no action', 'cascade', 'set null'] as const

export type LinkKind = (typeof LINKS)[number]
export type KeyKind = (typeof KEYS)[number]
export type OnDelete = (typeof ON_DELETE)[number]

/** What a table is like; small numbers and `false` are the plain choices, towards which fast-check shrinks. */
export interface TableShape {
  readonly link: LinkKind
  readonly key: KeyKind
  /** Which of the tables that rows can hang on, counted round. */
  readonly target: number
  readonly on_delete: OnDelete
  readonly has_foreign_key: boolean
  readonly nullable: boolean
  readonly refers_to_itself: OnDelete | undefined
  /** The table it hangs on points back at it. */
  readonly circle: 'deferred' | 'one_deferred' | 'immediate' | undefined
  readonly erasure: 'delete' | 'keep' | 'detach' | 'leave'
  readonly organisations: boolean
  readonly second_source: boolean
  readonly fillers: readonly number[]
  readonly rows: number
}

/** A world before any value is chosen. */
export interface Shape {
  readonly salt: number
  readonly people: number
  readonly subject: number
  readonly person_key: KeyKind
  readonly people_refer: OnDelete | undefined
  readonly people_of_organisations: boolean
  /** Somebody has the subject's address but for the case of its letters. */
  readonly twins: boolean
  /** Only such references between rows of different people as an erasure can carry out. */
  readonly gentle: boolean
  readonly start: 'email' | 'person'
  /** The erasure goes in batches of few rows. */
  readonly in_batches: boolean
  readonly tables: readonly TableShape[]
}

const sometimes = <T>(value: fc.Arbitrary<T>, share: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 100 - share, arbitrary: fc.constant(undefined) }, { weight: share, arbitrary: value })
const percent = (share: number): fc.Arbitrary<boolean> =>
  fc.oneof({ weight: 100 - share, arbitrary: fc.constant(false) }, { weight: share, arbitrary: fc.constant(true) })

function tables(links: readonly LinkKind[]): fc.Arbitrary<TableShape> {
  return fc.record({
    link: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom<LinkKind>('person', 'thing') },
      { weight: 3, arbitrary: fc.constantFrom(...links) },
    ),
    key: fc.constantFrom(...KEYS),
    target: fc.nat(11),
    on_delete: fc.constantFrom(...ON_DELETE),
    has_foreign_key: percent(75),
    nullable: percent(50),
    refers_to_itself: sometimes(fc.constantFrom(...ON_DELETE), 25),
    circle: sometimes(fc.constantFrom('deferred' as const, 'one_deferred' as const, 'immediate' as const), 40),
    erasure: fc.oneof(
      { weight: 7, arbitrary: fc.constant('delete' as const) },
      { weight: 3, arbitrary: fc.constantFrom('keep' as const, 'detach' as const, 'leave' as const) },
    ),
    organisations: percent(12),
    second_source: percent(12),
    fillers: fc.array(fc.nat(99), { maxLength: 4 }),
    rows: fc.integer({ min: 1, max: 3 }),
  })
}

/** Any world with links of these kinds. */
export function shapes(links: readonly LinkKind[]): fc.Arbitrary<Shape> {
  return fc.noBias(
    fc.record({
      salt: fc.noShrink(fc.integer({ min: 0, max: 0x7fffffff })),
      people: fc.integer({ min: 3, max: 8 }),
      subject: fc.nat(7),
      person_key: fc.constantFrom(...KEYS),
      people_refer: sometimes(fc.constantFrom(...ON_DELETE), 20),
      people_of_organisations: percent(12),
      twins: percent(15),
      gentle: percent(75),
      in_batches: percent(30),
      start: fc.constantFrom('email' as const, 'person' as const),
      tables: fc.array(tables(links), { minLength: 3, maxLength: 7 }),
    }),
  )
}
