import { baseColumn } from './column-path.ts'
import type { Entries, Section } from './merge.ts'
import type { Path } from './positions.ts'
import { oneOf } from './problems.ts'
import type { Collection } from './schema.ts'

/** What the checks of the whole policy share: all entries, and a way to say what is wrong at a place of one of them. */
export interface Checking {
  readonly entries: Entries
  readonly report: (section: Section, name: string, path: Path, expected: string, got: string, of?: 'key' | 'value') => void
}

/** The part of an entry that is being checked. */
export interface Place {
  readonly section: Section
  readonly name: string
  readonly path: Path
  readonly of?: 'key' | 'value'
}

/** Columns that a collection declares: its key and its fields. */
function declaredColumns(collection: Collection): ReadonlySet<string> {
  return new Set([...collection.key, ...Object.keys(collection.fields)])
}

/** Reports a column that the collection does not declare; an entry that is itself broken is not judged. */
export function checkColumn(checking: Checking, collection: string, column: string, place: Place): void {
  const known = checking.entries.collections.get(collection)?.value
  if (known === undefined) return
  const columns = declaredColumns(known)
  if (!columns.has(column)) say(checking, place, `a field of ${collection} (${oneOf(columns, column)})`, `'${column}'`)
}

/** Reports a way in such as `members[]` or `payload->owner->mail` whose column the collection does not declare. */
export function checkColumnPath(checking: Checking, collection: string, path: string, place: Place): void {
  checkColumn(checking, collection, baseColumn(path), place)
}

/** Reports a path such as `account.organisation.plan` whose refs or last column are not declared. */
export function checkPath(checking: Checking, collection: string, path: string, place: Place): void {
  const steps = path.split('.')
  const column = steps.pop() ?? ''
  let at = collection
  for (const step of steps) {
    const known = checking.entries.collections.get(at)?.value
    if (known === undefined) return
    const ref = known.refs[step]
    if (ref === undefined) {
      say(
        checking,
        place,
        `a ref of ${at} (${oneOf(Object.keys(known.refs), step)})`,
        `'${step}'${steps.length > 1 ? ` in '${path}'` : ''}`,
      )
      return
    }
    at = ref.collection
  }
  checkColumn(checking, at, column, place)
}

/** Reports the columns that a condition names and the collection does not have. */
export function checkCondition(checking: Checking, collection: string, condition: Readonly<Record<string, unknown>>, place: Place): void {
  for (const path of Object.keys(condition)) checkPath(checking, collection, path, { ...place, path: [...place.path, path], of: 'key' })
}

/** Reports changed fields that the collection does not declare, or that a statute asks to keep. */
export function checkSet(checking: Checking, collection: string, set: Readonly<Record<string, unknown>>, place: Place): void {
  const statutory = statutoryFields(checking, collection)
  for (const column of Object.keys(set)) {
    const at: Place = { ...place, path: [...place.path, column], of: 'key' }
    checkColumn(checking, collection, column, at)
    const statute = statutory.get(column)
    if (statute !== undefined) say(checking, at, `a field that ${statute} does not ask to keep`, `'${column}'`)
  }
}

/** Reports a name that no section declares. */
export function checkName(checking: Checking, wanted: Section, name: string | undefined, place: Place): void {
  const known = checking.entries[wanted]
  if (name !== undefined && !known.has(name)) say(checking, place, oneOf(known.keys(), name), `'${name}', which ${wanted} does not declare`)
}

export function say(checking: Checking, place: Place, expected: string, got: string): void {
  checking.report(place.section, place.name, place.path, expected, got, place.of ?? 'value')
}

/** Fields of a collection that a retention rule's legal minimum names, with the statute. */
function statutoryFields(checking: Checking, collection: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const { value } of checking.entries.retention.values()) {
    if (value?.collection !== collection || value.minimum === undefined) continue
    for (const field of value.minimum.fields) fields.set(field, value.minimum.statute)
  }
  return fields
}
