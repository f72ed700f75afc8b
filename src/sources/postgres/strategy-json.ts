import type { Opening } from '../source.ts'
import type { Column } from './catalog.ts'
import type { Parameters } from './parameters.ts'

/** An array, or a jsonb array, without the elements that are one of the person's values, as SQL; what holds none of them stays as it is. */
export function withoutElementsSql(sql: string, column: Column, openings: readonly Opening[], parameters: Parameters): string {
  const values = openings.filter(({ values: [first] }) => first?.length === 1)
  const isTheirs = (element: string): string => {
    const parts = values.map(({ values: known, compare }) => {
      const list = parameters.bind(
        known.flatMap(([part = '']) => (part.includes('\0') || !part.isWellFormed() ? [] : [compare === 'email' ? folded(part) : part])),
      )
      return `${compare === 'email' ? `lower(${element} collate "C")` : `${element} collate "C"`} = any(${list})`
    })
    return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`
  }
  if (column.category === 'A') {
    const theirs = isTheirs('u.e::text')
    return `case when exists (select from unnest(${sql}) u(e) where ${theirs})
      then array(select u.e from unnest(${sql}) with ordinality u(e, n) where (${theirs}) is not true order by u.n) else ${sql} end`
  }
  const json = `${sql}::jsonb`
  const theirs = isTheirs(`(u.e #>> '{}')`)
  const list = `jsonb_array_elements(case jsonb_typeof(${json}) when 'array' then ${json} else '[]' end) with ordinality u(e, n)`
  return `case when exists (select from ${list} where ${theirs})
    then (select coalesce(jsonb_agg(u.e order by u.n), '[]') from ${list} where (${theirs}) is not true)::${column.type} else ${sql} end`
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
