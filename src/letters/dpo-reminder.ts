import { RIGHT_TABLE } from '../policy/rights.ts'
import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { facts, link, paragraph, type Letter } from './letter.ts'
import { dayInWords } from './words.ts'

/** Tells staff that a case is due soon or overdue. `kind` is the reminder, such as `t-7` or `overdue`. */
export function dpoReminder(letterCase: LetterCase, reminder: { kind: string; send_by: string; console_url: string }): Letter {
  const overdue = reminder.kind === 'overdue'
  const days = /(\d+)$/.exec(reminder.kind)?.[1]
  const when = days === '1' ? 'tomorrow' : days === undefined ? 'soon' : `in ${days} days`
  return compose(letterCase, overdue ? 'Overdue' : `To be answered ${when}`, [
    paragraph(
      overdue
        ? 'This case is overdue. The answer is still owed; write down why it is late.'
        : `The answer to this case must be sent ${when}.${days === '7' ? ' If it needs an extension, decide that now: later it is void.' : ''}`,
    ),
    facts([
      ['Case', letterCase.reference],
      ['Right', `${RIGHT_TABLE[letterCase.right].label} (${RIGHT_TABLE[letterCase.right].article})`],
      ['Received', dayInWords(letterCase.received_on)],
      ['Send by', dayInWords(reminder.send_by)],
      ['Due', dayInWords(letterCase.due_on)],
    ]),
    link('Open the case', reminder.console_url),
  ])
}
