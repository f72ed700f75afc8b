import { parseColumnPath } from '../../../policy/column-path.ts'
import type { Collection, Condition, Named, Rule, Strategy } from '../../../policy/schema.ts'
import type { SchemaProblem } from '../../source.ts'
import type { Column, Table } from '../catalog/catalog.ts'
import { checkCascades } from './check-cascades.ts'
import { isComparable, isInstant, isText, isWhole } from '../catalog/column-types.ts'
import type { Database } from '../connection.ts'
import { leafColumn } from '../find/leaf.ts'

type Say = (sentence: string) => void

/** What the data map says of this database and its schema does not bear out, all of it; a sentence names table, column, what was expected and what is there. */
export function checkMapping(db: Database): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = []
  if (!db.catalog.counts_rows) {
    problems.push({
      collection: '',
      sentence: `expected the setting track_counts to be on, got off: effects could not be checked`,
    })
  }
  for (const collection of db.policy.collections.values()) {
    if (collection.source !== db.declaration.id) continue
    const say: Say = (sentence) => problems.push({ collection: collection.id, sentence })
    const table = db.catalog.tables.get(collection.table)
    if (table === undefined)
      say(`table ${db.catalog.schema}.${collection.table}: expected to exist and be visible to our role, got nothing`)
    else new Checking(db, collection, table, say).collection()
  }
  problems.push(...checkCascades(db))
  return problems
}

class Checking {
  readonly #db: Database
  readonly #collection: Named<Collection>
  readonly #table: Table
  readonly #say: Say

  constructor(db: Database, collection: Named<Collection>, table: Table, say: Say) {
    this.#db = db
    this.#collection = collection
    this.#table = table
    this.#say = say
  }

  collection(): void {
    const { key, fields, opened_by, provides, refs, set, restrict_with, organisation_controls, organisation_contact } = this.#collection
    if (this.#table.inherited)
      this.#say(`table ${this.#table.name}: expected a table or a partitioned table, got one that others inherit from`)
    for (const name of Object.keys(fields)) this.column(name, 'a field')
    this.key(key)
    for (const opening of opened_by) this.opening(opening)
    for (const columns of Object.values(provides)) for (const path of columns) this.leaf(path, 'provides')
    for (const [name, ref] of Object.entries(refs)) this.ref(name, ref.collection, ref.columns)
    this.changes(set)
    for (const [name, value] of Object.entries(restrict_with)) this.changes({ [name]: { value } })
    if (organisation_controls !== undefined) this.condition(organisation_controls)
    if (organisation_contact !== undefined) this.path(organisation_contact, 'organisation_contact')
    for (const rule of this.#db.policy.rules.values()) this.rule(rule)
  }

  column(name: string, use: string): Column | undefined {
    const column = this.#table.columns.get(name)
    if (column === undefined) this.#say(`${this.#table.name}.${name} (${use}): expected a column, got nothing of that name`)
    return column
  }

  key(key: readonly string[]): void {
    const columns = key.map((name) => this.column(name, 'key'))
    if (columns.includes(undefined)) return
    const unique = this.#table.unique.some((set) => set.length === key.length && set.every((name) => key.includes(name)))
    if (!unique) this.#say(`${this.#table.name} (key): expected ${key.join(', ')} to be the primary key or unique, got neither`)
  }

  opening({ identifier, columns, when }: Collection['opened_by'][number]): void {
    const kind = this.#db.policy.identifiers.get(identifier)
    for (const path of columns) {
      const column = this.leaf(path, `opened by ${identifier}`)
      if (column !== undefined && kind?.compare === 'email' && !isText(column)) this.unfit(column, 'text, as addresses are')
    }
    for (const [name, value] of Object.entries(when)) this.when(name, typeof value === 'object' ? value : [value])
  }

  /** A value that the column cannot hold would make every look at the table fail. */
  when(name: string, values: readonly (string | number | boolean)[]): void {
    const column = this.column(name, 'when')
    if (column === undefined) return
    if (isWhole(column) && !values.every((value) => Number.isInteger(Number(value))))
      this.unfit(column, `a column that can hold ${values.join(', ')}`)
    else if (!isComparable(column)) this.unfit(column, 'a type that can be compared')
  }

  /** The value that a way in names: the column, an element of it, or a place in its JSON. */
  leaf(text: string, use: string): Column | undefined {
    const path = parseColumnPath(text)
    const base = this.column(path.column, use)
    if (base === undefined) return undefined
    const leaf = leafColumn(base, path)
    if ('expected' in leaf) this.unfit(base, leaf.expected)
    else if (!isComparable(leaf)) this.unfit(leaf, 'a type that can be compared')
    else return leaf
    return undefined
  }

  ref(name: string, target: string, names: readonly string[]): void {
    const columns = names.map((column) => this.column(column, `ref ${name}`))
    const pointed = this.#db.policy.collections.get(target)
    if (pointed === undefined || pointed.source !== this.#collection.source) {
      this.#say(`${this.#table.name} (ref ${name}): expected a collection of the same source, got ${target}`)
      return
    }
    if (pointed.key.length !== names.length) {
      this.#say(
        `${this.#table.name} (ref ${name}): expected ${pointed.key.length} column(s) as in the key of ${target}, got ${names.length}`,
      )
    }
    for (const [index, column] of columns.entries()) {
      const key = this.#db.catalog.tables.get(pointed.table)?.columns.get(pointed.key[index] ?? '')
      if (
        column === undefined ||
        key === undefined ||
        key.type === column.type ||
        (isText(key) && isText(column)) ||
        (isWhole(key) && isWhole(column))
      )
        continue
      this.unfit(column, `${key.cast} as in the key of ${target}`)
    }
  }

  changes(set: Readonly<Record<string, Strategy>>): void {
    for (const [name, strategy] of Object.entries(set)) {
      const column = this.column(name, 'set')
      if (column === undefined) continue
      if (column.generated) this.unfit(column, 'a column that can be set')
      if (this.#collection.key.includes(name)) this.unfit(column, 'a column outside the key')
      if (strategy === null && column.not_null) this.unfit(column, 'a column that may be null')
    }
  }

  condition(condition: Condition): void {
    for (const path of Object.keys(condition)) this.path(path, 'condition')
  }

  rule(rule: Named<Rule>): void {
    if (rule.collection === this.#collection.id) {
      this.start(rule)
      this.condition(rule.when)
      this.changes(rule.set)
      this.aggregate(rule)
      for (const name of rule.minimum?.fields ?? []) this.column(name, `minimum of ${rule.id}`)
    }
    for (const dependent of rule.with) {
      if (dependent.collection !== this.#collection.id) continue
      const ref = this.#collection.refs[dependent.ref]
      if (ref === undefined || ref.collection !== rule.collection) {
        this.#say(
          `${this.#table.name} (rule ${rule.id}): expected a ref ${dependent.ref} to ${rule.collection ?? 'a collection'}, got none`,
        )
      }
      this.changes(dependent.set)
    }
  }

  start(rule: Named<Rule>): void {
    for (const path of rule.starts?.of ?? []) {
      const column = this.path(path, `start of ${rule.id}`)
      if (column !== undefined && !isInstant(column)) this.unfit(column, 'a date or a time')
    }
    if (typeof rule.period !== 'object') return
    const days = this.path(rule.period.days_from, `period of ${rule.id}`)
    if (days !== undefined && !isWhole(days)) this.unfit(days, 'a whole number of days')
  }

  aggregate(rule: Named<Rule>): void {
    const { aggregate } = rule
    if (aggregate === undefined) return
    for (const source of Object.values(aggregate.dimensions)) {
      if (typeof source === 'string') this.path(source, `dimension of ${rule.id}`)
      else {
        const column = this.path(source.day_of, `dimension of ${rule.id}`)
        if (column !== undefined && !isInstant(column)) this.unfit(column, 'a date or a time')
      }
    }
    if (aggregate.distinct !== undefined) this.column(aggregate.distinct.of, `distinct of ${rule.id}`)
    const into = this.#db.catalog.tables.get(aggregate.into)
    if (into === undefined) {
      this.#say(`table ${this.#db.catalog.schema}.${aggregate.into} (aggregate of ${rule.id}): expected to exist, got nothing`)
      return
    }
    const counters = [aggregate.count, ...(aggregate.distinct === undefined ? [] : [aggregate.distinct.into])]
    for (const name of [...Object.keys(aggregate.dimensions), ...counters]) {
      if (!into.columns.has(name)) this.#say(`${into.name}.${name} (aggregate of ${rule.id}): expected a column, got nothing of that name`)
    }
    for (const name of counters) {
      const column = into.columns.get(name)
      if (column !== undefined && !isWhole(column))
        this.#say(`${into.name}.${name} (aggregate of ${rule.id}): expected a whole number, got ${column.cast}`)
    }
  }

  /** The column at the end of a path; what is wrong on the way is said once, here. */
  path(path: string, use: string): Column | undefined {
    const [first = '', ...rest] = path.split('.')
    if (rest.length === 0) return this.column(first, use)
    const target = this.#db.policy.collections.get(this.#collection.refs[first]?.collection ?? '')
    const table = this.#db.catalog.tables.get(target?.table ?? '')
    if (target === undefined) {
      this.#say(`${this.#table.name} (${use}): expected a ref ${first} for ${path}, got none`)
      return undefined
    }
    // A missing table or a ref to another source is said where that collection or ref is checked.
    return table === undefined || target.source !== this.#collection.source
      ? undefined
      : new Checking(this.#db, target, table, this.#say).path(rest.join('.'), use)
  }

  unfit(column: Column, expected: string): void {
    this.#say(
      `${this.#table.name}.${column.name}: expected ${expected}, got ${column.cast}${column.not_null ? ' not null' : ''}${column.generated ? ', generated' : ''}`,
    )
  }
}
