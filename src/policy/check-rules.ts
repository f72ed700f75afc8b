import { checkColumn, checkCondition, type Checking, checkName, checkPath, checkSet, type Place, say } from './columns.ts'
import type { Rule } from './schema.ts'

/** What each action of a retention rule needs, and what it may not have. */
const NEEDS: Readonly<Record<Rule['action'], { readonly needs: readonly (keyof Rule)[]; readonly refuses: readonly (keyof Rule)[] }>> = {
  delete: { needs: ['collection', 'starts', 'period'], refuses: ['aggregate'] },
  strip: { needs: ['collection', 'starts', 'period'], refuses: ['aggregate'] },
  anonymise: { needs: ['collection', 'starts', 'period', 'aggregate'], refuses: [] },
  attest: { needs: ['period', 'starts_label'], refuses: ['collection', 'starts', 'aggregate'] },
  out_of_reach: { needs: [], refuses: ['collection', 'starts', 'period', 'aggregate'] },
  own_records: { needs: [], refuses: ['collection', 'starts', 'period', 'aggregate'] },
}

const MEANING: Partial<Record<keyof Rule, string>> = {
  collection: 'whose rows it ends',
  starts: 'the column from which the period counts',
  period: 'how long, such as P90D',
  aggregate: 'what is counted before the rows lose their people',
  starts_label: 'the start event in words',
}

/** Reports what is wrong with each retention rule against the rest of the policy. */
export function checkRules(checking: Checking): void {
  for (const [name, { value }] of checking.entries.retention) {
    if (value === undefined) continue
    checkName(checking, 'categories', value.category, at(name, ['category']))
    checkShape(checking, name, value)
    if (value.collection === undefined) continue
    checkName(checking, 'collections', value.collection, at(name, ['collection']))
    checkColumns(checking, name, value, value.collection)
    checkCategoryFits(checking, name, value, value.collection)
    checkWith(checking, name, value, value.collection)
    if (value.minimum !== undefined) checkMinimum(checking, name, value, value.minimum)
  }
  checkEveryCategoryEnds(checking)
}

function checkShape(checking: Checking, name: string, rule: Rule): void {
  const { needs, refuses } = NEEDS[rule.action]
  for (const key of needs) {
    if (rule[key] === undefined)
      say(checking, at(name, ['action']), `${key} (${MEANING[key] ?? ''}) for the action ${rule.action}`, 'nothing')
  }
  for (const key of refuses) {
    if (rule[key] !== undefined) say(checking, at(name, [key], 'key'), `no ${key} for the action ${rule.action}`, `'${key}'`)
  }
  const changes = rule.action === 'strip' || rule.action === 'anonymise'
  const set = Object.keys(rule.set).length > 0
  if (changes && !set) say(checking, at(name, ['action']), `set (what each row loses) for the action ${rule.action}`, 'nothing')
  if (!changes && set) say(checking, at(name, ['set'], 'key'), `no set for the action ${rule.action}`, `'set'`)
}

function checkColumns(checking: Checking, name: string, rule: Rule, collection: string): void {
  for (const path of rule.starts?.of ?? []) checkPath(checking, collection, path, at(name, ['starts']))
  if (typeof rule.period === 'object') checkPath(checking, collection, rule.period.days_from, at(name, ['period', 'days_from']))
  checkCondition(checking, collection, rule.when, at(name, ['when']))
  checkSet(checking, collection, rule.set, at(name, ['set']))
  if (rule.aggregate === undefined) return
  for (const [column, from] of Object.entries(rule.aggregate.dimensions)) {
    checkPath(checking, collection, typeof from === 'string' ? from : from.day_of, at(name, ['aggregate', 'dimensions', column]))
  }
  if (rule.aggregate.distinct !== undefined)
    checkColumn(checking, collection, rule.aggregate.distinct.of, at(name, ['aggregate', 'distinct', 'of']))
}

function checkCategoryFits(checking: Checking, name: string, rule: Rule, collection: string): void {
  const category = checking.entries.collections.get(collection)?.value?.category
  // A category that nothing declares is reported where it stands.
  if (category !== undefined && checking.entries.categories.has(category) && category !== rule.category) {
    say(checking, at(name, ['category']), `${category}, as the collection ${collection} says`, `'${rule.category}'`)
  }
}

function checkWith(checking: Checking, name: string, rule: Rule, collection: string): void {
  for (const [index, part] of rule.with.entries()) {
    const path = ['with', index]
    checkName(checking, 'collections', part.collection, at(name, [...path, 'collection']))
    checkSet(checking, part.collection, part.set, at(name, [...path, 'set']))
    const set = Object.keys(part.set).length > 0
    if (part.action === 'strip' && !set)
      say(checking, at(name, [...path, 'action']), 'set (what each row loses) for the action strip', 'nothing')
    if (part.action === 'delete' && set) say(checking, at(name, [...path, 'set'], 'key'), 'no set for the action delete', `'set'`)
    const other = checking.entries.collections.get(part.collection)?.value
    const target = other?.refs[part.ref]?.collection
    if (other !== undefined && target !== collection && (target === undefined || checking.entries.collections.has(target))) {
      const fitting = Object.entries(other.refs).filter(([, ref]) => ref.collection === collection)
      const names = fitting.map(([ref]) => ref).join(', ')
      const expected = `a ref of ${part.collection} that points at ${collection} (${names === '' ? 'there is none' : names})`
      say(checking, at(name, [...path, 'ref']), expected, `'${part.ref}'`)
    }
  }
}

/** The promised period may not be shorter than the one the statute asks for. */
function checkMinimum(checking: Checking, name: string, rule: Rule, minimum: NonNullable<Rule['minimum']>): void {
  const place = at(name, ['minimum'])
  for (const [index, field] of minimum.fields.entries()) {
    if (rule.collection !== undefined) checkColumn(checking, rule.collection, field, { ...place, path: ['minimum', 'fields', index] })
  }
  if (rule.action !== 'delete') say(checking, { ...place, of: 'key' }, 'a minimum only for the action delete', `the action ${rule.action}`)
  if (typeof rule.period === 'string' && shortest(rule.period) < shortest(minimum.period)) {
    say(checking, at(name, ['period']), `at least ${minimum.period}, which ${minimum.statute} asks for`, `'${rule.period}'`)
  }
}

/** Data without a rule would be kept for ever. */
function checkEveryCategoryEnds(checking: Checking): void {
  const rules = [...checking.entries.retention.values()].flatMap(({ value }) => (value === undefined ? [] : [value]))
  // A rule with a mistake of its own may be the one that is missed.
  if (rules.length < checking.entries.retention.size) return
  const ended = new Set(
    rules.flatMap((rule) => [
      rule.category,
      ...rule.with.map((part) => checking.entries.collections.get(part.collection)?.value?.category),
    ]),
  )
  const manual = new Set([...checking.entries.sources.values()].map(({ value }) => value?.category))
  for (const name of checking.entries.categories.keys()) {
    if (ended.has(name) || manual.has(name)) continue
    say(checking, { section: 'categories', name, path: [], of: 'key' }, `a rule in retention that ends the category ${name}`, 'nothing')
  }
}

/** Days of a period at its shortest. */
function shortest(period: string): number {
  const amount = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(period)?.[1] ?? 0)
  return amount('Y') * 365 + amount('M') * 30.4 + amount('W') * 7 + amount('D')
}

function at(name: string, path: Place['path'], of: 'key' | 'value' = 'value'): Place {
  return { section: 'retention', name, path, of }
}
