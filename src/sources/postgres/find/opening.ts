import type { Condition } from '../../../policy/schema.ts'
import type { IdentifierValue, Opening } from '../../source.ts'
import type { Column } from '../catalog/catalog.ts'
import { isText, isWhole } from '../catalog/column-types.ts'
import { conditionSql } from './condition.ts'
import type { Database } from '../connection.ts'
import { leavesOf, type Leaf } from './leaf.ts'
import { sqlColumn, type Mapped } from '../names.ts'
import type { Parameters } from '../parameters.ts'

type Wanted = Pick<Opening, 'columns' | 'values' | 'compare' | 'when'>
type When = Opening['when']

/** A number as JSON and PostgreSQL write it, short enough for any server. */
const JSON_NUMBER = /^-?(0|[1-9]\d{0,999})(\.\d{1,999})?$/

/** Whether the row that `alias` names holds one of the values at the places of the opening, as SQL; no place or no value is no row. */
export function openingSql(db: Database, place: Mapped, alias: string, opening: Wanted, parameters: Parameters): string {
  if (opening.columns.length === 0 || opening.values.length === 0) return 'false'
  const { from, leaves } = leavesOf(db, place, alias, opening.columns)
  const parts = [
    whenSql(db, place, alias, opening.when, parameters),
    ...leaves.map((leaf, index) => finderSql(alias, leaf, index, opening, parameters)),
  ]
  const held = heldSql(leaves, opening, parameters)
  // The parts one by one let indexes work; only the pairs themselves decide.
  if (leaves.length > 1) {
    for (const [index, leaf] of leaves.entries()) if (!isInList(leaf)) parts.push(anyOf(leaf, index, opening, parameters))
  }
  parts.push(from.length === 0 ? held : `exists (select from ${from.join(', ')} where ${held})`)
  const given = parts.filter((part) => part !== undefined)
  return given.length === 1 ? given.join('') : `(${given.join(' and ')})`
}

/** Whether the places, taken together, hold one of the values, as SQL over whatever their lists stand in. */
export function heldSql(leaves: readonly Leaf[], opening: Wanted, parameters: Parameters): string {
  const [first] = leaves
  if (first === undefined || opening.values.length === 0) return 'false'
  if (leaves.length === 1) return anyOf(first, 0, opening, parameters)
  const lists = leaves.map((_, index) => parameters.bind(partsOf(opening, index))).join(', ')
  const pair = leaves.map((_, index) => `v${index}`).join(', ')
  const pairs = leaves.map((leaf, index) => guarded(leaf, equal(leaf.sql, leaf.column, `pair.v${index}`, opening.compare)))
  return `exists (select from unnest(${lists}) pair(${pair}) where ${pairs.join(' and ')})`
}

/** Whether nothing that identifies stands at the place, as SQL. */
export function missingSql({ sql, column, guard }: Leaf): string {
  const missing = isText(column) ? `(nullif(btrim(${sql}::text), '') is null)` : `(${sql} is null)`
  return guard === undefined ? missing : `((${guard}) is not true or ${missing})`
}

/** The row's own columns hold what the link asks for; undefined where it asks for nothing. */
export function whenSql(db: Database, place: Mapped, alias: string, when: When, parameters: Parameters): string | undefined {
  if (when === undefined || Object.keys(when).length === 0) return undefined
  const condition = Object.entries(when).map(([name, value]): [string, Condition[string]] => [
    name,
    typeof value === 'object' ? [...value] : value,
  ])
  return conditionSql(db, place, alias, Object.fromEntries(condition), parameters)
}

/** A place is compared in the column's own type, so that its indexes work. */
function anyOf(leaf: Leaf, index: number, opening: Wanted, parameters: Parameters): string {
  const { sql, column } = leaf
  const values = partsOf(opening, index)
  if (opening.compare === 'email') return guarded(leaf, emailOf(sql, column, parameters.bind(values)))
  if (isBytewise(column)) return guarded(leaf, `${sql} = any(${parameters.bind(values, column.cast)})`)
  const decides = `${bytesSql(sql)} = any(${parameters.bind(values)})`
  return guarded(leaf, helps(column) ? `(${sql} = any(${parameters.bind(values, column.cast)}) and ${decides})` : decides)
}

/** `any(list)` over elements is beyond an index; `&&` and `@>` are not, but may find more than is meant, so they never decide. */
function finderSql(
  alias: string,
  { base, column, path }: Leaf,
  index: number,
  opening: Wanted,
  parameters: Parameters,
): string | undefined {
  if (!base.gin_index || opening.compare === 'email') return undefined
  const sql = sqlColumn(alias, base)
  // Named in full: an extension's operator of the same name refuses arrays that hold a null.
  if (base.cast === `${column.cast}[]`) return `${sql} operator(pg_catalog.&&) ${parameters.bind(partsOf(opening, index), column.cast)}`
  if (base.type !== 'jsonb') return undefined
  const documents = partsOf(opening, index).flatMap((part) => {
    const text = JSON.stringify(part)
    return (JSON_NUMBER.test(part) ? [text, part] : [text]).map((value) => documentOf(path, value))
  })
  return `${sql} operator(pg_catalog.@>) any(${parameters.bind(documents, 'jsonb')})`
}

/** The smallest document that holds the value at the path. */
function documentOf({ each, steps }: Leaf['path'], value: string): string {
  const inner = steps.reduceRight((below, step) => `{${JSON.stringify(step.key)}:${step.each ? `[${below}]` : below}}`, value)
  return each ? `[${inner}]` : inner
}

function isInList({ path: { each, steps } }: Leaf): boolean {
  return each || steps.some((step) => step.each)
}

function guarded({ guard }: Leaf, sql: string): string {
  return guard === undefined ? sql : `(${guard} and ${sql})`
}

function partsOf({ values, compare }: Wanted, index: number): readonly string[] {
  return values.map((value) => comparable(value, index, compare))
}

function comparable(value: IdentifierValue, index: number, compare: Opening['compare']): string {
  const part = value[index] ?? ''
  return compare === 'email' ? part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : part
}

/** A usual index on `lower(column)` may fold more than A to Z: it helps to find, and never decides. */
function emailOf(sql: string, column: Column, list: string): string {
  const decides = `${foldedSql(sql)} = any(${list})`
  return column.lower_index ? `(lower(${sql}) = any(array(select lower(address) from unnest(${list}) address)) and ${decides})` : decides
}

function equal(sql: string, column: Column, value: string, compare: Opening['compare']): string {
  if (compare === 'email') return `${foldedSql(sql)} = ${value}`
  return isBytewise(column) ? `${sql} = ${value}::${column.cast}` : `${bytesSql(sql)} = ${value}`
}

/** Only A to Z lose their case in collation C; a dotless i or a Kelvin sign stays what it is. */
function foldedSql(sql: string): string {
  return `lower(${sql}::text collate "C")`
}

function bytesSql(sql: string): string {
  return `${sql}::text collate "C"`
}

/** Types that call different writings equal (letters' case, blanks at the end, 1.0 and 1.00); their `=` may help to find, never to decide. */
function helps(column: Column): boolean {
  return column.type === 'citext' || column.type === 'bpchar' || !column.deterministic || (column.category === 'N' && !isWhole(column))
}

/** `name` and `"char"` cut a text short when cast, so they are compared as text. */
function isBytewise(column: Column): boolean {
  return (
    !helps(column) && column.type !== 'name' && column.type !== 'char' && (!isText(column) || ['text', 'varchar'].includes(column.type))
  )
}
