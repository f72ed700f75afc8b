import type { Opening } from '../../source.ts'
import type { Column } from '../catalog/catalog.ts'
import { isOfType } from '../catalog/column-types.ts'
import type { Parameters } from '../parameters.ts'

/**
 * An array, or a jsonb array, without the elements that are one of the person's values, as SQL; what holds none of them stays as it is. So does
 * an array of more than one dimension, which would lose its shape: `hasElementsSql` goes on to count it as left.
 */
export function withoutElementsSql(sql: string, column: Column, openings: readonly Opening[], parameters: Parameters): string {
  const { list, theirs } = elements(sql, column, openings, parameters)
  if (column.category === 'A')
    return `case when array_ndims(${sql}) = 1 and exists (select from ${list} where ${theirs})
      then array(select u.e from ${list} where (${theirs}) is not true order by u.n) else ${sql} end`
  return `case when exists (select from ${list} where ${theirs})
    then (select coalesce(jsonb_agg(u.e order by u.n), '[]') from ${list} where (${theirs}) is not true)::${column.type} else ${sql} end`
}

/** Whether one of the elements is one of the person's values, as SQL. */
export function hasElementsSql(sql: string, column: Column, openings: readonly Opening[], parameters: Parameters): string {
  const { list, theirs } = elements(sql, column, openings, parameters)
  return `exists (select from ${list} where ${theirs})`
}

function elements(sql: string, column: Column, openings: readonly Opening[], parameters: Parameters): { list: string; theirs: string } {
  const values = openings.filter(({ values: [first] }) => first?.length === 1)
  if (column.category === 'A') {
    const parts = values.map((known) => isTheirs('u.e', column.element, known, parameters))
    return { list: `unnest(${sql}) with ordinality u(e, n)`, theirs: either(parts) }
  }
  const json = `${sql}::jsonb`
  const list = `jsonb_array_elements(case jsonb_typeof(${json}) when 'array' then ${json} else '[]' end) with ordinality u(e, n)`
  return { list, theirs: either(values.map((known) => isTheirs(`(u.e #>> '{}')`, null, known, parameters))) }
}

/** Compares as a search does: as values of the type, whichever way they are written; where only the server knows what fits, as text. */
function isTheirs(element: string, type: Column['element'], { values, compare }: Opening, parameters: Parameters): string {
  const known = values.flatMap(([part = '']) => (part.includes('\0') || !part.isWellFormed() ? [] : [part]))
  const text = `${element}::text collate "C"`
  if (compare === 'email') return `lower(${text}) = any(${parameters.bind(known.map(folded))})`
  if (type === null || (type.category === 'S' && type.type !== 'citext')) return `${text} = any(${parameters.bind(known)})`
  const fitting = known.filter((part) => isOfType(type, part) === true)
  return `(${element} = any(${parameters.bind(fitting, type.cast)}) or ${text} = any(${parameters.bind(known)}))`
}

function either(parts: readonly string[]): string {
  return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`
}

/** A jsonb without these paths, as SQL; what has none of them stays as it is, and a path that leads through a text or a list removes nothing. */
export function withoutPathsSql(sql: string, column: Column, paths: readonly string[], parameters: Parameters): string {
  // Each step is a subquery that is computed once: an expression that names its source twice would double with every path.
  const result = paths.reduce((inner, path) => {
    const place = parameters.bind(path.split('.'))
    return `(select case when s.v #> ${place} is null then s.v else s.v #- ${place} end from (select ${inner} as v offset 0) s)`
  }, `${sql}::jsonb`)
  if (column.type === 'jsonb') return result
  return `(select case when d.v is distinct from ${sql}::jsonb then d.v::json else ${sql} end from (select ${result} as v offset 0) d)`
}

function folded(part: string): string {
  return part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
