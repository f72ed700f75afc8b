import { FILLERS, makeValue, uuid, type Kind } from './columns.ts'
import { Dice } from './dice.ts'
import type { KeyKind, OnDelete, Shape, TableShape } from './shape.ts'
import { makePeople } from './people.ts'
import type { ForeignKey, Mapped, ModelColumn, ModelTable, Person, Row, SourceId } from './world.ts'

/** A table on whose rows those of others can hang. */
export interface Thing {
  readonly table: ModelTable
  readonly key: KeyKind
  readonly identifier: string
  readonly shape: Pick<TableShape, 'erasure'>
}

type Cells = Record<string, string | null>

const PART_KINDS: Record<KeyKind, readonly Kind[]> = { int: ['int'], uuid: ['uuid'], text: ['text'], composite: ['text', 'int'] }

/** A world under construction: tables, rows and map are added by the kinds of links (links.ts). */
export class Builder {
  readonly dice: Dice
  readonly people: readonly Person[]
  readonly subject: Person
  readonly tables = new Map<string, ModelTable>()
  readonly foreign_keys: ForeignKey[] = []
  readonly collections: Record<string, Mapped> = {}
  readonly identifiers: Record<string, { label: string; compare?: 'email' }> = {
    email: { label: 'E-mail', compare: 'email' },
    person_no: { label: 'Number' },
  }
  readonly things: Thing[] = []
  readonly features = new Set<string>()
  /** Columns of circles, filled when all rows are there. */
  readonly favourites: {
    readonly from: ModelTable
    readonly to: ModelTable
    readonly columns: readonly string[]
    /** The columns by which the rows of `to` point at those of `from`. */
    readonly by: readonly string[]
  }[] = []
  /** People about whose own row an organisation decides. */
  readonly organised = new Set<number>()
  persons: ModelTable
  readonly shape: Shape
  #count = 0

  constructor(shape: Shape) {
    this.shape = shape
    this.dice = new Dice(shape.salt)
    this.people = makePeople(shape, this.dice)
    const subject = this.people[shape.subject % shape.people]
    if (subject === undefined) throw new RangeError('a world without people')
    this.subject = subject
    this.persons = { name: 'people', source: 'main', columns: [], key: [], unique: [], rows: [] }
  }

  get gentle(): boolean {
    return this.shape.gentle
  }

  /** A table with its key, a text, and whatever else: what every table of a world has. */
  addTable(name: string, source: SourceId, key: KeyKind, rest: { fillers: readonly number[]; keep: boolean }): ModelTable {
    if (key === 'composite') this.features.add('a composite key')
    const columns = this.columnsFor(key === 'composite' ? ['bucket', 'n'] : ['k'], key, true)
    const table: ModelTable = { name, source, columns, key: columns.map((column) => column.name), unique: [], rows: [] }
    if (name === 'people') this.persons = table
    table.columns.push({ name: 'note', kind: 'text', not_null: false })
    if (this.dice.percent(30)) {
      table.columns.push({ name: 'slug', kind: 'text', not_null: true })
      table.unique.push(['slug'])
    }
    if (this.dice.percent(40)) table.columns.push({ name: 'secret', kind: 'text', not_null: false })
    if (rest.keep) table.columns.push({ name: 'created_on', kind: 'date', not_null: true })
    rest.fillers.forEach((choice, index) => {
      const kind = FILLERS[choice % FILLERS.length] ?? 'text'
      table.columns.push({ name: `f${index}`, kind, not_null: this.dice.percent(20) })
    })
    this.tables.set(name, table)
    return table
  }

  columnsFor(names: readonly string[], key: KeyKind, not_null: boolean): ModelColumn[] {
    return PART_KINDS[key].map((kind, index) => ({ name: names[index] ?? names[0] ?? '', kind, not_null }))
  }

  /** Columns that hold a key of another table. */
  addLink(table: ModelTable, name: string, key: KeyKind, not_null: boolean): string[] {
    const columns = this.columnsFor(key === 'composite' ? [`${name}_1`, `${name}_2`] : [name], key, not_null)
    table.columns.push(...columns)
    return columns.map((column) => column.name)
  }

  addForeignKey(table: ModelTable, columns: readonly string[], target: ModelTable, on_delete: OnDelete, timing: ForeignKey['timing'] = '') {
    const nullable = columns.every((name) => table.columns.some((column) => column.name === name && !column.not_null))
    const really = on_delete === 'set null' && !nullable ? 'no action' : on_delete
    if (really === 'cascade') this.features.add('ON DELETE CASCADE')
    this.foreign_keys.push({ table: table.name, columns, target: target.name, on_delete: really, timing })
  }

  /** A new row: its key and its other columns are made up. `mark` tells whose texts they are. */
  addRow(table: ModelTable, key: readonly string[], links: Cells, owner: number | undefined, mark: string): Row {
    this.#count++
    const cells: Cells = Object.fromEntries(table.key.map((name, index) => [name, key[index] ?? null]))
    for (const { name, kind, not_null } of table.columns) {
      if (name in cells) continue
      const sign = `«${name === 'secret' ? 'secret' : mark}:${table.name}.${name}:${this.#count}»`
      const linked = links[name]
      cells[name] = linked !== undefined ? linked : !not_null && this.dice.percent(15) ? null : makeValue(kind, this.dice, sign)
    }
    const row = { cells, owner, mark }
    table.rows.push(row)
    return row
  }

  /** Lets the rows of a table open others by their key. */
  provide({ table, identifier }: Thing): void {
    this.identifiers[identifier] = { label: identifier }
    const mapped = this.collections[table.name]
    if (mapped !== undefined) mapped.provides = { ...mapped.provides, [identifier]: [...table.key] }
  }

  newKey(kind: KeyKind, table: ModelTable): string[] {
    const n = ++this.#count
    switch (kind) {
      case 'int':
        return [String(n)]
      case 'uuid':
        return [uuid(this.dice)]
      case 'text':
        return [`${this.dice.pick(['k', 'K', "k'", '%', '_', '"'])}${n}`]
      case 'composite':
        return this.#newPair(table)
    }
  }

  /** A pair that no row of the table has yet, of parts that many of them have. */
  #newPair({ key, rows }: ModelTable): string[] {
    const taken = new Set(rows.map(({ cells }) => JSON.stringify(key.map((name) => cells[name]))))
    for (;;) {
      const pair = [this.dice.pick(['x', 'y', "z'"]), String(this.dice.below(3 + rows.length))]
      if (!taken.has(JSON.stringify(pair))) return pair
    }
  }

  map(table: ModelTable, rest: Partial<Mapped> & Pick<Mapped, 'opened_by'>): Mapped {
    const fields = Object.fromEntries(
      table.columns.map(({ name }) => [
        name,
        name === 'secret' ? { never_disclose: 'secret' } : name === 'body' ? { others_may_appear: true } : {},
      ]),
    )
    const mapped: Mapped = {
      source: table.source,
      table: table.name,
      label: table.name,
      key: [...table.key],
      category: 'data',
      fields,
      ...rest,
    }
    this.collections[table.name] = mapped
    return mapped
  }
}
