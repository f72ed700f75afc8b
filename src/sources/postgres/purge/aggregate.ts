import { SourceError } from '../../source.ts'
import type { Column, Table } from '../catalog/catalog.ts'
import { isText } from '../catalog/column-types.ts'
import { reach } from '../find/condition.ts'
import { perform, type Database, type Session } from '../connection.ts'
import type { Purging } from './due.ts'
import { lockedSql, type Locked } from './lock-due.ts'
import { lockStep } from '../change/marker.ts'
import { columnOf, sqlColumn, sqlName, sqlTable } from '../names.ts'
import { numbered, type Parameters } from '../parameters.ts'
import { localTime } from './start.ts'
import type { Tally } from '../change/touched-rows.ts'

/** One column of the aggregate and where its value comes from. */
interface Dimension {
  readonly column: Column
  /** SQL over the row `t`, in the type of the column. */
  readonly value: string
  /** The column whose calendar day it is; a day is never merged away: it says when, not who. */
  readonly day_of: string | undefined
}

const OTHER = '(other)'

/**
 * Counts the locked rows into the aggregate before they lose what identifies them.
 *
 * A group keeps its name when at least `minimum_group` people stand behind it: counted over all rows of that group that still name a person,
 * due or not, so that a day that is worked off in two batches, or two nights, is judged as a whole; or when it has its name already. All other
 * groups of a day become one: `(other)` in text columns, null in the rest. When even that has too few people, or a column can hold neither,
 * the rows are counted nowhere. `distinct` is the number of people at the first count and is never added up, or people would count twice;
 * without it, rows stand in for people.
 */
export async function addToAggregate(db: Database, session: Session, purging: Purging, locked: Locked, tally: Tally): Promise<void> {
  const { aggregate } = purging.request.rule
  if (aggregate === undefined) return
  const into = db.catalog.tables.get(aggregate.into)
  if (into === undefined) throw missing(db, purging, aggregate.into)
  // Two rules that count into the same table would both insert the same group.
  await lockStep(session, `aggregate ${db.catalog.schema}.${into.name}`)
  const parameters = numbered()
  const text = aggregateSql(db, purging, locked, into, parameters)
  const { rows } = await perform(db, session, purging.place.collection.id, text, parameters.values)
  tally.add(into, 'updated', Number(rows[0]?.['updated']))
  tally.add(into, 'inserted', Number(rows[0]?.['inserted']))
}

function aggregateSql(db: Database, purging: Purging, locked: Locked, into: Table, parameters: Parameters): string {
  const { place, request } = purging
  const { aggregate } = request.rule
  if (aggregate === undefined) throw new TypeError(`rule ${request.rule.id} has no aggregate`)
  const dimensions = dimensionsOf(db, purging, into, parameters)
  const names = dimensions.map((_, index) => `d${index}`).join(', ')
  const values = dimensions.map(({ value }, index) => `${value} as d${index}`).join(', ')
  const merged = dimensions.map((dimension, index) => `${mergedSql(dimension, `d${index}`, parameters)} as d${index}`).join(', ')
  const same = sameDimensions(dimensions, (index) => `w.d${index}`)
  const known = sameDimensions(dimensions, (_, column) => sqlColumn('a', column))
  const person =
    aggregate.distinct === undefined ? '(t.tableoid::text || t.ctid::text)' : sqlColumn('t', columnOf(db, place, aggregate.distinct.of))
  const enough = parameters.bind(String(aggregate.minimum_group), 'int')
  const named = `exists (select from ${sqlTable(db, into)} a where ${known})`
  const holdable = dimensions.every(({ column, day_of }) => day_of !== undefined || isText(column) || !column.not_null)
  return `
    with taken as (select ${values} from ${place.from} t where ${lockedSql(locked, 't', parameters)}),
    groups as (select row_number() over () as g, ${names}, count(*) as n from taken group by ${names}),
    whole as (select ${values}, ${person} as person from ${place.from} t where ${person} is not null and ${aroundSql(db, purging, dimensions, locked, parameters)}),
    pairs as (select distinct g, person from groups f join whole w on ${same}),
    behind as (select g, count(*) as people from pairs group by g),
    weighed as (select f.*, coalesce(people, 0) as people from groups f left join behind using (g)),
    judged as (select f.*, people >= ${enough} or ${named} as keeps from weighed f),
    merged as (select *, dense_rank() over (order by ${names}) as o from (select ${merged}, n, g from judged where not keeps) small),
    crowds as (select o, count(distinct person) as people from merged join pairs using (g) group by o),
    others as (select f.*, coalesce(people, 0) as people from (select o, ${names}, sum(n) as n from merged group by o, ${names}) f left join crowds using (o)),
    final as materialized (
      select row_number() over () as id, f.* from (
        select ${names}, n, people from judged where keeps
        union all select ${names}, n, people from others f where ${String(holdable)} and (people >= ${enough} or ${named})) f),
    ${writingSql(db, purging, into, dimensions, names, known)}`
}

/** Adds to groups that are there, inserts those that are not, and says how many of each. */
function writingSql(db: Database, purging: Purging, into: Table, dimensions: readonly Dimension[], names: string, known: string): string {
  const { aggregate } = purging.request.rule
  const count = sqlName(intoColumn(db, purging, into, aggregate?.count ?? ''))
  const people = aggregate?.distinct === undefined ? undefined : sqlName(intoColumn(db, purging, into, aggregate.distinct.into))
  const columns = [...dimensions.map(({ column }) => sqlName(column)), count, ...(people === undefined ? [] : [people])].join(', ')
  return `updated as (
      update ${sqlTable(db, into)} a set ${count} = coalesce(a.${count}, 0) + f.n${people === undefined ? '' : `, ${people} = greatest(a.${people}, f.people)`}
      from final f where ${known} returning f.id),
    inserted as (
      insert into ${sqlTable(db, into)} (${columns})
      select ${names}, n${people === undefined ? '' : ', people'} from final where not exists (select from updated where updated.id = final.id) returning true)
    select (select count(*) from updated) as updated, (select count(*) from inserted) as inserted`
}

function dimensionsOf(db: Database, purging: Purging, into: Table, parameters: Parameters): readonly Dimension[] {
  return Object.entries(purging.request.rule.aggregate?.dimensions ?? {}).map(([name, source]) => {
    const column = intoColumn(db, purging, into, name)
    if (typeof source === 'string')
      return { column, value: `${reach(db, purging.place, 't', source).sql}::${column.cast}`, day_of: undefined }
    const local = localTime(reach(db, purging.place, 't', source.day_of), parameters.bind(purging.request.zone))
    return { column, value: `${local}::date::${column.cast}`, day_of: source.day_of }
  })
}

/** Whether a group `f` and something else have the same dimensions; days are never null and let the server join by hash or index. */
function sameDimensions(dimensions: readonly Dimension[], other: (index: number, column: Column) => string): string {
  const parts = dimensions.map(
    ({ column, day_of }, index) => `${other(index, column)} ${day_of === undefined ? 'is not distinct from' : '='} f.d${index}`,
  )
  return parts.length === 0 ? 'true' : parts.join(' and ')
}

function mergedSql({ column, day_of }: Dimension, name: string, parameters: Parameters): string {
  if (day_of !== undefined) return name
  return isText(column) ? parameters.bind(OTHER, column.cast) : `null::${column.cast}`
}

/** Rows around the locked ones that can share a group with them: those of the same days, where a day decides; else all. */
function aroundSql(db: Database, purging: Purging, dimensions: readonly Dimension[], locked: Locked, parameters: Parameters): string {
  const day = dimensions.find(
    ({ day_of }) => day_of !== undefined && !day_of.includes('.') && purging.request.rule.starts?.of.join() === day_of,
  )
  if (day?.day_of === undefined || locked.range === null) return 'true'
  const column = columnOf(db, purging.place, day.day_of)
  const zone = parameters.bind(purging.request.zone)
  const [first, last] = locked.range.map((at) => `date_trunc('day', ${parameters.bind(at, 'timestamptz')} at time zone ${zone})`)
  const edge = (local: string): string => (column.type === 'timestamptz' ? `(${local} at time zone ${zone})` : local)
  return `${sqlColumn('t', column)} >= ${edge(String(first))} and ${sqlColumn('t', column)} < ${edge(`(${String(last)} + interval '1 day')`)}`
}

function intoColumn(db: Database, purging: Purging, into: Table, name: string): Column {
  const column = into.columns.get(name)
  if (column === undefined) throw missing(db, purging, `${into.name}.${name}`)
  return column
}

function missing(db: Database, { place }: Purging, name: string): SourceError {
  return new SourceError(
    db.declaration.id,
    place.collection.id,
    'schema',
    `${db.catalog.schema}.${name}, the aggregate, does not exist or is not visible`,
  )
}
