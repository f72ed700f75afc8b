import { type Checking, checkName, type Place, say } from './columns.ts'
import type { Strategy } from './schema.ts'

/** A run of a rule has neither the key of a case nor what one person is known by. */
const OF_A_CASE = ['pseudonym', 'redact', 'remove'] as const

/** Reports strategies that need what is not there where they are declared: a case, or an opening by the identifier whose values go. */
export function checkStrategies(checking: Checking): void {
  for (const [name, { value }] of checking.entries.collections) {
    for (const [column, strategy] of Object.entries(value?.set ?? {})) {
      if (strategy === null || !('remove' in strategy)) continue
      const place: Place = { section: 'collections', name, path: ['set', column, 'remove'] }
      checkName(checking, 'identifiers', strategy.remove, place)
      const opened = value?.opened_by.some(({ identifier, columns }) => identifier === strategy.remove && columns.length === 1) === true
      if (!opened && checking.entries.identifiers.has(strategy.remove)) {
        say(checking, place, `an identifier of one column in opened_by of ${name}, whose values go`, `'${strategy.remove}'`)
      }
    }
  }
  for (const [name, { value }] of checking.entries.retention) {
    checkRuleSet(checking, name, value?.set ?? {}, ['set'])
    for (const [index, dependent] of (value?.with ?? []).entries()) checkRuleSet(checking, name, dependent.set, ['with', index, 'set'])
  }
}

function checkRuleSet(checking: Checking, name: string, set: Readonly<Record<string, Strategy>>, path: Place['path']): void {
  for (const [column, strategy] of Object.entries(set)) {
    const word = OF_A_CASE.find((one) => strategy !== null && one in strategy)
    if (word === undefined) continue
    const place: Place = { section: 'retention', name, path: [...path, column, word], of: 'key' }
    say(checking, place, 'null, value, truncate, replace or drop, as a rule has no case', `'${word}'`)
  }
}
