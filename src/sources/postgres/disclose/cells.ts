import { LEFT_OUT } from '../../left-out.ts'
import { kindsOf, sparedIn } from '../../redaction.ts'
import type { DiscloseRequest } from '../../source.ts'
import type { Column } from '../catalog/catalog.ts'
import { isJson, isText } from '../catalog/column-types.ts'
import type { Database } from '../connection.ts'
import { mapped, sqlColumn } from '../names.ts'
import type { Parameters } from '../parameters.ts'
import { keysSql } from '../find/predicate.ts'
import { redactedSql } from './redact.ts'

/** What a copy shows, whatever its format. */
export type Shown = Omit<DiscloseRequest, 'format'>

/** A spreadsheet takes a cell that begins so for a formula. */
const FORMULA_STARTS = ['=', '+', '-', '@', '\t', '\r']
const FULL_WIDTH_STARTS = ['＝', '＋', '－', '＠']

/** A cell as Frictionless readers of CSV expect it, as SQL over the row `t`. */
export function csvCellSql(db: Database, shown: Shown, column: Column, parameters: Parameters): string {
  return unlessHidden(db, shown, column, formattedSql(db, column, redactedCellSql(db, shown, column, parameters)), parameters)
}

/** A cell with its value as it is held, as SQL over the row `t`. */
export function jsonCellSql(db: Database, shown: Shown, column: Column, parameters: Parameters): string {
  return unlessHidden(db, shown, column, redactedCellSql(db, shown, column, parameters), parameters)
}

/** A column without what its field wants redacted, unless it is the person's own. */
export function redactedCellSql(db: Database, shown: Shown, column: Column, parameters: Parameters): string {
  const sql = sqlColumn('t', column)
  if (!isRedacted(db, shown, column)) return sql
  const kinds = kindsOf(mapped(db, shown.selection.collection).collection, column.name)
  return `(${redactedSql(db, `${sql}::text`, kinds, sparedIn(shown), parameters)})`
}

export function isRedacted(db: Database, { selection }: Shown, column: Column): boolean {
  return isText(column) && kindsOf(mapped(db, selection.collection).collection, column.name).length > 0
}

/** Whether somebody has decided to leave this cell out, as SQL; `false` where nobody has for any row. */
export function hiddenSql(db: Database, { selection, hidden = [] }: Shown, column: Column, parameters: Parameters): string {
  const keys = hidden.filter((one) => one.column === column.name).flatMap((one) => one.keys)
  return keys.length === 0 ? 'false' : keysSql(db, mapped(db, selection.collection), 't', keys, parameters)
}

function unlessHidden(db: Database, shown: Shown, column: Column, sql: string, parameters: Parameters): string {
  const hidden = hiddenSql(db, shown, column, parameters)
  return hidden === 'false' ? sql : `case when ${hidden} then ${isText(column) ? `'${LEFT_OUT}'` : 'null'} else ${sql} end`
}

/** Whether a cell may begin with anything, as labels of enums and XML do; numbers, days and JSON cannot hold a formula. */
function isWrittenAsText(column: Column): boolean {
  return !'NBDA'.includes(column.category) && !isJson(column)
}

/** Only what is written as text is guarded against formulas, or `-1` would no longer be a number. */
function formattedSql(db: Database, column: Column, sql: string): string {
  if (isWrittenAsText(column)) {
    const starts = db.catalog.utf8 ? [...FORMULA_STARTS, ...FULL_WIDTH_STARTS] : FORMULA_STARTS
    const list = starts.map((start) => `'${start}'`).join(', ')
    const guarded = (text: string): string => `case when left(${text}, 1) collate "C" in (${list}) then '''' || ${text} else ${text} end`
    // What is redacted must not be computed for each place that names it.
    return sql === sqlColumn('t', column) ? guarded(`${sql}::text`) : `(select ${guarded('v')} from (select ${sql} as v offset 0) cell)`
  }
  if (column.type === 'timestamptz') return `regexp_replace(replace(${sql}::text, ' ', 'T'), '\\+00$', 'Z')`
  if (column.type === 'timestamp') return `replace(${sql}::text, ' ', 'T')`
  if (column.category === 'B') return `${sql}::text`
  return column.category === 'A' ? `to_json(${sql})::text` : sql
}
