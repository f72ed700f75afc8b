import type { ComponentChildren } from 'preact'
import { classes } from './text.ts'

/** One column: its heading, and whether it holds numbers. */
interface Column {
  head: string
  numeric?: boolean
  /** The heading is read out but not shown. */
  hidden?: boolean
}

/** One line: a key for the renderer and a cell per column; a `marked` line stands out. */
export interface Row {
  key: string
  cells: readonly ComponentChildren[]
  marked?: boolean
}

interface TableProps {
  caption: string
  captionHidden?: boolean
  columns: readonly Column[]
  rows: readonly Row[]
  /** What stands there when there is no line. */
  empty?: ComponentChildren
  class?: string
  /** On a narrow screen each line becomes a card, instead of the table scrolling. */
  stack?: boolean
}

/** A table whose first column names the line. Roles are written out because a stacked table loses them with its `display`. */
export function Table(props: TableProps) {
  const { caption, captionHidden = false, columns, rows, empty, class: extra, stack = false } = props
  if (rows.length === 0 && empty !== undefined) return <div class="hb-empty">{empty}</div>
  const table = (
    <table class={classes('govuk-table', stack && 'hb-table--stack', extra)} role="table">
      <caption class={classes('govuk-table__caption govuk-table__caption--m', captionHidden && 'govuk-visually-hidden')}>{caption}</caption>
      <thead class="govuk-table__head" role="rowgroup">
        <tr class="govuk-table__row" role="row">
          {columns.map(({ head, numeric, hidden }) => (
            <th
              scope="col"
              role="columnheader"
              key={head}
              class={classes('govuk-table__header', numeric && 'govuk-table__header--numeric')}
            >
              {hidden ? <span class="govuk-visually-hidden">{head}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody class="govuk-table__body" role="rowgroup">
        {rows.map((row) => (
          <TableRow key={row.key} row={row} columns={columns} />
        ))}
      </tbody>
    </table>
  )
  if (stack) return table
  return (
    <div class="hb-scroll" role="region" aria-label={caption} tabindex={0}>
      {table}
    </div>
  )
}

function TableRow({ row, columns }: { row: Row; columns: readonly Column[] }) {
  return (
    <tr class={classes('govuk-table__row', row.marked && 'hb-row--marked')} role="row">
      {row.cells.map((cell, index) => {
        const column = columns[index]
        const key = column?.head ?? index
        if (index === 0) {
          return (
            <th scope="row" role="rowheader" class="govuk-table__header" key={key}>
              {cell}
            </th>
          )
        }
        const head = column === undefined || column.hidden ? undefined : column.head
        return (
          <td role="cell" class={classes('govuk-table__cell', column?.numeric && 'govuk-table__cell--numeric')} data-head={head} key={key}>
            {cell}
          </td>
        )
      })}
    </tr>
  )
}

/** The ways to the first and the next page of a long list. */
export function Pager({ first, next, text }: { first?: string | null; next?: string | null; text?: string }) {
  if (!first && !next && text === undefined) return null
  return (
    <nav class="hb-pager" aria-label="Pages">
      {text !== undefined && <span class="hb-pager__text">{text}</span>}
      {first && (
        <a class="govuk-link" href={first}>
          First page
        </a>
      )}
      {next && (
        <a class="govuk-link" href={next} rel="next">
          Next page
        </a>
      )}
    </nav>
  )
}
