import { checkColumn, checkColumnPath, checkCondition, type Checking, checkName, checkPath, checkSet, type Place, say } from './columns.ts'
import { count } from './problems.ts'
import type { Collection } from './schema.ts'
import { waitInCircles } from './waits.ts'

/** Reports what is wrong with each collection against the rest of the policy. */
export function checkCollections(checking: Checking): void {
  const widths = new Map<string, number>()
  for (const [name, { value }] of checking.entries.collections) {
    if (value === undefined) continue
    checkSource(checking, name, value)
    checkCategory(checking, name, value)
    checkIdentifiers(checking, name, value, widths)
    checkRefs(checking, name, value)
    checkErasure(checking, name, value)
    checkOrder(checking, name, value)
    const restrict = at(name, ['restrict_with'])
    for (const column of Object.keys(value.restrict_with)) checkColumn(checking, name, column, below(restrict, column))
    if (value.organisation_contact !== undefined) checkPath(checking, name, value.organisation_contact, at(name, ['organisation_contact']))
    if (value.organisation_controls !== undefined)
      checkCondition(checking, name, value.organisation_controls, at(name, ['organisation_controls']))
  }
}

function checkSource(checking: Checking, name: string, collection: Collection): void {
  const place = at(name, ['source'])
  checkName(checking, 'sources', collection.source, place)
  const source = checking.entries.sources.get(collection.source)?.value
  if (source?.kind === 'manual')
    say(checking, place, 'a source of kind postgres or http', `'${collection.source}', which a person looks into`)
  if (source?.kind === 'postgres' && collection.table === '') say(checking, at(name, ['table'], 'key'), 'table', 'nothing')
  if (source?.kind === 'http' && collection.http === undefined)
    say(checking, at(name, ['http'], 'key'), 'http (how rows are found at the API)', 'nothing')
}

function checkCategory(checking: Checking, name: string, collection: Collection): void {
  checkName(checking, 'categories', collection.category, at(name, ['category']))
  const opened = collection.opened_by.length > 0
  if (collection.category !== undefined && !opened) {
    say(checking, at(name, ['opened_by'], 'key'), 'opened_by (the identifier that finds a person’s rows), or no category', 'nothing')
  }
  if (collection.category === undefined && opened && collection.opened_by.some((opening) => opening.meaning !== 'bridge')) {
    say(checking, at(name, ['category'], 'key'), 'category (what kind of personal data this is)', 'nothing')
  }
}

/** An identifier has as many parts wherever it is used. */
function checkIdentifiers(checking: Checking, name: string, collection: Collection, widths: Map<string, number>): void {
  const use = (identifier: string, columns: readonly string[], naming: Place, columnsPlace: Place): void => {
    checkName(checking, 'identifiers', identifier, naming)
    for (const column of columns) checkColumnPath(checking, name, column, columnsPlace)
    const width = widths.get(identifier) ?? columns.length
    widths.set(identifier, width)
    if (width !== columns.length)
      say(checking, columnsPlace, `${count(width, 'column')} for ${identifier}, as elsewhere`, String(columns.length))
  }
  for (const [index, { identifier, columns, when, meaning }] of collection.opened_by.entries()) {
    const path = ['opened_by', index]
    for (const column of Object.keys(when)) checkColumn(checking, name, column, at(name, [...path, 'when', column], 'key'))
    if (collection.is_person && meaning === 'bridge')
      say(checking, at(name, [...path, 'meaning']), 'own or shared: a row that is a person is not passed through', "'bridge'")
    use(identifier, columns, at(name, [...path, 'identifier']), at(name, [...path, 'columns']))
  }
  for (const [identifier, columns] of Object.entries(collection.provides)) {
    use(identifier, columns, at(name, ['provides', identifier], 'key'), at(name, ['provides', identifier]))
  }
}

function checkRefs(checking: Checking, name: string, collection: Collection): void {
  for (const [ref, { collection: target, columns }] of Object.entries(collection.refs)) {
    const path = ['refs', ref]
    checkName(checking, 'collections', target, at(name, [...path, 'collection']))
    for (const column of columns) checkColumn(checking, name, column, at(name, [...path, 'columns']))
    const other = checking.entries.collections.get(target)?.value
    if (other === undefined) continue
    if (other.key.length !== columns.length) {
      say(
        checking,
        at(name, [...path, 'columns']),
        `${count(other.key.length, 'column')}, as the key of ${target} has`,
        String(columns.length),
      )
    }
    if (
      other.source !== collection.source &&
      checking.entries.sources.has(collection.source) &&
      checking.entries.sources.has(other.source)
    ) {
      say(
        checking,
        at(name, [...path, 'collection']),
        `a collection of the source ${collection.source}`,
        `'${target}' of the source ${other.source}`,
      )
    }
  }
}

/** Within one source the references say what goes first, and nothing may wait for itself. */
function checkOrder(checking: Checking, name: string, collection: Collection): void {
  for (const [index, other] of collection.after.entries()) {
    checkName(checking, 'collections', other, at(name, ['after', index]))
    const source = checking.entries.collections.get(other)?.value?.source
    if (source === collection.source)
      say(checking, at(name, ['after', index]), 'a collection of another source', `'${other}' of the same source`)
  }
  if (collection.after.length > 0 && waitInCircles(declared(checking)).includes(name))
    say(checking, at(name, ['after'], 'key'), 'an order that can be kept', 'collections that wait for each other')
}

function declared(checking: Checking): Map<string, Collection> {
  return new Map([...checking.entries.collections].flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value] as const])))
}

function checkErasure(checking: Checking, name: string, collection: Collection): void {
  const action = collection.on_erasure
  const set = Object.keys(collection.set).length > 0
  checkSet(checking, name, collection.set, at(name, ['set']))
  if (set && action !== 'keep' && action !== 'detach')
    say(checking, at(name, ['set'], 'key'), 'set only with on_erasure keep or detach', `on_erasure ${action}`)
  if (!set && action === 'detach') say(checking, at(name, ['on_erasure']), 'set (what is changed when rows are detached)', 'nothing')
  if (action === 'leave' && collection.leave_reason === undefined) {
    say(checking, at(name, ['on_erasure']), 'leave_reason (why an erasure does not touch these rows)', 'nothing')
  }
  if (action === 'keep' && collection.keep === undefined) {
    say(checking, at(name, ['on_erasure']), 'keep (legal basis, statute, country and rule)', 'nothing')
  }
  if (collection.keep !== undefined) checkKeep(checking, name, collection, collection.keep)
}

/** What is kept by law needs a rule of the same collection that ends it, and that rule a minimum of the same country (law.md P3). */
function checkKeep(checking: Checking, name: string, collection: Collection, keep: NonNullable<Collection['keep']>): void {
  const place = at(name, ['keep', 'rule'])
  if (collection.on_erasure !== 'keep')
    say(checking, at(name, ['keep'], 'key'), 'keep only with on_erasure keep', `on_erasure ${collection.on_erasure}`)
  checkName(checking, 'retention', keep.rule, place)
  const rule = checking.entries.retention.get(keep.rule)?.value
  if (rule === undefined) return
  if (rule.collection !== name || rule.action !== 'delete') say(checking, place, `a rule that deletes rows of ${name}`, `'${keep.rule}'`)
  else if (keep.basis === 'legal_obligation' && rule.minimum?.country !== keep.country) {
    say(
      checking,
      place,
      `a rule with a minimum of ${keep.country}, as the statute obliges only there`,
      `'${keep.rule}' ${rule.minimum === undefined ? 'without one' : `with one of ${rule.minimum.country}`}`,
    )
  }
}

function at(name: string, path: Place['path'], of: 'key' | 'value' = 'value'): Place {
  return { section: 'collections', name, path, of }
}

function below(place: Place, step: string): Place {
  return { ...place, path: [...place.path, step], of: 'key' }
}
