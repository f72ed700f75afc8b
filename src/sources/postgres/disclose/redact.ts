import { escapeLiteral } from 'pg'

import type { Opening } from '../../source.ts'
import {
  inRedactionOrder,
  patternOf,
  REDACTED_KINDS,
  REMOVED,
  sparedPattern,
  SPARED_AT,
  valuePatterns,
  type RedactedKind,
} from '../../redaction.ts'
import type { Database } from '../connection.ts'
import type { Parameters } from '../parameters.ts'

/** More addresses than this are not one person's; what is above is not spared. */
const MOST_SPARED = 50

/** A text without what the kinds find, as SQL; addresses in `spare` stay. Says the same as redactText(). */
export function redactedSql(
  db: Database,
  sql: string,
  kinds: readonly RedactedKind[],
  spare: readonly string[],
  parameters: Parameters,
): string {
  const gone = (from: string): string =>
    inRedactionOrder(kinds).reduce(
      (text, kind) => `regexp_replace(${text}, ${escapeLiteral(patternOf(kind, db.catalog.utf8))}, '${REMOVED}', 'g')`,
      from,
    )
  const patterns = spare
    .slice(0, MOST_SPARED)
    .flatMap((address) => sparedPattern(address, db.catalog.utf8) ?? [])
    .map((pattern) => parameters.bind(pattern))
  if (patterns.length === 0) return gone(sql)
  const at = `chr(${SPARED_AT.codePointAt(0)})`
  const kept = patterns.reduce((text, pattern) => `regexp_replace(${text}, ${pattern}, '\\1' || ${at} || '\\2', 'g')`, sql)
  return `case when strpos(${sql}, ${at}) > 0 then ${gone(sql)} else replace(${gone(kept)}, ${at}, '@') end`
}

/** A text without any kind and without the values that these openings know the person by, as SQL. */
export function impersonalSql(db: Database, sql: string, openings: readonly Opening[], parameters: Parameters): string {
  const values = openings.flatMap(({ values: known, compare }) => known.flatMap((parts) => parts.map((text) => ({ text, compare }))))
  return valuePatterns(values).reduce(
    (text, pattern) => `regexp_replace(${text}, ${parameters.bind(pattern)}, '${REMOVED}', 'g')`,
    redactedSql(db, sql, REDACTED_KINDS, [], parameters),
  )
}
