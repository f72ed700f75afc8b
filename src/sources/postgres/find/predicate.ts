import { isEnough, isSameLink, personKeys, saysTheSame, type PersonKey } from '../../person-keys.ts'
import type { IdentifierValue, Opening, Selection } from '../../source.ts'
import { admitted, fittingOf, type Ask } from '../catalog/column-types.ts'
import { conditionSql } from './condition.ts'
import { withSession, type Database } from '../connection.ts'
import { leavesOf } from './leaf.ts'
import { columnOf, mapped, sqlColumn, type Mapped } from '../names.ts'
import { heldSql, missingSql, openingSql, whenSql } from './opening.ts'
import type { Parameters } from '../parameters.ts'

/** Openings whose values the columns can hold; those without a value left are gone. Only such openings may become a predicate. */
export interface Admitted {
  readonly openings: readonly Opening[]
  readonly admitted: true
}

/** Leaves out what can match no row, before any transaction: a value of another type would make the whole statement fail. */
export async function admit(db: Database, collection: string, openings: readonly Opening[]): Promise<Admitted> {
  const place = mapped(db, collection)
  // Most values are known to fit without asking, and then no connection is taken.
  const ask: Ask = (column, parts) => withSession(db, collection, (session) => fittingOf(session, column, parts))
  const kept: Opening[] = []
  for (const opening of openings) {
    if (opening.columns.length === 0) continue
    const columns = leavesOf(db, place, 't', opening.columns).leaves.map((leaf) => leaf.column)
    const values = await admitted(ask, columns, opening.values)
    if (values.length > 0) kept.push({ ...opening, values })
  }
  return { openings: kept, admitted: true }
}

/** Rows that one of the openings opens, as SQL; no opening is no row, never all of them. */
export function openedSql(db: Database, place: Mapped, alias: string, known: Admitted, parameters: Parameters): string {
  const opening = only(known, ({ meaning }) => meaning !== 'person').openings
  return anyIn(opening.map((one) => openingSql(db, place, alias, one, parameters)))
}

/** Rows that one of the openings opens, as SQL, without those that an own opening opens though they are somebody else's too. */
export function claimedSql(db: Database, place: Mapped, alias: string, known: Admitted, parameters: Parameters): string {
  const nobodyElses = nobodyElsesSql(db, place, alias, known, parameters)
  if (nobodyElses === 'true') return openedSql(db, place, alias, known, parameters)
  const own = openedSql(
    db,
    place,
    alias,
    only(known, ({ meaning }) => meaning === 'own'),
    parameters,
  )
  const rest = only(known, ({ meaning }) => meaning !== 'own' && meaning !== 'person').openings
  return anyIn([`(${own} and ${nobodyElses})`, ...rest.map((opening) => openingSql(db, place, alias, opening, parameters))])
}

/** Whether a row that an own opening opens holds no key of another person, as SQL: each key is missing or one of the known ones. */
export function nobodyElsesSql(db: Database, place: Mapped, alias: string, known: Admitted, parameters: Parameters): string {
  const own = only(known, ({ meaning }) => meaning === 'own').openings
  const keys = personKeys(db.policy, place.collection).filter((key) => own.some((opening) => !saysTheSame(opening, key)))
  return keys.length === 0 ? 'true' : keys.map((key) => isTheirsSql(db, place, alias, key, known, parameters)).join(' and ')
}

/**
 * Whether what stands in the columns of a key is missing, known to be this person's, or declared to be the key of something else. Where a
 * polymorphic link says nothing that the policy knows, it may be anybody's.
 */
function isTheirsSql(db: Database, place: Mapped, alias: string, key: PersonKey, known: Admitted, parameters: Parameters): string {
  const { from, leaves } = leavesOf(db, place, alias, key.columns)
  const theirs = known.openings.filter((opening) => (opening.meaning === 'own' || opening.meaning === 'person') && isSameLink(opening, key))
  const enough = known.openings.filter((opening) => isEnough(opening, key)).map((one) => openingSql(db, place, alias, one, parameters))
  const when = whenSql(db, place, alias, key.when, parameters)
  const declared = key.elsewhere.map((other) => `(${whenSql(db, place, alias, other, parameters) ?? 'true'}) is true`)
  const elsewhere = when === undefined || declared.length === 0 ? [] : [`((${when}) is not true and ${anyIn(declared)})`]
  const missing = leaves.map(missingSql)
  if (from.length === 0) {
    const held = theirs.map((opening) => openingSql(db, place, alias, opening, parameters))
    // As a test of a truth value it only filters: an index on a key that is often null must not decide where to search.
    return `${anyIn([...elsewhere, ...missing, ...held])} is true`
  }
  const held = theirs.map((opening) => {
    const inOrder = opening.columns.flatMap((name) => leaves[key.columns.indexOf(name)] ?? [])
    return heldSql(inOrder, opening, parameters)
  })
  const mine = when === undefined ? anyIn(held) : `(${anyIn(held)} and (${when}))`
  const others = `exists (select from ${from.join(', ')} where not ${anyIn(missing)} and ${mine} is not true)`
  return `${anyIn([...elsewhere, ...enough, `not ${others}`])} is true`
}

/** The rows of a selection, as SQL. What is only passed through is nobody's row to disclose or change, so a bridge selects nothing. */
export function selectionSql(db: Database, selection: Selection, alias: string, known: Admitted, parameters: Parameters): string {
  const place = mapped(db, selection.collection)
  const selected = only(known, ({ meaning }) => meaning !== 'bridge')
  const whose = selection.whose === 'shared' ? sharedSql : claimedSql
  return `${whose(db, place, alias, selected, parameters)} and ${sideSql(db, place, alias, selection.side, parameters)}`
}

/** Rows that are also somebody else's: those opened, without those that an own opening opens and that hold no key of another person. */
function sharedSql(db: Database, place: Mapped, alias: string, known: Admitted, parameters: Parameters): string {
  const own = only(known, ({ meaning }) => meaning === 'own')
  const theirs = `${openedSql(db, place, alias, own, parameters)} and ${nobodyElsesSql(db, place, alias, known, parameters)}`
  return `(${openedSql(db, place, alias, known, parameters)} and (${theirs}) is not true)`
}

/** The rows of a selection whose columns hold these very values, byte by byte. */
export function matchingSql(
  db: Database,
  selection: Selection,
  known: Admitted,
  matching: Readonly<Record<string, string>> | undefined,
  parameters: Parameters,
): string {
  const place = mapped(db, selection.collection)
  const held = Object.entries(matching ?? {}).map(
    ([name, value]) => `${sqlColumn('t', columnOf(db, place, name))}::text collate "C" = ${parameters.bind(value)}`,
  )
  return [selectionSql(db, selection, 't', known, parameters), ...held].join(' and ')
}

/** The rows with these primary keys, as SQL. */
export function keysSql(db: Database, place: Mapped, alias: string, keys: readonly IdentifierValue[], parameters: Parameters): string {
  const { key: columns } = place.collection
  return openingSql(db, place, alias, { columns, values: keys, compare: 'exact' }, parameters)
}

/** Those of the openings that `keep` keeps. */
export function only({ openings }: Admitted, keep: (opening: Opening) => boolean): Admitted {
  return { openings: openings.filter(keep), admitted: true }
}

/** Rows of the side asked for; a row for which the condition cannot be answered is ours. */
export function sideSql(db: Database, place: Mapped, alias: string, side: Selection['side'], parameters: Parameters): string {
  const condition = place.collection.organisation_controls
  if (condition === undefined || Object.keys(condition).length === 0) return side === 'ours' ? 'true' : 'false'
  return `(${conditionSql(db, place, alias, condition, parameters)}) is ${side === 'ours' ? 'not true' : 'true'}`
}

function anyIn(parts: readonly string[]): string {
  return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`
}
