import { baseColumn } from '../../../policy/column-path.ts'
import type { Opening } from '../../source.ts'
import type { Database } from '../connection.ts'
import { leavesOf } from './leaf.ts'
import { columnOf, sqlColumn, sqlName, type Mapped } from '../names.ts'
import { missingSql } from './opening.ts'
import type { Parameters } from '../parameters.ts'
import { nobodyElsesSql, only, openedSql, sideSql, type Admitted } from './predicate.ts'

/** Marks of an opened row; no column of a mapped table is called so. */
const MARK = { ours: '"?ours"', own: '"?own"', others: '"?others"', gives: '"?gives"', lends: '"?lends"' } as const

/**
 * One statement that looks at the opened rows once: how many there are of each kind (`all`, `ours`, `own`, `shared`, `organisation`), as JSON
 * what they give of each identifier (`p0`, `p1`, … in the order of the policy, each value behind `own` or `lent`), and the keys of `persons`.
 */
export function lookSql(
  db: Database,
  place: Mapped,
  known: Admitted,
  most: { readonly identifiers: number; readonly persons: number },
  parameters: Parameters,
): string {
  const { provides, is_person, key } = place.collection
  const columns = [...new Set([...(is_person ? key : []), ...Object.values(provides).flat().map(baseColumn)])]
  const opened = openedRowsSql(db, place, known, columns, parameters)
  const lists = Object.values(provides).map((paths, index) => `${givenSql(db, place, paths, most.identifiers)} as p${index}`)
  if (is_person) lists.push(`${personsSql(db, place, most.persons)} as persons`)
  return `with opened as (${opened}) select counts.*${lists.map((list) => `, ${list}`).join('')} from (
    select count(*) as "all", count(*) filter (where ${MARK.ours}) as ours,
      count(*) filter (where ${MARK.ours} and ${MARK.own}) as own,
      count(*) filter (where ${MARK.ours} and ${MARK.others}) as shared,
      count(*) filter (where not ${MARK.ours} and (${MARK.own} or ${MARK.others})) as organisation
    from opened) counts`
}

type Kind = Opening['meaning'] | 'lent'

function kindOf({ meaning, lent }: Opening): Kind {
  return meaning === 'bridge' && lent === true ? 'lent' : meaning
}

/** The opened rows with their marks; the fence keeps a condition that is asked of other tables from being asked for each mark. */
function openedRowsSql(db: Database, place: Mapped, known: Admitted, columns: readonly string[], parameters: Parameters): string {
  const kinds = new Set(known.openings.map(kindOf))
  kinds.delete('person')
  const names = columns.map((name) => columnOf(db, place, name))
  // A row that nothing else can have opened need not be asked again what opened it.
  const by = (kind: Kind): string =>
    !kinds.has(kind)
      ? 'false'
      : kinds.size === 1
        ? 'true'
        : `${openedSql(
            db,
            place,
            't',
            only(known, (opening) => kindOf(opening) === kind),
            parameters,
          )} is true`
  const asked = [
    ...names.map((column) => sqlColumn('t', column)),
    `${by('own')} as "?o"`,
    `${by('shared')} as "?s"`,
    `${by('bridge')} as "?b"`,
    `${by('lent')} as "?l"`,
    `${nobodyElsesSql(db, place, 't', known, parameters)} as "?t"`,
    `${sideSql(db, place, 't', 'ours', parameters)} as ${MARK.ours}`,
  ]
  const marks = [
    ...names.map(sqlName),
    MARK.ours,
    `"?o" and "?t" as ${MARK.own}`,
    `("?o" or "?s") and not ("?o" and "?t") as ${MARK.others}`,
    `("?o" and "?t") or "?b" as ${MARK.gives}`,
    `"?s" or "?l" as ${MARK.lends}`,
  ]
  return `select ${marks.join(', ')} from (
    select ${asked.join(', ')} from ${place.from} t where ${openedSql(db, place, 't', known, parameters)} offset 0) t`
}

/** What the opened rows hold at the paths, each value once, half known ones left out. */
function givenSql(db: Database, place: Mapped, paths: readonly string[], most: number): string {
  const { from, leaves } = leavesOf(db, place, 't', paths)
  const values = leaves.map(({ sql }, index) => `${sql}::text as c${index}`).join(', ')
  const names = leaves.map((_, index) => `c${index}`).join(', ')
  const where = [MARK.ours, `(${MARK.gives} or ${MARK.lends})`, ...leaves.map((leaf) => `not ${missingSql(leaf)}`)]
  return `(select coalesce(json_agg(given), '[]') from (
    select json_build_array(case when bool_or(gives) then 'own' else 'lent' end, ${names}) as given
    from (select ${values}, ${MARK.gives} as gives from ${['opened t', ...from].join(', ')} where ${where.join(' and ')}) held
    group by ${names} limit ${most}) listed)`
}

/** Keys of the person's own rows; two people for one identifier are two people whoever controls their rows, so both sides are looked at. */
function personsSql(db: Database, place: Mapped, most: number): string {
  const key = place.collection.key.map((name) => sqlColumn('t', columnOf(db, place, name)))
  return `(select coalesce(json_agg(person), '[]') from (
    select json_build_array(${key.map((sql) => `${sql}::text`).join(', ')}) as person
    from opened t where ${MARK.own} order by ${key.join(', ')} limit ${most}) listed)`
}
