import {
  COLUMN_WORDS,
  type ColumnConcept,
  type Language,
  ORGANISATION_WORDS,
  PERSON_WORDS,
  type PersonKind,
  type Purpose,
  PURPOSE_WORDS,
  THING_WORDS,
} from './words.ts'

type Listed = readonly (readonly string[])[]

/** The parts of a name, lower case, without accents and endings of the plural: `CustomerIDs` and `customer_id` give the same. */
export function partsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[äöü]/g, (letter) => ({ ä: 'ae', ö: 'oe', ü: 'ue' })[letter] ?? letter)
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .split(/[^a-z0-9]+|(?<=[a-z])(?=\d)/)
    .filter((part) => part !== '')
    .map(stem)
}

/** What the name of a table says its rows are. */
export type Role = 'person' | 'purpose' | 'organisation' | 'thing' | 'unknown'

/** Which words of the catalogue stand in names, in the languages asked for. */
export class Vocabulary {
  readonly #columns: ReadonlyMap<ColumnConcept, Listed>
  readonly #persons: ReadonlyMap<PersonKind, Listed>
  readonly #purposes: ReadonlyMap<Purpose, Listed>
  readonly #roles: readonly (readonly [Role, Listed])[]

  constructor(languages: readonly Language[]) {
    this.#columns = listed(COLUMN_WORDS, languages)
    this.#persons = listed(PERSON_WORDS, languages)
    this.#purposes = listed(PURPOSE_WORDS, languages)
    this.#roles = [
      ['person', [...this.#persons.values()].flat()],
      ['purpose', [...this.#purposes.values()].flat()],
      ['organisation', wordList(ORGANISATION_WORDS, languages)],
      ['thing', wordList(THING_WORDS, languages)],
    ]
  }

  /** What a column's name says, the longest word first: `contact name` before `name`. */
  concepts(column: string): readonly ColumnConcept[] {
    return matching(this.#columns, partsOf(column))
  }

  /** What kind of people a table's name speaks of. */
  person(table: string): PersonKind | undefined {
    return matching(this.#persons, partsOf(table))[0]
  }

  /** What the rows of a table are for, by its name. */
  purpose(table: string): Purpose | undefined {
    return matching(this.#purposes, partsOf(table))[0]
  }

  /** The last word counts: `film_actor` is an actor, `customer_type` a type. */
  role(table: string): Role {
    const parts = partsOf(table)
    const ends = this.#roles.map(([role, words]) => ({ role, end: endOf(words, parts) })).filter(({ end }) => end > 0)
    return ends.toSorted((a, b) => b.end - a.end)[0]?.role ?? 'unknown'
  }
}

/** The same table or column in the singular: `order_lines` and `order_line`. */
export function sameName(one: string, other: string): boolean {
  return partsOf(one).join(' ') === partsOf(other).join(' ')
}

/** What is left when the endings of the plural are gone, in all four languages alike; words of the catalogue go the same way. */
function stem(part: string): string {
  let left = part.replace(/ies$/, 'y')
  while (left.length > 4 && /[esnx]$/.test(left)) left = left.slice(0, -1)
  return left
}

function listed<K extends string>(
  words: Readonly<Record<K, Readonly<Record<Language, string>>>>,
  languages: readonly Language[],
): Map<K, Listed> {
  // oxlint-disable-next-line no-unsafe-type-assertion -- Object.keys forgets which keys a record has
  return new Map((Object.keys(words) as K[]).map((key) => [key, wordList(words[key], languages)]))
}

function wordList(words: Readonly<Record<Language, string>>, languages: readonly Language[]): Listed {
  return languages
    .flatMap((language) => words[language].split(','))
    .map((word) => partsOf(word.trim()))
    .filter((word) => word.length > 0)
}

function matching<K>(words: ReadonlyMap<K, Listed>, parts: readonly string[]): K[] {
  return [...words]
    .map(([concept, listing]) => ({ concept, length: longest(listing, parts) }))
    .filter(({ length }) => length > 0)
    .toSorted((a, b) => b.length - a.length)
    .map(({ concept }) => concept)
}

/** How many parts the longest of the words has that stands in the name. */
function longest(words: Listed, parts: readonly string[]): number {
  return words.reduce((most, word) => (word.length > most && standsIn(word, parts) ? word.length : most), 0)
}

/** Where the last of the words ends in the name; 0 when none stands in it. */
function endOf(words: Listed, parts: readonly string[]): number {
  return words.reduce((last, word) => {
    const at = parts.findLastIndex((_, from) => word.every((part, index) => parts[from + index] === part))
    return at < 0 ? last : Math.max(last, at + word.length)
  }, 0)
}

function standsIn(word: readonly string[], parts: readonly string[]): boolean {
  return endOf([word], parts) > 0
}
