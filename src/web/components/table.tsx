import type { ComponentChildren } from 'preact'
import { classes } from './text.ts'

/** One column: its heading, and whether it holds numbers. */
export interface Column {
  head: string
  numeric?: boolean
  /** The heading is read out but not shown. */
  hidden?: boolean
}

/** One line: a key for the renderer and a cell per column; `href`-less, `marked` lines stand out. */
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
}

/** A table whose first column names the line; on a narrow screen it scrolls by itself, not the page. */
export function Table({ caption, captionHidden = false, columns, rows, empty, class: extra }: TableProps) {
  if (rows.length === 0 && empty !== undefined) return <div class="hb-empty">{empty}</div>
  return (
    <div class="hb-scroll" role="region" aria-label={caption} tabindex={0}>
      <table class={classes('govuk-table', extra)}>
        <caption class={classes('govuk-table__caption govuk-table__caption--m', captionHidden && 'govuk-visually-hidden')}>
          {caption}
        </caption>
        <thead class="govuk-table__head">
          <tr class="govuk-table__row">
            {columns.map(({ head, numeric, hidden }) => (
              <th scope="col" key={head} class={classes('govuk-table__header', numeric && 'govuk-table__header--numeric')}>
                {hidden ? <span class="govuk-visually-hidden">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody class="govuk-table__body">
          {rows.map((row) => (
            <TableRow key={row.key} row={row} columns={columns} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function TableRow({ row, columns }: { row: Row; columns: readonly Column[] }) {
  return (
    <tr class={classes('govuk-table__row', row.marked && 'hb-row--marked')}>
      {row.cells.map((cell, index) =>
        index === 0 ? (
          <th scope="row" class="govuk-table__header" key={columns[index]?.head}>
            {cell}
          </th>
        ) : (
          <td class={classes('govuk-table__cell', columns[index]?.numeric && 'govuk-table__cell--numeric')} key={columns[index]?.head}>
            {cell}
          </td>
        ),
      )}
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
