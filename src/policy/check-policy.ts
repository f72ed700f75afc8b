import { checkCollections } from './check-collections.ts'
import { checkHttp } from './check-http.ts'
import { checkRecovery } from './check-recovery.ts'
import { checkRules } from './check-rules.ts'
import { checkStrategies } from './check-strategies.ts'
import { checkTables } from './check-tables.ts'
import { type Checking, checkName, type Place, say } from './columns.ts'
import { type Merged, problemAt, type Section } from './merge.ts'
import type { PolicyDocument } from './positions.ts'
import type { PolicyProblem } from './problems.ts'

/** Days of each month in its longest year. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Checks that everything that is named exists and fits: names over sections, columns through refs, rules with what they need. */
export function checkPolicy(merged: Merged, documents: readonly PolicyDocument[], report: (problem: PolicyProblem) => void): void {
  const checking: Checking = {
    entries: merged.entries,
    report(section, name, path, expected, got, of = 'value') {
      const document = merged.entries[section].get(name)?.document
      if (document !== undefined) report(problemAt(document, [section, name, ...path], of, expected, got))
    },
  }
  checkPresence(merged, documents, report)
  checkControllers(checking)
  checkSources(checking)
  for (const [name, { value }] of merged.entries.categories) {
    checkName(checking, 'controllers', value?.controller, { section: 'categories', name, path: ['controller'] })
    for (const [index, recipient] of (value?.recipients ?? []).entries()) {
      checkName(checking, 'recipients', recipient, { section: 'categories', name, path: ['recipients', index] })
    }
  }
  checkCollections(checking)
  checkTables(checking)
  checkHttp(checking)
  checkRecovery(checking)
  checkRules(checking)
  checkStrategies(checking)
}

/** Without these nothing could be answered at all. */
function checkPresence(merged: Merged, documents: readonly PolicyDocument[], report: (problem: PolicyProblem) => void): void {
  const first = documents[0]
  if (first === undefined) return
  const needed: readonly Section[] = ['controllers', 'sources', 'categories']
  for (const section of needed) {
    if (merged.entries[section].size === 0) report(problemAt(first, [], 'value', `at least one entry in ${section}, in any file`, 'none'))
  }
  const email = merged.entries.identifiers.get('email')
  if (email === undefined) report(problemAt(first, [], 'value', 'the identifier email, which the code in the mail proves', 'none'))
  else if (email.value?.compare === 'exact') {
    report(
      problemAt(
        email.document,
        ['identifiers', 'email'],
        'value',
        'compare: email, as letters of an address may differ in case',
        "'exact'",
      ),
    )
  }
}

function checkControllers(checking: Checking): void {
  for (const [name, { value }] of checking.entries.controllers) {
    if (value === undefined) continue
    const at = (field: string): Place => ({ section: 'controllers', name, path: [field] })
    if (!isZone(value.zone)) say(checking, at('zone'), 'an IANA time zone such as Europe/Amsterdam', `'${value.zone}'`)
    const [month = 0, day = 0] = value.fiscal_year_ends.split('-').map(Number)
    if (day < 1 || day > (LONGEST[month - 1] ?? 0)) {
      say(checking, at('fiscal_year_ends'), 'a day of the year as MM-DD, such as 12-31', `'${value.fiscal_year_ends}'`)
    }
  }
}

function checkSources(checking: Checking): void {
  for (const [name, { value }] of checking.entries.sources) {
    if (value === undefined) continue
    const at = (path: string, of: 'key' | 'value' = 'value'): Place => ({ section: 'sources', name, path: [path], of })
    checkName(checking, 'controllers', value.controller, at('controller'))
    checkName(checking, 'categories', value.category, at('category'))
    for (const [index, identifier] of value.opened_by.entries()) {
      checkName(checking, 'identifiers', identifier, { section: 'sources', name, path: ['opened_by', index] })
    }
    if (value.kind === 'manual') {
      if (value.instructions === undefined) say(checking, at('kind'), 'instructions (what the person is asked to do)', 'nothing')
      if (value.category === undefined) say(checking, at('kind'), 'category (of what is found there)', 'nothing')
    } else {
      if (value.instructions !== undefined)
        say(checking, at('instructions', 'key'), 'instructions only for a source of kind manual', `'${value.kind}'`)
      if (value.category !== undefined) say(checking, at('category', 'key'), 'category only for a source of kind manual', `'${value.kind}'`)
      if (value.opened_by.length > 0) say(checking, at('opened_by', 'key'), 'opened_by only for a source of kind manual', `'${value.kind}'`)
      if (value.assignee !== undefined) say(checking, at('assignee', 'key'), 'assignee only for a source of kind manual', `'${value.kind}'`)
    }
    if (value.kind === 'http' && value.http === undefined) say(checking, at('kind'), 'http (how the API is spoken to)', 'nothing')
    if (value.kind !== 'http' && value.http !== undefined)
      say(checking, at('http', 'key'), 'http only for a source of kind http', `'${value.kind}'`)
  }
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
