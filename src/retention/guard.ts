import type { DueCount } from '../sources/source.ts'

/** Who has agreed to a rule's wording so far. */
export interface Confirmation {
  readonly confirmed: boolean
  /** The demonstration has agreed to everything beforehand. */
  readonly by_demo: boolean
}

/**
 * Why a run waits for a person, as a sentence, or undefined when it may go ahead: it is the first under this wording of the rule, or it would
 * take more than `percent` of a table. A run with nothing to do asks nobody.
 */
export function reasonToWait(count: DueCount, confirmation: Confirmation, percent: number): string | undefined {
  if (count.due === 0 || confirmation.by_demo) return undefined
  if (!confirmation.confirmed) {
    return `This is the first run under this wording of the rule; it would take ${rows(count.due)}. Look at the preview, then confirm it.`
  }
  if (count.due * 100 <= count.table_rows * percent) return undefined
  const share = Math.round((count.due * 100) / Math.max(1, count.table_rows))
  return `It would take ${rows(count.due)} of ${count.table_rows} (${share} %); more than ${percent} % needs a person.`
}

/** How many rows a run that nobody has confirmed may take, having counted `due` before it began. */
export function allowance(due: number, limits: { readonly factor: number; readonly plus: number }): number {
  return Math.ceil(due * limits.factor) + limits.plus
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`
}
